"""What could never be written is refused to its sender, on both databases, and nothing after it is lost."""

import base64
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from engine.contracts.cycle import COMMAND, workflow_id
from engine.domain.cycle.events import CommandRefused, Commented, Event
from engine.domain.deliverables.imagine import Milestone
from engine.store.database import writing
from engine.store.tables import CycleRow
from tests.api.conftest import Http, problem
from tests.support import city

CURSORS = [
    "x", "=", "ä", "W10", "bnVsbA",
    *(
        base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
        for text in (
            '["2026-01-01","a"]', '["9999-12-31T23:59:59-23:59","a"]', '["2026-01-01T00:00:00Z","\\u0000"]',
            '["2026-01-01T00:00:00Z","\\ud800"]', '["2026-01-01T00:00:00Z",1]', "[[1]]", "[null]", "[{}]", "[true]",
            "[1.5]", "[1e400]", "[-1]", f"[{10**29}]", f"[{2**31}]", f"[{2**63}]", '["1"]', '[1,"\\ud800"]',
            '[1e400,"a"]',
            '[NaN,"a"]', '[{},"a"]', '[0,"2026-01-01","a"]', f'[{10**30},"2026-01-01T00:00:00Z","a"]',
            '["2026-01-01T00:00:00Z","a",[]]', '["2026-01-01T00:00:00Z","a",1e400]', "[" * 150 + "]" * 150, "{}", "1",
        )
    ),
]  # fmt: skip
LISTS = (
    "/cycles", "/initiatives", "/cases", "/cases?q=x", "/offers", "/adoptions", "/inbox", "/inbox/history",
    "/me/outbox", "/outbox", "/cycles/{cycle}/events", "/roadmap/startups/CA-01/initiatives",
)  # fmt: skip
ADDRESSES = (
    "/cycles/%00", "/cycles/a%00", "/cases/%00", "/initiatives/%EF%BF%BE", "/initiatives/%00/lineage", "/offers/%00",
    "/webhooks/%00", "/roadmap/startups/%00/milestones/x/reports", "/roadmap/editions/%00/diff/b",
    "/cycles?q=%00", "/cycles?owner=%00", "/cycles?org_unit=a%00", "/cycles?startup=%1b", "/cycles?waiting_for=%00",
    "/initiatives?q=a%00b", "/initiatives?startup=%00", "/offers?case=%00", "/offers?org_unit=%00", "/cases?q=%00",
    "/cases?startup=%00", "/dashboard?org_unit=%00", "/outbox?person=%00", "/exports/cases.csv?org_unit=%00",
    "/cycles?%00=1",
    "/cycles/{cycle}/attachments/99999999999999999999", "/cycles/{cycle}/versions/2147483648",
    "/policies/99999999999",
    "/initiatives?q=" + "a%20" * 3000, "/cases?q=" + "a%20" * 3000, "/cycles?q=" + "a" * 5000,
    "/dashboard?as_of=0001-01-01", "/dashboard?as_of=0", "/dashboard?as_of=1774483200",
    "/dashboard/waiting?as_of=0001-01-01",
    "/roadmap?as_of=9999-12-31", "/roadmap?as_of=0", "/dashboard?fiscal_year=99999999999999999999",
)  # fmt: skip


STARTED = {"title": "題", "org_scope": "individual", "org_unit": "U", "work_scope": "task"}


@pytest.fixture
def http(resumed: Http) -> Http:
    """Every test looks at the cycle that it begins, so that the file has one city of each kind."""
    return resumed


async def test_a_sign_that_no_database_holds_is_refused_and_the_cycle_goes_on(http: Http) -> None:
    cycle = await http.start()
    await http.settled()
    before = http.journal()
    place, bad = f"/cycles/{cycle}", "a\x00b"
    approve = {"action": "approve", "round": 1, "reason": bad}
    sent: list[tuple[str, str, str, Any, str]] = [
        ("PUT", f"{place}/draft", city.OWNER, {"ideal_statement": bad}, "/ideal_statement"),
        ("PUT", f"{place}/draft", city.OWNER, {"metrics": [{"name": "x"}, {"name": bad}]}, "/metrics/1/name"),
        ("POST", f"{place}/comments", city.OWNER, {"text": bad}, "/text"),
        ("POST", f"{place}/submit", city.OWNER, {"message": bad}, "/message"),
        ("POST", f"{place}/withdraw", city.OWNER, {"reason": bad}, "/reason"),
        ("POST", f"{place}/decisions", city.UNIT_CHIEF, approve, "/reason"),
        ("POST", "/inbox/decisions", city.UNIT_CHIEF, {"items": [approve | {"cycle_id": cycle}]}, "/items/0/reason"),
        ("POST", "/initiatives", city.OWNER, STARTED | {"title": bad}, "/title"),
        ("POST", "/initiatives", city.OWNER, STARTED | {"title": "\ufffe"}, "/title"),
        ("POST", "/initiatives", city.OWNER, STARTED | {"org_unit": bad}, "/org_unit"),
        ("POST", f"{place}/copy", city.OWNER, {"title": bad}, "/title"),
        ("POST", "/absences", city.OWNER, {"from": "2026-12-01", "to": "2026-12-01", "proxy": bad}, "/proxy"),
        ("POST", "/webhooks", city.ADMIN, {"url": "https://a.example/", "description": bad}, "/description"),
    ]
    for method, path, person, body, pointer in sent:
        assert problem(await http.call(method, path, person, body)) == (
            422, "invalid_fields", [(pointer, "bad_value")],
        ), path  # fmt: skip
    assert http.journal() == before
    said = await http.call("POST", f"{place}/comments", json={"text": "一行目\r\n二行目\r"})
    assert said.headers["etag"] == '"2"'
    last = _events(http, cycle)[-1].data
    assert isinstance(last, Commented)
    assert last.text == "一行目\n二行目"


async def test_whoever_speaks_to_the_engine_itself_is_held_to_the_same(http: Http) -> None:
    cycle = await http.start()
    handle = http.office.client.get_workflow_handle(workflow_id(cycle))
    command = {"id": uuid4().hex, "actor": city.OWNER, "body": {"type": "comment", "text": "a\x00b"}}
    for bad in (command, command | {"id": "\x00", "body": {"type": "comment", "text": "x"}}):
        await handle.signal(COMMAND, bad)
    await handle.signal(COMMAND, command | {"id": uuid4().hex, "body": {"type": "comment", "text": "良い\r\nです"}})
    await http.office.until(lambda: len(_events(http, cycle)) == 4)
    refused, nameless, taken = _events(http, cycle)[1:]
    assert isinstance(refused.data, CommandRefused)
    assert [one.code for one in refused.data.refusal.errors] == ["bad_value"]
    assert (nameless.actor, nameless.command_id) == ("system", None)
    assert isinstance(taken.data, Commented)
    assert taken.data.text == "良い\nです"
    assert (await http.hand_in(cycle, city.imagine()))["step_status"] == "in_review"


@pytest.mark.slow
async def test_no_address_and_no_cursor_brings_the_server_down(http: Http) -> None:
    cycle = await http.start()
    for address in ADDRESSES:
        answer = await http.call("GET", address.replace("{cycle}", cycle), city.ADMIN)
        assert problem(answer)[0] in {404, 422}, (address, answer.text)
    for cursor in CURSORS:
        for place in LISTS:
            joint = "&" if "?" in place else "?"
            answer = await http.call("GET", f"{place.replace('{cycle}', cycle)}{joint}cursor={cursor}", city.ADMIN)
            assert answer.status_code == 404 or problem(answer)[2] == [("?cursor", "bad_cursor")], (place, cursor)


async def test_a_day_is_an_iso_day_near_enough(http: Http) -> None:
    cycle = await http.start()
    for due in (0, "0", 86400, "1774483200", 1774483200.0, "2026-04-01T00:00:00Z", "9999-12-31", "2026/4/1"):
        code = "out_of_range" if due == "9999-12-31" else "not_a_date"
        draft = await http.call("PUT", f"/cycles/{cycle}/draft", json={"milestones": [{"name": "x", "due": due}]})
        assert problem(draft)[2] == [("/milestones/0/due", code)]
        away = await http.call("POST", "/absences", json={"from": due, "to": "2026-12-01"})
        assert problem(away)[2] == [("/from", code)]
        held = {"action": "hold", "round": 1, "hold_until": due}
        answer = await http.call("POST", f"/cycles/{cycle}/decisions", city.UNIT_CHIEF, held)
        expected = [] if due == "2026-04-01T00:00:00Z" else [("/hold_until", code)]  # a hold may end at an instant
        assert problem(answer)[2] == expected


async def test_a_number_in_a_header_is_a_number_or_refused(http: Http) -> None:
    cycle = await http.start()
    for wrong in ("²", "9" * 5000, "-1", "1.5.2", "1.x", "x", '"²"', "٣"):
        answer = await http.client.request(
            "PUT", f"/api/v1/cycles/{cycle}/draft", json={},
            headers={b"Authorization": f"Bearer {http.token(city.OWNER)}".encode(), b"If-Match": wrong.encode()},
        )  # fmt: skip
        assert problem(answer)[2] == [("?if-match", "bad_if_match")]
        stream = await http.client.request(
            "GET", "/api/v1/stream",
            headers={
                b"Authorization": f"Bearer {http.token(city.OWNER)}".encode(), b"Last-Event-ID": wrong.encode(),
            },
        )  # fmt: skip
        assert problem(stream)[2] == [("?last-event-id", "bad_cursor")]


async def test_a_day_of_before_does_not_break_a_calendar(http: Http) -> None:
    cycle = await http.start()
    old = city.imagine().model_copy(update={"milestones": (Milestone(name="期限なし", due=date(9999, 12, 31)),)})
    state = http.office.state(cycle)
    with writing(http.office.database) as session:
        row = session.get_one(CycleRow, cycle)
        row.state = state.model_copy(update={"deliverables": state.deliverables.with_(old)}).model_dump_json()
        session.add(row)
    answer = await http.call("GET", "/me/calendar.ics")
    assert answer.status_code == 200
    assert "期限なし" not in answer.text


async def test_a_body_that_is_no_json_says_what_to_send(http: Http) -> None:
    cycle = await http.start()
    place = f"/api/v1/cycles/{cycle}/comments"
    head = {"Authorization": f"Bearer {http.token(city.OWNER)}", "Accept-Language": "en"}
    as_form = await http.client.post(place, headers=head, data={"text": "x"})
    assert problem(as_form)[:2] == (415, "send_json")
    head["Content-Type"] = "application/json"
    for content in (b"\xff", b"[" * 100_000, b'{"text":' + b"9" * 5000 + b"}", b"{", b""):
        answer = await http.client.post(place, headers=head, content=content)
        assert answer.status_code in {400, 422}, content[:20]
        assert answer.json()["code"] in {"not_json", "invalid_fields"}
    for wrong, said in (({"text": 5}, "Write it as text."), ([], "Write it as an object: fields with their values.")):
        answer = await http.call("POST", f"/cycles/{cycle}/comments", json=wrong, accept_language="en")
        assert [one["message"] for one in answer.json()["errors"]] == [said]
    low = await http.call("GET", "/cycles?limit=0", accept_language="ja")
    assert [one["message"] for one in low.json()["errors"]] == ["1以上で書いてください。"]


async def test_a_title_is_one_line_with_something_to_see(http: Http) -> None:
    await http.settled()
    before = http.journal()
    for title in ("\u200b", "a\nb", "a\x1bb", "a\u202eb", "a\u2028b"):
        wrong = problem(await http.call("POST", "/initiatives", json=STARTED | {"title": title}))
        assert wrong[2] == [("/title", "missing" if title == "\u200b" else "bad_value")]
    assert http.journal() == before


def _events(http: Http, cycle: str) -> tuple[Event, ...]:
    return http.office.journal.events(cycle)


async def test_a_name_that_no_identifier_can_be_is_not_there_in_the_api_and_in_the_pages(http: Http) -> None:
    for name in ("a%20b", "%3Cscript%3E", "a%22b", "a%5Cb", "x" * 201):
        answer = await http.call("GET", f"/cycles/{name}")
        assert problem(answer)[:2] == (404, "not_found"), name
        page = await http.client.get(f"/cycles/{name}")
        assert page.status_code in {303, 404}, name


async def test_json_in_other_letters_and_a_name_that_stands_twice_are_refused_with_what_is_wrong(http: Http) -> None:
    cycle = await http.start()
    place, token = f"/api/v1/cycles/{cycle}/comments", http.token(city.OWNER)
    for kind, body, expected in (
        ("application/json; charset=shift_jis", '{"text": "言葉"}'.encode("shift_jis"), (415, "send_json")),
        ("application/json", b'{"text": "a", "text": "b"}', (422, "invalid_fields")),
        ("application/json; charset=utf-8", '{"text": "言葉"}'.encode(), (200, None)),
    ):
        headers = {"Authorization": f"Bearer {token}", "Content-Type": kind}
        answer = await http.client.post(place, content=body, headers=headers)
        assert (answer.status_code, answer.json().get("code")) == expected
        if expected[0] == 422:
            assert problem(answer)[2] == [("/text", "doubled_name")]
    assert http.office.state(cycle).comments == 1


async def test_no_figure_is_less_than_nothing_by_its_sign_alone(http: Http) -> None:
    cycle = await http.start()
    draft = {"as_is": {"cases_per_year": -0.0, "minutes_per_case": 30}}
    answer = await http.call("PUT", f"/cycles/{cycle}/draft", json=draft)
    assert answer.status_code == 200, answer.text
    assert "-0.0" not in answer.text
