"""Every decision is a form of its own: what Enter presses, what a held review offers, what is refused."""

import pytest
from playwright.async_api import Page, expect

from tests.web.places import PLACES
from tests.web.site import CHIEF, DIRECTOR, MANAGER, Site
from tests.web.stock import Stock
from tests.web.test_manager import handed_in

AMBIGUOUS = """() => [...document.forms].filter((form) => form.method === "post").flatMap((form) => {
  const enters = [...form.elements].filter((one) => one.tagName === "INPUT"
    && !["hidden", "file", "button", "submit", "reset"].includes(one.type));
  const buttons = [...form.elements].filter((one) => one.tagName === "BUTTON" && one.type === "submit");
  const saves = buttons[0]?.name === "save";
  return enters.length && buttons.length > 1 && !buttons[0].disabled && !saves ? [form.id || form.action] : [];
})"""
"""Forms where Enter in a field would press the first of several buttons. Saving a draft decides nothing."""


KEYLESS = """() => [...document.forms].filter((form) => form.method === "post")
  .filter((form) => !/^[0-9a-f]{32}$/.test(form.elements.key?.value ?? "")).map((form) => form.id || form.action)"""
KEYS = """() => [...document.forms].filter((form) => form.method === "post").map((form) => form.elements.key.value)"""


async def open_folds(page: Page) -> None:
    await page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")


@pytest.mark.slow
async def test_in_every_form_of_every_page_enter_presses_no_other_button_and_there_is_a_key_of_its_own(
    site: Site, stock: Stock
) -> None:
    found = {}
    keys: list[str] = []
    for place in PLACES:
        page = await site.look(place.who(stock))
        await page.goto(place.of(stock))
        if bad := await page.evaluate(AMBIGUOUS):
            found[str(place)] = bad
        assert await page.evaluate(KEYLESS) == [], place
        keys += await page.evaluate(KEYS)
    assert not found
    assert len(keys) > 100
    assert len(keys) == len(set(keys))


@pytest.mark.slow
async def test_enter_in_a_text_or_a_list_of_places_decides_nothing(site: Site) -> None:
    state = await handed_in(site, "Enter in every field")
    before = len(site.office.journal.events(state.cycle_id))
    async with site.visitor(CHIEF) as page:
        await page.goto(f"/decisions/{state.cycle_id}")
        await open_folds(page)
        fields = page.locator(".moves :is(textarea, select)")
        assert await fields.count() == 7
        for field in await fields.all():
            await field.press("Enter")
            await page.keyboard.press("Escape")
        await expect(page).to_have_url(f"{site.url}/decisions/{state.cycle_id}")
    assert len(site.office.journal.events(state.cycle_id)) == before


@pytest.mark.slow
@pytest.mark.parametrize("script", [True, False])
async def test_enter_in_the_day_to_hold_until_holds_and_never_approves(site: Site, script: bool) -> None:
    state = await handed_in(site, f"Enter holds {script}")
    async with site.visitor(CHIEF, script=script) as page:
        await page.goto(f"/decisions/{state.cycle_id}")
        await page.locator("summary", has_text="Hold").click()
        await page.locator("#f-hold_until").fill("2099-12-20")
        await page.locator("#f-hold_until").press("Enter")
        await expect(page.get_by_text("Your decision is recorded.")).to_be_visible()
    now = site.office.state(state.cycle_id)
    assert now.status.value == "on_hold"
    assert now.decisions[-1].action.value == "hold"


@pytest.mark.slow
async def test_enter_in_the_due_day_of_a_condition_approves_with_that_condition(site: Site) -> None:
    state = await handed_in(site, "Enter keeps the condition")
    async with site.visitor(CHIEF) as page:
        await page.goto(f"/decisions/{state.cycle_id}")
        await page.locator("summary", has_text="Approve with a condition").click()
        await page.get_by_label("Condition", exact=True).fill("Measure in another week")
        due = page.locator("#f-condition_due")
        await due.fill(site.office.directory.facts().today.isoformat())
        await due.press("Enter")
        await expect(page.get_by_text("Your decision is recorded.")).to_be_visible()
    now = site.office.state(state.cycle_id)
    assert now.decisions[-1].action.value == "approve_with_conditions"
    assert [one.text for one in now.conditions] == ["Measure in another week"]


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"action": "approve", "condition": "先に測る"}, "条件は「条件付承認」のときだけ"),
        ({"action": "approve", "hold_until": "2099-01-05"}, "保留の期限は「保留」のときだけ"),
        ({"action": "reject", "reason": "x", "return_to": "drafter"}, "差戻し先は「差戻し」のときだけ"),
        ({"action": "approv"}, "選べる値"),
        ({}, "入力が必要です"),
    ],
)
async def test_a_form_that_carries_another_move_s_fields_or_no_move_decides_nothing(
    site: Site, stock: Stock, sent: dict[str, str], said: str
) -> None:
    before = site.office.state(stock.waiting).revision
    page = f"/decisions/{stock.waiting}"
    answer = await site.send(CHIEF, page, page, {"round": "1"} | sent)
    assert answer.status_code == 422
    assert said in answer.text
    assert all(value in answer.text for name, value in sent.items() if name in {"condition", "hold_until"})
    assert site.office.state(stock.waiting).revision == before


@pytest.mark.slow
async def test_a_held_review_offers_no_decision_says_until_when_and_lets_it_go_on(site: Site) -> None:
    state = await handed_in(site, "Held at the gate")
    async with site.visitor(CHIEF, script=False) as page:
        await page.goto(f"/decisions/{state.cycle_id}")
        await page.locator("summary", has_text="Hold").click()
        await page.locator("#f-hold_until").fill("2099-12-20")
        await page.get_by_role("button", name="Hold until then").click()
        await page.goto(f"/decisions/{state.cycle_id}")
        await expect(page.get_by_role("heading", name="On hold until 20 Dec 2099")).to_be_visible()
        await expect(page.locator("form.move")).to_have_count(0)
        await expect(page.locator(".gate")).not_to_contain_text("due")
        await expect(page.locator(".ringi").first).not_to_contain_text("left")
        async with site.visitor(MANAGER, script=False) as other:
            await other.goto(f"/decisions/{state.cycle_id}")
            await expect(other.locator("form.move")).to_have_count(0)
            await expect(other.get_by_role("button", name="End the hold now")).to_have_count(0)
        await page.get_by_role("button", name="End the hold now").click()
        await page.goto(f"/decisions/{state.cycle_id}")
        await expect(page.get_by_role("button", name="Approve", exact=True)).to_be_visible()
    assert site.office.state(state.cycle_id).status.value == "active"


async def test_a_decision_that_comes_too_late_is_told_by_name_and_word_without_hidden_fields(site: Site) -> None:
    state = await handed_in(site, "Too late")
    await site.office.decide(state.cycle_id)
    page = f"/decisions/{state.cycle_id}"
    sent = {"action": "return", "round": "1", "reason": "測り直してください", "return_to": "drafter"}
    answer = await site.send(CHIEF, page, page, sent)
    assert answer.status_code == 409
    assert "吉川 由紀さんの「承認」" in answer.text
    assert "測り直してください" in answer.text
    for hidden in ("return_to", "drafter", "<dt>round", "<dt>action", "<dt>key", "imagine"):
        assert hidden not in answer.text, hidden


async def test_a_decider_is_asked_for_a_day_only_where_the_owners_form_asks_for_it(site: Site, stock: Stock) -> None:
    short, whole = "目標に数字があるか。", "目標に数字と期日があるか。"
    for person, cycle, said, unsaid in (
        (CHIEF, stock.waiting, short, whole), (DIRECTOR, stock.section_waiting, whole, short),
    ):  # fmt: skip
        page = (await site.get(person, f"/decisions/{cycle}")).text
        assert said in page
        assert unsaid not in page
