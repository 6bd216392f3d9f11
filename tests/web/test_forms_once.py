"""A form is one command, however often it is sent; and what a page does not have is refused."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi.routing import APIRoute
from playwright.async_api import expect
from sqlmodel import func, select

from api.web.pages import ROUTERS
from engine.store.database import reading
from engine.store.tables import AbsenceRow, CycleRow, DocumentRow, JournalRow, LedgerRow
from engine.store.tables_drafts import WorkingCopyRow
from engine.store.tables_outgoing import WebhookRow
from tests.web.site import ADMIN, CHIEF, OWNER, Site
from tests.web.stock import Stock, begin
from tests.web.test_manager import handed_in

NO_FORMS = {"/sign-in/provider/ended"}
"""What the provider sends, behind every page."""
FORMS = [
    (route.path, method)
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute) and route.path not in NO_FORMS
    for method in sorted(route.methods & {"POST", "PUT"})
]
HERE = {"cycle": "fresh", "case": "case", "webhook": "hook"}


def events(site: Site, cycle: str) -> int:
    return len(site.office.journal.events(cycle))


def rows(site: Site, table: Any) -> int:
    with reading(site.office.database) as session:
        return int(session.exec(select(func.count()).select_from(table)).one())


def test_every_form_of_the_pages_says_which_fields_it_takes() -> None:
    bare = [
        route.path
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute) and route.methods & {"POST", "PUT"} and route.path not in NO_FORMS
        if not any(
            one.call.__module__ == "api.web.frame.form_fields" for one in route.dependant.dependencies if one.call
        )
    ]
    assert len(FORMS) > 30
    assert bare == []


@pytest.mark.parametrize(("path", "method"), FORMS)
async def test_a_field_that_the_page_does_not_have_is_refused_and_never_dropped(
    site: Site, stock: Stock, path: str, method: str
) -> None:
    person = ADMIN if path.startswith("/admin") else OWNER
    params = {name: getattr(stock, known) for name, known in HERE.items()}
    params |= {
        "n": "1",
        "startup": "SL-07",
        "milestone": "m",
        "name": "o1",
        "credential": "x",
        "absence": "x",
        "change": "c1",
    }
    before = rows(site, JournalRow), rows(site, LedgerRow), rows(site, DocumentRow)
    answer = await site.send(person, "/", path.format_map(params), {"dry_run": "true"}, method=method)
    assert answer.status_code == 422, answer.text
    assert "dry_run" in answer.text
    assert "この画面にない入力欄" in answer.text
    assert before == (rows(site, JournalRow), rows(site, LedgerRow), rows(site, DocumentRow))


async def test_a_comment_sent_twice_is_said_once_and_both_answers_lead_to_it(site: Site) -> None:
    cycle = await begin(site, "Said once")
    sent = {"text": "一度だけ", "key": uuid4().hex}
    place = f"/cycles/{cycle}"
    first = await site.post(OWNER, place, f"{place}/comments", sent)
    after = events(site, cycle)
    second = await site.post(OWNER, place, f"{place}/comments", sent)
    assert first.headers["location"] == second.headers["location"] == f"{place}#comments"
    assert events(site, cycle) == after


async def test_equal_forms_at_one_instant_are_one_command(site: Site) -> None:
    cycle = await begin(site, "At one instant")
    sent = {"text": "同時に", "key": uuid4().hex}
    before = events(site, cycle)
    answers = await asyncio.gather(
        *(site.post(OWNER, f"/cycles/{cycle}", f"/cycles/{cycle}/comments", sent) for _ in range(5))
    )
    assert {one.status_code for one in answers} == {303}
    assert events(site, cycle) == before + 1


async def test_the_same_form_with_another_content_says_so_and_keeps_what_was_typed(site: Site) -> None:
    cycle = await begin(site, "Another content")
    key, place = uuid4().hex, f"/cycles/{cycle}"
    await site.post(OWNER, place, f"{place}/comments", {"text": "一つ目", "key": key})
    after = events(site, cycle)
    answer = await site.send(OWNER, place, f"{place}/comments", {"text": "二つ目の長い文", "key": key})
    assert answer.status_code == 409
    assert "すでに一度送信されています" in answer.text
    assert "二つ目の長い文" in answer.text
    assert f'<a href="{place}">今の状態を見る</a>' in answer.text
    assert "<dt>text</dt>" not in answer.text
    assert events(site, cycle) == after


async def test_a_form_that_was_refused_may_be_mended_and_sent_again(site: Site) -> None:
    cycle = await begin(site, "Refused first")
    key, place = uuid4().hex, f"/cycles/{cycle}"
    refused = await site.send(OWNER, place, f"{place}/comments", {"text": " ", "key": key})
    assert refused.status_code == 422
    await site.post(OWNER, place, f"{place}/comments", {"text": "いま書いた", "key": key})
    assert events(site, cycle) == 2


async def twice(
    site: Site, person: str, page: str, path: str, data: dict[str, str], **more: Any
) -> list[httpx.Response]:
    sent = data | {"key": uuid4().hex}
    return [await site.post(person, page, path, sent, **more) for _ in range(2)]


@pytest.mark.slow
async def test_questions_files_decisions_and_answers_are_done_once(site: Site) -> None:
    state = await handed_in(site, "Everything once")
    cycle = state.cycle_id
    gate, place = f"/decisions/{cycle}", f"/cycles/{cycle}"
    steps: list[tuple[str, str, str, dict[str, str], dict[str, Any]]] = [
        (CHIEF, gate, f"{place}/questions", {"question": "件数は"}, {}),
        (OWNER, place, f"{place}/questions/1", {"answer-1": "千件"}, {}),
        (CHIEF, gate, f"{place}/files", {}, {"files": {"file": ("a.txt", b"1")}}),
        (CHIEF, gate, gate, {"action": "return", "round": "1", "reason": "もう一度"}, {}),
        (OWNER, place, f"{place}/withdraw", {"reason": "やめる"}, {}),
    ]
    for person, page, path, data, more in steps:
        before = events(site, cycle)
        first, second = await twice(site, person, page, path, data, **more)
        assert first.headers["location"] == second.headers["location"], path
        made = [one.data.type for one in site.office.journal.events(cycle)[before:]]
        assert len(made) == len(set(made)), (path, made)
        assert bool(made) is not path.endswith("/draft"), "a draft is no event"


async def test_a_draft_is_kept_once_and_discarded_once(site: Site) -> None:
    cycle = await site.office.start(org_unit="3110", owner=OWNER)
    place = f"/cycles/{cycle}"

    def kept() -> tuple[int, bool]:
        with reading(site.office.database) as session:
            row = session.get_one(WorkingCopyRow, (cycle, "imagine"))
            return row.revision, row.deliverable is not None

    first, second = await twice(site, OWNER, place, f"{place}/draft", {"ideal_statement": "一度で済む", "save": "1"})
    assert first.headers["location"] == second.headers["location"]
    assert kept() == (1, True)
    first, second = await twice(site, OWNER, place, f"{place}/draft/discard", {"revision": "1.1"})
    assert first.headers["location"] == second.headers["location"] == place
    assert kept() == (1, False)


@pytest.mark.slow
async def test_a_start_an_absence_a_webhook_and_a_file_of_the_administration_are_done_once(site: Site) -> None:
    start = {"title": "一度だけ始める", "org_scope": "individual", "org_unit": "3110", "work_scope": "task"}
    away = {"from": "2097-01-01", "to": "2097-01-02", "proxy": ""}
    hook = {"url": "http://127.0.0.1:9/once", "description": ""}
    for person, page, path, data, table in (
        (OWNER, "/start", "/start", start, CycleRow),
        (CHIEF, "/absences", "/absences", away, AbsenceRow),
        (ADMIN, "/admin/webhooks", "/admin/webhooks", hook, WebhookRow),
    ):
        before = rows(site, table)
        await twice(site, person, page, path, data)
        assert rows(site, table) == before + 1, path
    before = rows(site, DocumentRow)
    policy = {"file": ("policy.yaml", b"id: once\ncondition_months: 4\n")}  # who decides stays as it is
    await twice(site, ADMIN, "/admin", "/admin/files", {"kind": "policy"}, files=policy)
    assert rows(site, DocumentRow) == before + 1


async def test_a_token_is_made_once_and_its_page_is_not_shown_again(site: Site) -> None:
    first, second = await twice(site, ADMIN, "/access", "/access/tokens", {"person_id": CHIEF, "name": "集計"})
    assert first.status_code == 200
    assert (second.status_code, second.headers["location"]) == (303, "/access")


@pytest.mark.slow
async def test_going_back_and_pressing_again_is_the_same_command(site: Site) -> None:
    cycle = await begin(site, "Back and again")
    async with site.visitor(OWNER) as page:
        await page.goto(f"/cycles/{cycle}")
        await page.get_by_label("Say something").fill("Only once")
        await page.get_by_role("button", name="Comment", exact=True).click()
        await expect(page.get_by_text("Your comment is there.")).to_be_visible()
        after = events(site, cycle)
        await page.go_back()
        await page.get_by_label("Say something").fill("Only once")
        await page.get_by_role("button", name="Comment", exact=True).click()
        await expect(page.get_by_text("Your comment is there.")).to_be_visible()
    assert events(site, cycle) == after
