"""Idempotency keys: several at one instant, somebody who dies in the middle, an engine that is away."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest

from api.app import create_app
from api.gateway import EngineAwayError
from engine.domain.cycle import commands as c
from engine.domain.cycle.events import Commented
from engine.store.registers.claims import Claims, KeptAnswer, Key
from tests.api.conftest import Http, plain, problem
from tests.support import city, past

TEXTS = tuple("一二三四五六七八")


@pytest.fixture
def http(resumed: Http) -> Http:
    """Every test looks at the cycles that it begins, so that the file has one city of each kind."""
    return resumed


def said(http: Http, cycle: str) -> list[str]:
    events = http.office.journal.events(cycle)
    return [event.data.text for event in events if isinstance(event.data, Commented)]


async def at_once(http: Http, cycle: str, texts: tuple[str, ...], key: str) -> list[httpx.Response]:
    return await asyncio.gather(
        *(http.call("POST", f"/cycles/{cycle}/comments", json={"text": text}, idempotency_key=key) for text in texts)
    )


async def test_of_eight_bodies_at_one_instant_under_one_key_one_is_done_and_seven_are_refused(http: Http) -> None:
    cycle = await http.start()
    for key in ("a", "b", "c"):
        answers = await at_once(http, cycle, TEXTS, key)
        assert sorted(answer.status_code for answer in answers) == [200] + [422] * 7
        refused = [problem(answer)[1] for answer in answers if answer.status_code == 422]
        assert set(refused) == {"idempotency_key_reused"}
        done = [text for text, answer in zip(TEXTS, answers, strict=True) if answer.status_code == 200]
        assert said(http, cycle)[-1:] == done
    assert len(said(http, cycle)) == 3


async def test_the_same_body_eight_times_at_one_instant_is_one_event_and_eight_equal_answers(http: Http) -> None:
    cycle = await http.start()
    answers = await at_once(http, cycle, ("同じ",) * 8, "k")
    assert {(answer.status_code, answer.text, answer.headers["etag"]) for answer in answers} == {
        (200, answers[0].text, '"2"')
    }
    assert said(http, cycle) == ["同じ"]


async def test_three_decisions_at_one_instant_under_one_key_are_one_decision(http: Http) -> None:
    cycle = await past.at_work(http.office, past.in_review(http.office))
    bodies = [{"action": "approve", "round": 1}] + [
        {"action": action, "round": 1, "reason": "理由"} for action in ("return", "reject")
    ]
    answers = await asyncio.gather(
        *(
            http.call("POST", f"/cycles/{cycle}/decisions", city.UNIT_CHIEF, body, idempotency_key="one")
            for body in bodies
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200, 422, 422]
    made = (await http.call("GET", f"/cycles/{cycle}")).json()["decisions"]
    done = [body["action"] for body, answer in zip(bodies, answers, strict=True) if answer.status_code == 200]
    assert [one["action"] for one in made] == done


async def test_two_initiatives_at_one_instant_under_one_key_are_one(http: Http) -> None:
    asked, name = {"org_scope": "individual", "org_unit": "U", "work_scope": "task"}, uuid4().hex
    before = http.journal()
    answers = await asyncio.gather(
        *(http.call("POST", "/initiatives", json=asked | {"title": title}, idempotency_key=name) for title in "甲乙")
    )
    assert sorted(answer.status_code for answer in answers) == [201, 422]
    assert http.journal() == before + 1


def key(person: str, name: str, fingerprint: str, request: str) -> Key:
    return Key(person, name, fingerprint, request)


async def test_a_key_that_a_dead_request_left_is_taken_over_by_the_same_body_and_by_no_other(
    http: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.http.idempotency.LOOKS_DEAD", 0.2)
    cycle = await http.start()
    claims = Claims(http.office.database)
    first = await http.call("POST", f"/cycles/{cycle}/comments", json={"text": "一"}, idempotency_key="k")
    assert first.status_code == 200
    died = "UPDATE answer SET status = NULL, headers = NULL, body = NULL, claim = 'dead' WHERE key = 'k'"
    with http.office.database.begin() as connection:
        connection.exec_driver_sql(died)
    other = await http.call("POST", f"/cycles/{cycle}/comments", json={"text": "二"}, idempotency_key="k")
    assert problem(other)[:2] == (422, "idempotency_key_reused")
    again = await http.call("POST", f"/cycles/{cycle}/comments", json={"text": "一"}, idempotency_key="k")
    assert (again.status_code, again.json()["revision"], said(http, cycle)) == (200, 2, ["一"])
    assert claims.claim(key(city.OWNER, "k", "x", "r")) == "other_content"


def test_a_claim_is_one_persons_and_binds_the_key_to_its_content(http: Http) -> None:
    claims, mine = Claims(http.office.database), key("p1", "k", "print", "r1")
    assert claims.claim(mine) == "ours"
    assert claims.claim(key("p1", "k", "print", "r2")) == "under_way"
    assert claims.claim(key("p1", "k", "other", "r2"), take_over=True) == "other_content"
    assert claims.claim(key("p2", "k", "other", "r3")) == "ours"
    claims.release(mine)
    assert claims.claim(key("p1", "k", "other", "r4")) == "other_content"
    assert claims.claim(key("p1", "k", "print", "r5")) == "ours"
    kept = KeptAnswer(200, "{}", "一")
    assert claims.keep(key("p1", "k", "print", "r5"), kept) == kept
    assert claims.keep(key("p1", "k", "print", "r1"), KeptAnswer(200, "{}", "二")) == kept
    assert claims.claim(key("p1", "k", "print", "r6")) == kept


class Flaky:
    """A gateway's command that finds the engine away for some cycles."""

    def __init__(self, http: Http, away: set[str]) -> None:
        self.away, self._real = away, http.app.state.desk.gateway.command

    async def __call__(self, cycle: str, command: c.Command) -> c.Receipt:
        if cycle in self.away:
            raise EngineAwayError
        receipt: c.Receipt = await self._real(cycle, command)
        return receipt


async def test_a_bulk_answer_that_says_try_again_is_not_kept_and_the_same_key_does_what_is_left(
    http: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    cycles = [await past.at_work(http.office, past.in_review(http.office)) for _ in range(3)]
    flaky = Flaky(http, {cycles[1]})
    monkeypatch.setattr(http.app.state.desk.gateway, "command", flaky)
    asked = {"items": [{"cycle_id": cycle, "round": 1, "action": "approve"} for cycle in cycles]}
    decide_all: Callable[[], Any] = lambda: http.call(  # noqa: E731 - said twice below
        "POST", "/inbox/decisions", city.UNIT_CHIEF, asked, idempotency_key="bulk"
    )
    first = await decide_all()
    assert (first.status_code, first.headers["retry-after"]) == (200, "2")
    failed = [one for one in first.json()["items"] if not one["ok"]]
    assert cycles[1] in {one["cycle_id"] for one in failed}
    assert {one["problem"]["status"] for one in failed} == {503}
    flaky.away.clear()
    again = await decide_all()
    assert [one["ok"] for one in again.json()["items"]] == [True] * 3
    assert "idempotency-replayed" not in again.headers
    assert (await decide_all()).headers["idempotency-replayed"] == "true"
    for cycle in cycles:
        assert len((await http.call("GET", f"/cycles/{cycle}")).json()["decisions"]) == 1


async def test_an_answer_that_says_try_again_is_not_kept_and_the_key_stays_bound_to_its_body(
    http: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    cycle = await http.start()
    flaky = Flaky(http, {cycle})
    monkeypatch.setattr(http.app.state.desk.gateway, "command", flaky)
    away = await http.call("POST", f"/cycles/{cycle}/comments", json={"text": "一"}, idempotency_key="k")
    assert problem(away)[:2] == (503, "engine_away")
    flaky.away.clear()
    other = await http.call("POST", f"/cycles/{cycle}/comments", json={"text": "二"}, idempotency_key="k")
    assert problem(other)[:2] == (422, "idempotency_key_reused")
    again = await http.call("POST", f"/cycles/{cycle}/comments", json={"text": "一"}, idempotency_key="k")
    assert (again.status_code, again.json()["revision"]) == (200, 2)


async def test_a_draft_that_is_in_the_journal_is_answered_again_though_the_step_has_moved_on(http: Http) -> None:
    cycle = await http.start()
    draft = plain(city.imagine())
    first = await http.call("PUT", f"/cycles/{cycle}/draft", json=draft, idempotency_key="d")
    assert first.status_code == 200
    with http.office.database.begin() as connection:
        connection.exec_driver_sql("DELETE FROM answer")
    await http.call("POST", f"/cycles/{cycle}/submit")
    await http.approve(cycle)
    again = await http.call("PUT", f"/cycles/{cycle}/draft", json=draft, idempotency_key="d")
    assert (again.status_code, again.json()["step"]) == (200, "transform")
    changed = await http.call("PUT", f"/cycles/{cycle}/draft", json={"ideal_statement": "別"}, idempotency_key="d")
    assert problem(changed)[:2] == (422, "idempotency_key_reused")


async def test_an_answer_never_shows_the_cycle_as_it_was_before(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    cycle = await http.start()
    hurried = http.office.settings.model_copy(update={"database_patience": 0.2})
    ahead = c.Receipt(cycle_id=cycle, command_id="x", revision=9)

    async def accepted(_cycle: str, _command: c.Command) -> c.Receipt:
        return ahead

    with monkeypatch.context() as patched:
        patched.setattr(http.app.state.desk.gateway, "command", accepted)
        patched.setattr(http.app.state.desk, "settings", hurried)
        early = await http.call("POST", f"/cycles/{cycle}/comments", json={"text": "一"}, idempotency_key="k")
    assert problem(early)[:2] == (503, "not_written_yet")
    later = await http.call("POST", f"/cycles/{cycle}/comments", json={"text": "一"}, idempotency_key="k")
    assert (later.status_code, later.json()["revision"]) == (200, 2)


async def test_equal_absences_at_one_instant_leave_one(http: Http) -> None:
    asked = {"from": "2030-04-01", "to": "2030-04-03", "proxy": city.OTHER}
    answers = await asyncio.gather(
        *(http.call("POST", "/absences", json=asked, idempotency_key=uuid4().hex) for _ in range(8))
    )
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    assert len((await http.call("GET", "/absences")).json()["items"]) == 1


async def test_two_apis_that_get_the_same_at_one_instant_do_it_once_and_refuse_what_differs(
    http: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.http.idempotency.LOOKS_DEAD", 60.0)
    cycle = await http.start()
    other_app = create_app(http.office.settings)
    async with other_app.router.lifespan_context(other_app):
        transport = httpx.ASGITransport(app=other_app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://other") as client:
            other = Http(client, http.office, other_app, http.tokens)
            for key, texts in (("same", ("同",) * 8), ("differ", TEXTS)):
                both = (at_once(http, cycle, texts[:4], key), at_once(other, cycle, texts[4:], key))
                answers = [answer for some in await asyncio.gather(*both) for answer in some]
                done = {answer.text for answer in answers if answer.status_code == 200}
                assert len(done) == 1
                assert sum(answer.status_code == 422 for answer in answers) == (7 if key == "differ" else 0)
    assert len(said(http, cycle)) == 2
