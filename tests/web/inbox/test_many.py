"""Many at once: named before they are decided, refused when it is not clear what is meant, and Enter opens."""

import pytest
from playwright.async_api import expect

from engine.domain.cycle import commands as c
from tests.web.measures import FIRST, in_every_colour, probes
from tests.web.site import CHIEF, Site
from tests.web.test_manager import handed_in


@pytest.mark.slow
async def test_x_ticks_and_enter_opens_the_matter_and_decides_nothing(site: Site) -> None:
    state = await handed_in(site, "X then Enter")
    before = site.office.state(state.cycle_id).revision
    async with site.visitor(CHIEF) as page:
        for on in ("a", "input"):
            await page.goto("/decisions")
            row = page.locator("#inbox-list > li", has_text=state.title)
            await row.locator(on).focus()
            await page.keyboard.press("x")
            await expect(row.locator("input")).to_be_checked()
            await page.keyboard.press("Enter")
            await expect(page).to_have_url(f"{site.url}/decisions/{state.cycle_id}")
    async with site.visitor(CHIEF, script=False) as page:
        await page.goto("/decisions")
        box = page.get_by_label(f"Tick: {state.title}")
        await box.check()
        await box.press("Enter")
        await expect(page).to_have_url(f"{site.url}/decisions")
    assert site.office.state(state.cycle_id).revision == before


@pytest.mark.slow
async def test_the_page_before_names_each_with_what_is_open_about_it_and_decides_nothing(site: Site) -> None:
    first, second = await handed_in(site, "Named one"), await handed_in(site, "Named two")
    await site.office.give(second.cycle_id, CHIEF, c.Ask(text="件数は数えましたか"))
    before = [site.office.state(one.cycle_id).revision for one in (first, second)]
    async with site.visitor(CHIEF, language="ja", script=False) as page:
        await page.goto("/decisions")
        for state in (first, second):
            await page.locator(f"[name=item][value='{state.cycle_id}@1']").check()
        await page.locator("details.many summary").click()
        await page.get_by_role("button", name="選んだものを承認する").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("2件を承認します。")
        for title in (first.title, second.title):
            await expect(page.get_by_role("link", name=title)).to_be_visible()
        await expect(page.locator("li", has_text=second.title)).to_contain_text("回答のない質問が1件あります")
        await expect(page.locator("li", has_text=second.title)).to_contain_text("件数は数えましたか")
        assert [site.office.state(one.cycle_id).revision for one in (first, second)] == before
        await page.get_by_role("button", name="この2件を承認する").click()
        await expect(page.locator("#results + p")).to_contain_text("2")
    assert {site.office.state(one.cycle_id).step.value for one in (first, second)} == {"transform"}


@pytest.mark.slow
@pytest.mark.parametrize(("language", "width"), FIRST.items())
async def test_the_page_before_can_be_used_by_everybody(site: Site, language: str, width: int) -> None:
    await handed_in(site, "Measured before it is decided")
    page = await site.look(CHIEF, language=language, width=width)
    await page.goto("/decisions?tick=all")
    await page.locator("details.many button").first.click()
    await expect(page.locator("input[name=confirmed]")).to_have_value("approve")
    said = await in_every_colour(page, site.sound)
    said += await probes(page, "sideways", "drawn", "targets", "described")
    assert not said, "\n".join(said)


@pytest.mark.parametrize("action", [None, "", "agree", "hold", "approve_with_conditions"])
async def test_an_action_that_is_absent_or_unknown_decides_nothing(site: Site, action: str | None) -> None:
    state = await handed_in(site, f"Unknown action {action}")
    sent = {"item": f"{state.cycle_id}@1", "confirmed": "approve"} | ({} if action is None else {"action": action})
    answer = await site.send(CHIEF, "/decisions", "/decisions", sent)
    assert answer.status_code == 422
    assert site.office.state(state.cycle_id).decisions == ()


@pytest.mark.parametrize("item", ["@1", "x@y", "nothing", "x@-1"])
async def test_an_item_that_names_no_round_is_refused(site: Site, item: str) -> None:
    answer = await site.send(CHIEF, "/decisions", "/decisions", {"item": item, "action": "approve", "confirmed": "1"})
    assert answer.status_code == 422


async def test_more_than_a_hundred_are_refused_and_none_is_dropped_without_a_word(site: Site) -> None:
    state = await handed_in(site, "A hundred and one")
    items = [f"{state.cycle_id}@1", *(f"i{index}-1@1" for index in range(100))]
    answer = await site.send(
        CHIEF, "/decisions", "/decisions", {"item": items, "action": "approve", "confirmed": "approve"}
    )
    assert answer.status_code == 422
    assert "100" in answer.text
    assert site.office.state(state.cycle_id).decisions == ()
