"""Drafts under attack: pages and programs that are late, sent twice, or look at another step than the cycle is at."""

import asyncio
import html
import re
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import httpx
import pytest
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import text

import api.web.cycle.actions as pages
from api.services.organisation.credentials import WantedToken, make
from api.web.frame.session import SESSION
from engine.domain.review.review import Action
from engine.domain.steps import Step
from tests.api.conftest import Http, own_token, plain, problem
from tests.support import city, past


@pytest.fixture
def http(resumed: Http) -> Http:
    """Every test looks at the cycles that it begins, so that the file has one city of each kind."""
    return resumed


@pytest.fixture(scope="module")
async def untouched(shared: Http) -> str:
    """A cycle in whose draft nobody ever writes."""
    return await shared.start()


def signed_in(person: str) -> dict[str, str]:
    """Headers of somebody's browser."""
    content = {"sid": uuid4().hex, "person": person, "since": 4_000_000_000}
    signed = str(URLSafeTimedSerializer("s" * 40, salt="spiral-session").dumps(content))
    return {"Accept": "text/html", "Cookie": f"{SESSION}={signed}; spiral_look=en"}


async def page_of(http: Http, cycle: str, person: str = city.OWNER) -> httpx.Response:
    """The cycle's page as somebody sees it."""
    return await http.client.get(f"/cycles/{cycle}", headers=signed_in(person))


async def send(
    http: Http, cycle: str, data: Mapping[str, Any], *, to: str = "draft", method: str = "POST"
) -> httpx.Response:
    """A form of the owner's page, without a browser."""
    browser = signed_in(city.OWNER)
    page = await http.client.get(f"/cycles/{cycle}", headers=browser)
    headers = browser | {"Accept": "text/html" if method == "POST" else "application/json"}
    found = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert found, page.text
    place = f"/cycles/{cycle}/{to}"
    return await http.client.request(method, place, data={"csrf": found[1]} | dict(data), headers=headers)


def mark_in(page: httpx.Response) -> str:
    """What the page says it has seen."""
    found = re.search(r'id="draft".*?name="revision" value="([^"]+)"', page.text, re.DOTALL)
    assert found, page.text
    return html.unescape(found[1])


def everything_in(http: Http, table: str) -> str:
    """All that a table holds. A row itself shows long values shortened, so its parts are asked."""
    with http.office.database.connect() as connection:
        rows = connection.execute(text(f"SELECT * FROM {table}")).all()
    return "".join(str(part) for row in rows for part in row)


async def ideal(http: Http, cycle: str) -> str:
    body = (await http.call("GET", f"/cycles/{cycle}")).json()
    return str(body["deliverables"]["imagine"].get("ideal_statement", ""))


async def test_a_page_of_a_step_that_is_over_is_not_told_that_its_text_is_saved(http: Http) -> None:
    cycle = await past.at_work(http.office, past.approved(http.office, city.imagine()))
    assert http.office.state(cycle).step is Step.TRANSFORM
    late = {"ideal_statement": "Typed in a tab that has stood there since", "revision": "1"}
    answer = await send(http, cycle, late, method="PUT")
    assert answer.status_code in {409, 412}, answer.text


async def test_a_script_is_told_its_own_mark_and_never_that_of_a_faster_tab(
    http: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    cycle = await http.start()
    there, looks = pages.there, 0

    def late(*given: Any) -> Any:
        """Between this tab's save and its answer another one writes."""
        nonlocal looks
        looks += 1
        if looks == 2:
            http.office.write(cycle, city.imagine().model_copy(update={"ideal_statement": "of the other tab"}))
        return there(*given)

    monkeypatch.setattr(pages, "there", late)
    first = await send(http, cycle, {"ideal_statement": "of this tab", "revision": "1"}, method="PUT")
    monkeypatch.setattr(pages, "there", there)
    again = {"ideal_statement": "of this tab, further", "revision": first.json()["revision"]}
    assert (await send(http, cycle, again, method="PUT")).status_code == 412
    assert await ideal(http, cycle) == "of the other tab"


async def test_a_page_that_comes_back_with_what_is_no_text_has_not_seen_the_other_tab(http: Http) -> None:
    cycle = await http.start()
    http.office.write(cycle, city.imagine().model_copy(update={"ideal_statement": "of the other tab"}))
    back = await send(http, cycle, {"ideal_statement": "a\x0bb", "revision": "1"})
    assert back.status_code in {412, 422}, back.text
    if back.status_code == 422:
        await send(http, cycle, {"ideal_statement": "mended", "revision": mark_in(back)})
    assert await ideal(http, cycle) == "of the other tab"


async def test_a_page_whose_copy_was_discarded_elsewhere_does_not_hand_in_what_was_there_before(http: Http) -> None:
    play = past.in_review(http.office)
    play.decide(Action.RETURN, reason="数字が古い")
    cycle = await past.at_work(http.office, play)
    mark = http.office.write(cycle, city.imagine().model_copy(update={"ideal_statement": "as asked for"}))
    await http.call("DELETE", f"/cycles/{cycle}/draft")
    answer = await send(http, cycle, {"revision": str(mark)}, to="submit")
    assert answer.status_code == 412, answer.headers
    assert http.office.state(cycle).round == 1


async def test_a_page_hands_in_nothing_that_was_saved_elsewhere_while_its_submission_was_looked_up(
    http: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    cycle = await http.start()
    mark = http.office.write(cycle, city.imagine())
    look_up = http.app.state.desk.gateway._look_up

    def late(*given: Any) -> Any:
        http.office.write(cycle, city.imagine().model_copy(update={"ideal_statement": "never seen"}))
        return look_up(*given)

    monkeypatch.setattr(http.app.state.desk.gateway, "_look_up", late)
    answer = await send(http, cycle, {"revision": str(mark)}, to="submit")
    assert answer.status_code == 412, answer.headers
    assert http.office.state(cycle).round == 0


async def test_what_a_slower_tab_typed_stands_on_the_page_that_refuses_it(http: Http) -> None:
    cycle = await http.start()
    http.office.write(cycle, city.imagine())
    answer = await send(http, cycle, {"ideal_statement": "typed in the slower tab", "revision": "1"})
    assert answer.status_code == 412
    assert "typed in the slower tab" in answer.text


async def test_a_comment_of_somebody_else_does_not_stop_the_owner_from_writing_on(http: Http) -> None:
    cycle = await http.start()
    mark = http.office.write(cycle, city.imagine())
    await http.call("POST", f"/cycles/{cycle}/comments", city.SECTION_HEAD, {"text": "よい"})
    answer = await send(http, cycle, {"ideal_statement": "typed on", "revision": str(mark)}, method="PUT")
    assert answer.status_code == 200, answer.text


async def test_a_page_that_submits_twice_is_told_that_it_is_in_review(http: Http) -> None:
    cycle = await http.start()
    mark = http.office.write(cycle, city.imagine())
    first = await send(http, cycle, {"revision": str(mark), "key": "a"}, to="submit")
    again = await send(http, cycle, {"revision": str(mark), "key": "a"}, to="submit")
    other = await send(http, cycle, {"revision": str(mark), "key": "b"}, to="submit")
    assert [first.status_code, again.status_code, other.status_code] == [303, 303, 409]


async def test_what_was_saved_while_its_step_was_handed_in_is_told_of_once_the_step_is_approved(http: Http) -> None:
    cycle = await http.start()
    await http.hand_in(cycle, city.imagine())
    late = city.imagine().model_copy(update={"ideal_statement": "山田花子"})
    with http.office.database.begin() as connection:  # as a save between look-up and append leaves it
        given = {"text": late.model_dump_json(by_alias=True)}
        connection.execute(text("UPDATE working_copy SET deliverable = :text, revision = revision + 1"), given)
    assert (await http.call("GET", f"/cycles/{cycle}")).json()["draft"] is not None
    await http.approve(cycle)
    assert (await http.call("GET", f"/cycles/{cycle}")).json()["draft"] is None, "none of the step that is open now"
    http.office.write(cycle, city.transform())
    assert "山田花子" in (await page_of(http, cycle)).text
    assert "山田花子" not in (await page_of(http, cycle, city.SECTION_HEAD)).text
    await http.call("DELETE", f"/cycles/{cycle}/draft")
    assert "花子" in everything_in(http, "working_copy"), "what is left of another step is not taken away unseen"
    await http.call("DELETE", f"/cycles/{cycle}/draft?step=imagine")
    assert "花子" not in everything_in(http, "working_copy")
    assert "山田花子" not in (await page_of(http, cycle)).text


async def test_what_was_written_with_a_token_of_somebody_elses_making_says_so_once_it_is_handed_in(
    http: Http,
) -> None:
    cycle = await http.start()
    office = http.office
    made = make(office.database, office.settings, WantedToken(city.OWNER), by=city.ADMIN).token
    headers = {"Authorization": f"Bearer {made}"}
    body = plain(city.imagine())
    answer = await http.client.put(f"/api/v1/cycles/{cycle}/draft", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    http.tokens[city.OWNER] = own_token(http, city.OWNER)
    await http.call("POST", f"/cycles/{cycle}/submit")
    events = (await http.call("GET", f"/cycles/{cycle}/events")).json()["items"]
    (submitted,) = (one for one in events if one["type"] == "step_submitted")
    assert (submitted["by_token_of"], submitted["data"]["draft_by_token_of"]) == (None, city.ADMIN)


async def test_a_submission_that_an_earlier_worker_refused_is_taken_under_the_same_key_later(
    http: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    cycle = await http.start()
    await http.call("PUT", f"/cycles/{cycle}/draft", json=plain(city.imagine()))
    prepare = http.app.state.desk.directory.prepare

    def earlier(*given: Any) -> Any:
        command = prepare(*given)
        return command.model_copy(update={"body": command.body.model_copy(update={"taken": None})})

    monkeypatch.setattr(http.app.state.desk.directory, "prepare", earlier)
    answer = await http.call("POST", f"/cycles/{cycle}/submit", idempotency_key="k")
    assert problem(answer)[:2] == (503, "engine_away")
    monkeypatch.setattr(http.app.state.desk.directory, "prepare", prepare)
    assert (await http.call("POST", f"/cycles/{cycle}/submit", idempotency_key="k")).status_code == 200


async def test_what_was_discarded_is_gone_from_every_answer_that_is_kept(http: Http) -> None:
    cycle = await http.start()
    await http.call("PUT", f"/cycles/{cycle}/draft", json={"ideal_statement": "山田花子"})
    said = {"text": "よい"}
    await http.call("POST", f"/cycles/{cycle}/comments", city.SECTION_HEAD, said, idempotency_key="k")
    await http.call("DELETE", f"/cycles/{cycle}/draft")
    assert "花子" not in everything_in(http, "answer")


async def test_a_save_that_is_repeated_after_it_was_discarded_brings_nothing_back(http: Http) -> None:
    cycle = await http.start()
    body = {"ideal_statement": "山田花子"}
    await http.call("PUT", f"/cycles/{cycle}/draft", json=body, idempotency_key="k")
    await http.call("DELETE", f"/cycles/{cycle}/draft")
    await http.call("PUT", f"/cycles/{cycle}/draft", json=body, idempotency_key="k")
    assert await ideal(http, cycle) == ""


async def test_a_head_who_copies_a_cycle_takes_nothing_along_that_was_not_handed_in(http: Http) -> None:
    cycle = await http.start()
    await http.call("PUT", f"/cycles/{cycle}/draft", json={"ideal_statement": "山田花子"})
    await http.call("POST", f"/cycles/{cycle}/withdraw", json={"reason": "anders"})
    made = await http.call("POST", f"/cycles/{cycle}/copy", city.SECTION_HEAD, {"org_unit": "S"})
    assert made.status_code == 201, made.text
    assert "花子" not in everything_in(http, "journal")


@pytest.mark.parametrize(
    "body",
    [
        b'{"ideal_statement": "\\ud800"}', b'{"\\ud800": 1}', b'{"ideal_statement": "a\\u0000b"}',
        b'{"ideal_statement": NaN}', b'{"metrics": [{"baseline": NaN}]}', b'{"metrics": [{"baseline": 1e400}]}',
        b"[]", b"null", b'{"metrics": {"0": {}}}', b'{"ideal_statement": {"$": []}}',
        b'{"ideal_statement": ' + b"[" * 5000 + b"]" * 5000 + b"}",
    ],
)  # fmt: skip
async def test_odd_bodies_of_a_draft_are_422_and_nothing_is_kept(http: Http, untouched: str, body: bytes) -> None:
    headers = {"Authorization": f"Bearer {http.token(city.OWNER)}", "Content-Type": "application/json"}
    answer = await http.client.put(f"/api/v1/cycles/{untouched}/draft", content=body, headers=headers)
    assert answer.status_code in {400, 422}, answer.text
    assert (await http.call("GET", f"/cycles/{untouched}")).json()["draft"] is None


async def test_a_hand_in_with_a_stale_mark_and_two_at_once_is_one_submission(http: Http) -> None:
    cycle = await http.start()
    await http.call("PUT", f"/cycles/{cycle}/draft", json=plain(city.imagine()))
    answers = await asyncio.gather(*(http.call("POST", f"/cycles/{cycle}/submit") for _ in range(3)))
    assert sorted(one.status_code for one in answers) == [200, 409, 409]
    assert http.office.state(cycle).round == 1
