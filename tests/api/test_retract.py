"""決裁の取消し by HTTP and in the terminal, with the engine: also of what had ended the cycle."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from engine.contracts.cycle import workflow_id
from engine.store.record import verify as check
from tests.api.conftest import Http, Terminal, problem
from tests.support import city, past
from workflows.upkeep.census import readopt_cycles, running_cycles

CHIEF, OWNER = city.UNIT_CHIEF, city.OWNER
WHY = {"round": 1, "reason": "押し間違い"}


@pytest.fixture
def http(resumed: Http) -> Http:
    """Every test looks at the cycles that it begins, so that the file has one city of each kind."""
    return resumed


async def decided(http: Http, action: str = "approve", **more: Any) -> str:
    cycle = await past.at_work(http.office, past.in_review(http.office))
    asked = {"action": action, "round": 1} | more
    answer = await http.call("POST", f"/cycles/{cycle}/decisions", CHIEF, asked)
    assert answer.status_code == 200, answer.text
    return cycle


async def asked_of_the_chief(http: Http) -> set[str]:
    """The cycles in the inbox."""
    return {one["cycle_id"] for one in (await http.call("GET", "/inbox?limit=200", CHIEF)).json()["items"]}


async def cases(http: Http) -> set[str]:
    """The cycles whose results are in the library."""
    return {one["id"] for one in (await http.call("GET", "/cases?limit=200")).json()["items"]}


async def retract(http: Http, cycle: str, person: str = CHIEF, body: Any = None, **headers: str) -> Any:
    return await http.call("POST", f"/cycles/{cycle}/decisions/retract", person, body or WHY, **headers)


async def test_the_last_decision_is_taken_back_and_the_step_is_in_review_again(http: Http) -> None:
    cycle = await decided(http)
    answer = await retract(http, cycle)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["step"], found["step_status"], found["round"]) == ("imagine", "in_review", 1)
    assert (found["decisions"], found["waiting_for"]["people"]) == ([], [CHIEF])
    (gone,) = found["retracted_decisions"]
    assert (gone["action"], gone["by"], gone["retracted_because"]) == ("approve", CHIEF, "押し間違い")
    assert answer.headers["etag"] == f'"{found["revision"]}"'
    assert cycle in await asked_of_the_chief(http)
    events = (await http.call("GET", f"/cycles/{cycle}/events")).json()["items"]
    assert events[-1]["type"] == "decision_retracted"
    assert (await http.approve(cycle))["step"] == "transform"


async def test_a_key_makes_it_safe_to_repeat_and_an_older_revision_is_refused(http: Http) -> None:
    cycle = await decided(http)
    assert problem(await retract(http, cycle, if_match='"2"'))[:2] == (412, "revision_differs")
    first = await retract(http, cycle, idempotency_key="back")
    again = await retract(http, cycle, idempotency_key="back")
    assert (first.status_code, again.status_code, again.text) == (200, 200, first.text)
    other = await retract(http, cycle, body={"round": 1, "reason": "別"}, idempotency_key="back")
    assert problem(other)[:2] == (422, "idempotency_key_reused")
    assert problem(await retract(http, cycle))[:2] == (409, "retracted_already")


async def test_the_refusal_says_in_words_who_did_what_and_names_no_id(http: Http) -> None:
    cycle = await decided(http)
    assert problem(await retract(http, cycle, OWNER))[:2] == (403, "not_your_decision_to_retract")
    assert problem(await retract(http, cycle, body={"round": 1}))[:2] == (422, "invalid_fields")
    assert problem(await retract(http, cycle, body={"reason": "?"}))[:2] == (422, "invalid_fields")
    await http.call("PUT", f"/cycles/{cycle}/draft", OWNER, {})
    for language, words in (
        ("ja", "その後ownerさんが続きを書いているため"),
        ("en", "owner has gone on writing since"),
    ):
        answer = await retract(http, cycle, accept_language=language)
        assert problem(answer)[:2] == (409, "retract_followed")
        assert words in answer.json()["detail"]
        assert cycle not in answer.json()["detail"]
        assert answer.json()["params"]["what"] == "draft_saved"


async def until_ended(http: Http, cycle: str) -> None:
    handle = http.office.client.get_workflow_handle(workflow_id(cycle))
    async with asyncio.timeout(15):
        await handle.result()


@pytest.mark.slow
@pytest.mark.parametrize("wait", [False, True])
async def test_a_rejection_is_taken_back_and_the_cycle_runs_again_under_its_id(http: Http, wait: bool) -> None:
    cycle = await decided(http, "reject", reason="重複")
    if wait:
        await until_ended(http, cycle)
    answer = await retract(http, cycle, idempotency_key="back")
    assert answer.status_code == 200, answer.text
    assert (answer.json()["status"], answer.json()["step_status"]) == ("active", "in_review")
    assert (await retract(http, cycle, idempotency_key="back")).text == answer.text
    assert (await http.approve(cycle))["step"] == "transform"
    assert (await http.hand_in(cycle, city.transform()))["round"] == 2
    database = http.app.state.desk.database
    assert check.verify(database).faults == ()
    assert (await running_cycles(http.office.client, [cycle]))[0] == []


async def test_a_crash_between_the_record_and_the_start_is_healed_by_asking_again_and_by_readopting(
    http: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = http.office.client

    async def dies(_self: Any, _cycle: str) -> None:
        raise RuntimeError("the process is gone")

    for heal in ("ask", "readopt"):
        cycle = await decided(http, "reject", reason="重複")
        await until_ended(http, cycle)
        with monkeypatch.context() as crashing:
            crashing.setattr("api.gateway.Gateway._reopen", dies)
            assert (await retract(http, cycle, idempotency_key=f"back-{heal}")).status_code == 500
        assert http.office.state(cycle).status.is_open
        if heal == "ask":
            assert (await retract(http, cycle, idempotency_key=f"back-{heal}")).status_code == 200
        else:
            queue = http.office.settings.task_queue
            office = http.office
            assert await readopt_cycles(client, office.directory.state, [cycle], queue, office.journal.seen) == 1
        assert (await http.approve(cycle))["step"] == "transform"
    kinds = [event.data.type for event in http.office.journal.events(cycle)]
    assert kinds.count("decision_retracted") == 1


@pytest.mark.slow
async def test_a_share_that_closes_the_spiral_is_taken_back_and_one_with_a_next_cycle_names_it(http: Http) -> None:
    closing, growing = await http.start(), await http.start()
    for cycle, following in ((closing, []), (growing, [{"kind": "expand", "org_scope": "unit", "reason": "効いた"}])):
        for deliverable in (city.imagine(), city.transform(), city.realise(), city.share(*following)):
            await http.hand_in(cycle, deliverable)
            found = await http.approve(cycle)
        assert found["status"] == "completed"
    number = {"round": found["round"], "reason": "押し間違い"}
    refused = await retract(http, growing, body=number)
    assert problem(refused)[:2] == (409, "retract_opened")
    assert refused.json()["params"]["cycle"] == found["next"][0]["cycle_id"]
    assert "「届く窓口」" in refused.json()["detail"]
    assert {closing, growing} <= await cases(http)
    answer = await retract(http, closing, body=number)
    assert (answer.json()["status"], answer.json()["step"]) == ("active", "share")
    assert (closing in await cases(http), growing in await cases(http)) == (False, True)
    assert (await http.approve(closing))["status"] == "completed"
    assert {closing, growing} <= await cases(http)


async def test_a_decision_made_in_bulk_is_taken_back_and_lies_in_the_inbox_again(http: Http) -> None:
    cycles = [await past.at_work(http.office, past.in_review(http.office)) for _ in range(2)]
    items = [{"cycle_id": cycle, "round": 1, "action": "approve"} for cycle in cycles]
    assert all(
        one["ok"] for one in (await http.call("POST", "/inbox/decisions", CHIEF, {"items": items})).json()["items"]
    )
    assert not set(cycles) & await asked_of_the_chief(http)
    await retract(http, cycles[1])
    assert set(cycles) & await asked_of_the_chief(http) == {cycles[1]}


async def test_a_hold_is_taken_back_and_the_due_time_is_that_of_before(http: Http) -> None:
    cycle = await http.start()
    before = (await http.hand_in(cycle, city.imagine()))["waiting_for"]["due_at"]
    until = (http.office.directory.facts().today + timedelta(days=30)).isoformat()
    held = {"action": "hold", "round": 1, "hold_until": until}
    assert (await http.call("POST", f"/cycles/{cycle}/decisions", CHIEF, held)).json()["status"] == "on_hold"
    again = (await retract(http, cycle)).json()
    assert (again["status"], again["hold"], again["waiting_for"]["due_at"]) == ("active", None, before)


async def test_the_terminal_takes_a_decision_back(http: Http, typed: Terminal) -> None:
    cycle = await decided(http, "return", reason="数字")
    assert "in_review" in "\n".join(await typed("retract", cycle, "--reason", "押し間違い", person=CHIEF))
    assert http.office.state(cycle).retracted[0].action.value == "return"
    assert http.office.state(cycle).returned is None
