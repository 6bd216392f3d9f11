"""Moves beside the route over HTTP, and what reading does after a cycle has ended."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from engine.domain.review.policy import Policy, Rule
from engine.store.record import verify as check
from tests.api.conftest import Http, problem
from tests.support import city, past

AWAY = city.away_now()


@pytest.fixture
def http(resumed: Http) -> Http:
    """For tests that look at the cycle that they begin."""
    return resumed


@pytest.fixture
async def cycle(http: Http) -> str:
    """A cycle whose first step waits for a decision."""
    return await past.at_work(http.office, past.in_review(http.office))


async def inbox(http: Http, cycle: str, person: str, query: str = "") -> list[tuple[str, int | None]]:
    """What of a cycle lies in somebody's inbox."""
    items = (await http.call("GET", f"/inbox?limit=200{query}", person)).json()["items"]
    return [(one["why"], one["n"]) for one in items if one["cycle_id"] == cycle]


@pytest.fixture
async def circulating(alone: Http) -> Http:
    alone.office.import_(policy=Policy(id="reading", rules=(Rule(circulate=("head@D",)),)))
    return alone


async def test_a_question_goes_to_the_owner_and_its_answer_comes_back_without_returning(
    http: Http, cycle: str
) -> None:
    asked = await http.call("POST", f"/cycles/{cycle}/questions", city.UNIT_CHIEF, {"text": "何件"})
    assert asked.json()["step_status"] == "in_review"
    assert await inbox(http, cycle, city.OWNER) == [("question", 1)]
    assert problem(await http.call("POST", f"/cycles/{cycle}/questions", city.OTHER, {"text": "?"}))[0] == 403
    answered = await http.call("POST", f"/cycles/{cycle}/questions/1/answer", json={"text": "千件"})
    assert answered.json()["questions"][0]["answer"] == "千件"
    assert await inbox(http, cycle, city.OWNER) == []


async def test_a_superior_sees_below_only_when_they_ask_and_pulls_up_by_saying_so(http: Http, cycle: str) -> None:
    assert (await inbox(http, cycle, city.DIRECTOR), await inbox(http, cycle, city.DIRECTOR, "&below=true")) == (
        [], [("pull_up", None)],
    )  # fmt: skip
    asked = {"action": "approve", "round": 1}
    assert problem(await http.call("POST", f"/cycles/{cycle}/decisions", city.DIRECTOR, asked))[0] == 403
    done = await http.call("POST", f"/cycles/{cycle}/decisions", city.DIRECTOR, asked | {"pull_up": True})
    assert done.json()["decisions"][0]["acted_as"] == "pull_up"
    assert await inbox(http, cycle, city.UNIT_CHIEF) == [("post_review", 1)]


async def test_what_was_decided_for_an_absent_chief_is_read_after_the_cycle_has_ended(
    circulating: Http, database: Engine
) -> None:
    http = circulating
    await http.call("POST", "/absences", city.UNIT_CHIEF, AWAY)
    cycle = await http.start()
    await http.hand_in(cycle, city.imagine())
    rejected = {"action": "reject", "round": 1, "reason": "重複"}
    done = await http.call("POST", f"/cycles/{cycle}/decisions", city.PROXY, rejected)
    assert done.json()["status"] == "rejected"
    handle = http.office.client.get_workflow_handle(f"cycle/{cycle}")
    await handle.result(rpc_timeout=timedelta(seconds=20))
    assert await inbox(http, cycle, city.UNIT_CHIEF) == [("post_review", 1)]
    assert await inbox(http, cycle, city.DIRECTOR) == [("circulation", None)]
    read = f"/cycles/{cycle}/post-reviews/1/read"
    assert problem(await http.call("POST", read, city.PROXY))[1] == "not_your_post_review"
    for _ in range(2):
        seen = await http.call("POST", read, city.UNIT_CHIEF, {"text": "了解"}, idempotency_key="once")
        assert seen.json()["post_reviews"][0]["text"] == "了解"
    assert problem(await http.call("POST", read, city.UNIT_CHIEF))[:2] == (409, "post_reviewed_already")
    await http.call("POST", f"/cycles/{cycle}/circulation/read", city.DIRECTOR)
    assert await inbox(http, cycle, city.UNIT_CHIEF) == await inbox(http, cycle, city.DIRECTOR) == []
    assert problem(await http.call("POST", f"/cycles/{cycle}/comments", json={"text": "?"}))[1] == "cycle_closed"
    assert check.verify(database).faults == ()
    check.rebuild(database)
    assert check.verify(database).faults == ()


async def test_an_overdue_condition_says_so(http: Http, cycle: str, monkeypatch: pytest.MonkeyPatch) -> None:
    today = http.office.directory.facts().today
    asked = {"action": "approve_with_conditions", "round": 1, "conditions": [{"text": "説明", "due": f"{today}"}]}
    done = (await http.call("POST", f"/cycles/{cycle}/decisions", city.UNIT_CHIEF, asked)).json()
    assert done["conditions"][0]["overdue"] is False
    later = http.office.directory.now() + timedelta(days=1)
    monkeypatch.setattr(http.app.state.directory, "now", lambda: later)
    assert (await http.call("GET", f"/cycles/{cycle}")).json()["conditions"][0]["overdue"] is True


async def test_approve_and_reject_at_the_same_instant_have_one_winner_and_one_clear_409(
    http: Http, cycle: str
) -> None:
    path = f"/cycles/{cycle}/decisions"
    answers = await asyncio.gather(
        http.call("POST", path, city.UNIT_CHIEF, {"action": "approve", "round": 1}),
        http.call("POST", path, city.UNIT_CHIEF, {"action": "reject", "round": 1, "reason": "別案"}),
    )
    (winner,) = [one for one in answers if one.status_code == 200]
    (loser,) = [one for one in answers if one.status_code != 200]
    assert problem(loser)[0] == 409
    assert len(winner.json()["decisions"]) == 1
