"""A draft by HTTP: kept without the engine, compared by both halves of its mark, discarded, handed in by `submit`."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import text

from engine.domain.cycle import commands as c
from engine.domain.review.review import Action
from engine.domain.steps import Step
from tests.api.conftest import Http, plain, problem
from tests.support import city, past


@pytest.fixture
def http(resumed: Http) -> Http:
    """Every test looks at the cycles that it begins, so that the file has one city of each kind."""
    return resumed


async def write(http: Http, cycle: str, words: str = "届く", person: str = city.OWNER, **headers: str) -> Any:
    return await http.call("PUT", f"/cycles/{cycle}/draft", person, {"ideal_statement": words}, **headers)


async def seen(http: Http, cycle: str, person: str = city.OWNER) -> tuple[str, Any]:
    """What stands there as the ideal, and the draft."""
    answer = await http.call("GET", f"/cycles/{cycle}", person)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    return body["deliverables"][body["step"]].get("ideal_statement", ""), body["draft"]


async def test_a_draft_makes_no_event_and_its_answers_say_so(http: Http) -> None:
    cycle = await http.start()
    before = http.journal()
    first = await write(http, cycle, "一")
    second = await write(http, cycle, "二", if_match=first.headers["etag"])
    assert [one.headers["etag"] for one in (first, second)] == ['"1.1"', '"1.2"']
    body = second.json()
    assert (body["revision"], body["draft"]["revision"], body["draft"]["valid"]) == (1, 2, True)
    assert body["deliverables"]["imagine"]["ideal_statement"] == "二"
    assert http.journal() == before
    assert (await http.office.engine_state(cycle)).deliverables.imagine.ideal_statement is None
    unchanged = await http.call("GET", f"/cycles/{cycle}", if_none_match='"1.2"')
    assert unchanged.status_code == 304
    assert (await http.call("GET", f"/cycles/{cycle}", if_none_match='"1.1"')).status_code == 200
    item = (await http.call("GET", "/cycles?owner=me")).json()["items"][0]
    assert item["id"] == cycle
    assert (item["draft"], item["deliverables"]) == (body["draft"], body["deliverables"])


async def test_a_draft_is_kept_while_the_engine_is_away(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    cycle = await http.start()
    monkeypatch.setattr(http.app.state.desk, "gateway", None)
    assert (await write(http, cycle)).status_code == 200
    assert (await http.call("DELETE", f"/cycles/{cycle}/draft")).status_code == 204


async def test_two_tabs_never_overwrite_each_other_unseen(http: Http) -> None:
    cycle = await http.start()
    answers = await asyncio.gather(*(write(http, cycle, str(n), if_match='"1"') for n in range(4)))
    assert sorted(one.status_code for one in answers) == [200, 412, 412, 412]
    late = next(one for one in answers if one.status_code == 412)
    assert (problem(late)[1], late.json()["params"]["revision"]) == ("revision_differs", "1.1")
    gone = await http.call("DELETE", f"/cycles/{cycle}/draft", if_match='"1"')
    assert problem(gone)[:2] == (412, "revision_differs")
    said = await http.call("POST", f"/cycles/{cycle}/comments", json={"text": "x"}, if_match='"1.1"')
    assert (said.status_code, said.headers["etag"]) == (200, '"2.1"'), "other commands compare the first half"
    assert problem(await write(http, cycle, if_match='"1.1"'))[:2] == (412, "revision_differs")
    assert (await write(http, cycle, if_match='"2.1"')).headers["etag"] == '"2.2"'
    assert (await write(http, cycle, if_match="*")).status_code == 200
    for odd in ('"2."', '".2"', '"2.2.2"', '"x"'):
        assert problem(await write(http, cycle, if_match=odd))[:2] == (422, "invalid_fields"), odd


async def test_a_draft_may_be_incomplete_and_is_never_wrong(http: Http) -> None:
    cycle = await http.start()
    for wrong, place in (
        ({"metrics": [{"baseline": "many"}]}, "/metrics/0/baseline"), ({"colour": "blue"}, "/colour"),
        ({"ideal_statement": "a\x0bb"}, "/ideal_statement"),
    ):  # fmt: skip
        answer = await http.call("PUT", f"/cycles/{cycle}/draft", json=wrong)
        status, code, errors = problem(answer)
        assert (status, code, errors[0][0]) == (422, "invalid_fields", place)
    assert await seen(http, cycle) == ("", None)
    assert (await http.call("PUT", f"/cycles/{cycle}/draft", json={})).json()["draft"]["valid"]


async def test_a_discarded_draft_is_gone_and_what_was_handed_in_shows_again(http: Http) -> None:
    cycle = await http.start()
    await http.hand_in(cycle, city.imagine())
    await http.call("POST", f"/cycles/{cycle}/pull-back")
    before = await seen(http, cycle)
    assert before[1] is None
    await write(http, cycle, "山田花子", idempotency_key="k")
    assert (await seen(http, cycle))[0] == "山田花子"
    answer = await http.call("DELETE", f"/cycles/{cycle}/draft")
    assert (answer.status_code, answer.content) == (204, b"")
    assert await seen(http, cycle) == before
    assert (await http.call("DELETE", f"/cycles/{cycle}/draft")).status_code == 204
    with http.office.database.connect() as connection:
        rows = [
            part  # a row itself shows a long value shortened
            for table in ("working_copy", "journal", "answer")
            for row in connection.execute(text(f"SELECT * FROM {table}")).all()
            for part in row
        ]
    assert not [one for one in rows if "花子" in str(one)]


async def test_submit_hands_the_working_copy_in_and_it_is_gone(http: Http) -> None:
    cycle = await http.start()
    await http.call("PUT", f"/cycles/{cycle}/draft", json=plain(city.imagine()))
    handed = await http.call("POST", f"/cycles/{cycle}/submit")
    assert (handed.status_code, handed.json()["draft"], handed.headers["etag"]) == (200, None, '"3"')
    assert handed.json()["deliverables"]["imagine"] == plain(city.imagine())
    events = (await http.call("GET", f"/cycles/{cycle}/events")).json()["items"]
    assert [one["type"] for one in events] == ["cycle_opened", "step_submitted", "stage_opened"]
    assert events[1]["data"]["deliverable"]["ideal_statement"] == city.imagine().ideal_statement
    assert problem(await write(http, cycle))[:2] == (409, "in_review")
    assert await http.office.agree(cycle)


async def test_a_submission_that_lacks_something_keeps_the_working_copy(http: Http) -> None:
    cycle = await http.start()
    await write(http, cycle, "nur das")
    answer = await http.call("POST", f"/cycles/{cycle}/submit")
    assert problem(answer)[:2] == (422, "invalid_fields")
    assert "/metrics" in {one["pointer"] for one in answer.json()["errors"]}
    words, draft = await seen(http, cycle)
    assert (words, draft["revision"]) == ("nur das", 1)


async def test_a_system_that_submits_by_signal_hands_in_what_the_owner_wrote(http: Http) -> None:
    cycle = await http.start()
    await http.call("PUT", f"/cycles/{cycle}/draft", json=plain(city.imagine()))
    handle = http.office.client.get_workflow_handle(f"cycle/{cycle}")
    await handle.signal("command", c.Command(id="by-signal", actor=city.OWNER, body=c.Submit()))
    await http.office.until(lambda: http.office.state(cycle).round == 1)
    assert http.office.state(cycle).deliverables.imagine == city.imagine()
    assert await http.office.agree(cycle)


async def test_a_working_copy_is_read_by_owner_and_line_at_every_step_and_by_nobody_else(http: Http) -> None:
    cycle = await http.start()
    await write(http, cycle)
    assert (await http.call("GET", f"/cycles/{cycle}", city.OTHER)).status_code == 404
    assert problem(await write(http, cycle, person=city.OTHER))[:2] == (404, "unknown_cycle")
    assert problem(await write(http, cycle, person=city.SECTION_HEAD))[:2] == (403, "owner_only")
    await http.hand_in(cycle, city.imagine())
    await http.approve(cycle)
    await http.call("PUT", f"/cycles/{cycle}/draft", json=plain(city.transform()))
    for person, shown in ((city.OWNER, True), (city.SECTION_HEAD, True), (city.OTHER, False)):
        answer = await http.call("GET", f"/cycles/{cycle}", person)
        body = answer.json()
        assert (bool(body["deliverables"]["transform"]), body["draft"] is not None) == (shown, shown), person
        assert ("." in answer.headers["etag"]) == shown, person
    said = await http.call("POST", f"/cycles/{cycle}/comments", city.OTHER, {"text": "x"})
    assert (said.json()["deliverables"]["transform"], said.json()["draft"]) == ({}, None)
    problem_of = await http.call("DELETE", f"/cycles/{cycle}/draft", city.OTHER)
    assert problem(problem_of)[:2] == (403, "owner_only")


async def test_a_return_cannot_be_taken_back_once_the_owner_has_written_on(http: Http) -> None:
    play = past.in_review(http.office)
    play.decide(Action.RETURN, reason="数字が古い")
    cycle = await past.at_work(http.office, play)
    await write(http, cycle)
    asked = {"round": 1, "reason": "zu früh"}
    refused = await http.call("POST", f"/cycles/{cycle}/decisions/retract", city.UNIT_CHIEF, asked)
    assert (problem(refused)[:2], refused.json()["params"]["what"]) == ((409, "retract_followed"), "draft_saved")
    await http.call("DELETE", f"/cycles/{cycle}/draft")
    again = await http.call("POST", f"/cycles/{cycle}/decisions/retract", city.UNIT_CHIEF, asked)
    assert (again.status_code, again.json()["step_status"]) == (200, "in_review")


async def test_a_worker_that_does_not_know_working_copies_is_asked_again_later(
    http: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    cycle = await http.start()
    await http.call("PUT", f"/cycles/{cycle}/draft", json=plain(city.imagine()))
    prepare = http.app.state.desk.directory.prepare

    def earlier(*given: Any) -> c.Command:
        """As a worker reads the command that ignores the field it does not know."""
        command = prepare(*given)
        return command.model_copy(update={"body": command.body.model_copy(update={"taken": None})})

    monkeypatch.setattr(http.app.state.desk.directory, "prepare", earlier)
    answer = await http.call("POST", f"/cycles/{cycle}/submit")
    assert problem(answer)[:2] == (503, "engine_away")
    monkeypatch.setattr(http.app.state.desk.directory, "prepare", prepare)
    assert (await http.call("POST", f"/cycles/{cycle}/submit")).status_code == 200
    assert http.office.state(cycle).step is Step.IMAGINE
    assert http.office.state(cycle).deliverables.imagine == city.imagine()


async def test_a_copy_of_what_was_withdrawn_takes_the_owners_text_along(http: Http) -> None:
    cycle = await http.start()
    await write(http, cycle, "weiter")
    await http.call("POST", f"/cycles/{cycle}/withdraw", json={"reason": "anders"})
    made = (await http.call("POST", f"/cycles/{cycle}/copy", json={})).json()
    assert made["deliverables"]["imagine"]["ideal_statement"] == "weiter"
    assert (await http.call("DELETE", f"/cycles/{cycle}/draft")).status_code == 204
    assert await seen(http, cycle) == ("", None)
