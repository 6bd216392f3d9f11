"""What is typed just before a page is left, and what a network loses on its way back."""

import pytest
from playwright.async_api import Dialog, Route, expect

from engine.domain.steps import Step
from tests.support import city
from tests.web.conftest import OWNER, Site


async def begun(site: Site) -> str:
    return await site.office.start(org_unit="3110", owner=OWNER)


async def test_what_was_typed_just_before_submitting_is_handed_in(site: Site) -> None:
    cycle = await begun(site)
    site.office.write(cycle, city.imagine())
    async with site.visitor(OWNER) as page:
        await page.goto(f"/cycles/{cycle}")
        await page.get_by_label("Ideal state").fill("typed last")
        await page.get_by_role("button", name="Submit", exact=True).click()
        await expect(page.locator("#cycle-now")).to_contain_text("In review")
    assert site.office.state(cycle).deliverables.imagine.ideal_statement == "typed last"


@pytest.mark.slow
async def test_what_was_typed_just_before_following_a_link_is_kept(site: Site) -> None:
    cycle = await begun(site)
    async with site.visitor(OWNER) as page:
        await page.goto(f"/cycles/{cycle}")
        await page.get_by_label("Ideal state").fill("typed last")
        await page.get_by_role("link", name="See the spiral").click()
        await page.wait_for_url("**/initiatives/*")
        await page.goto(f"/cycles/{cycle}")
        while await page.get_by_label("Ideal state").input_value() != "typed last":  # what was sent is on its way
            await page.reload()
    assert site.office.working_copies.last_save(cycle, Step.IMAGINE)


@pytest.mark.slow
async def test_a_save_whose_answer_was_lost_is_no_conflict_with_oneself(site: Site) -> None:
    cycle = await begun(site)
    lost = 0

    async def on_the_way(route: Route) -> None:
        nonlocal lost
        if route.request.method == "PUT" and not lost:
            lost += 1
            await route.fetch()
            await route.abort()
        else:
            await route.continue_()

    async with site.visitor(OWNER) as page:
        await page.route("**/draft", on_the_way)
        await page.goto(f"/cycles/{cycle}")
        await page.get_by_label("Ideal state").fill("one")
        await expect(page.locator("#saved")).to_contain_text("Not saved")
        await page.get_by_label("Ideal state").fill("one, and more")
        await expect(page.locator("#saved")).to_contain_text("Saved")
        await page.goto(f"/cycles/{cycle}")
        await expect(page.get_by_label("Ideal state")).to_have_value("one, and more")
    site.console.clear()  # the browser tells of the lost answer


@pytest.mark.slow
async def test_after_a_conflict_the_browser_asks_before_it_leaves_what_was_typed(site: Site) -> None:
    cycle = await begun(site)
    asked: list[str] = []

    async def on_dialog(dialog: Dialog) -> None:
        asked.append(dialog.type)
        await dialog.accept()

    async with site.visitor(OWNER) as page:
        page.on("dialog", on_dialog)
        await page.goto(f"/cycles/{cycle}")
        site.office.write(cycle, city.imagine())
        await page.get_by_label("Ideal state").press_sequentially("slower")
        await expect(page.locator("#saved")).to_contain_text("Reload the page")
        await page.reload()
        await expect(page.get_by_label("Ideal state")).to_have_value(city.imagine().ideal_statement or "")
    assert asked == ["beforeunload"]
    site.console.clear()  # the browser tells of the refused save


@pytest.mark.slow
async def test_without_script_what_was_typed_before_submitting_is_not_lost(site: Site) -> None:
    cycle = await begun(site)
    site.office.write(cycle, city.imagine())
    async with site.visitor(OWNER, script=False) as page:
        await page.goto(f"/cycles/{cycle}")
        await page.get_by_label("Ideal state").fill("typed last")
        await page.get_by_role("button", name="Submit", exact=True).click()
        await expect(page.get_by_text("typed last").first).to_be_visible()
