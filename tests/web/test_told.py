"""What a page tells by itself: what has to be changed, what came in meanwhile, what was saved."""

import re

import pytest
from playwright.async_api import Page, Route, expect

from tests.support import city
from tests.web.measures import probe
from tests.web.site import CHIEF, OWNER, Site
from tests.web.stock import Stock, begin

NOT_YET = re.compile("^Not yet: ")


async def led_to(page: Page, label: str) -> None:
    """The focus is on the summary of what is wrong, and its link leads to the control."""
    await expect(page).to_have_title(NOT_YET)
    await expect(page.locator("#wrong")).to_be_focused()
    await page.locator("#wrong").get_by_role("link", name=label).press("Enter")
    await expect(page.get_by_label(label).first).to_be_focused()
    assert await probe(page, "described") == []


@pytest.mark.slow
@pytest.mark.parametrize("script", [True, False])
async def test_what_has_to_be_changed_has_the_focus_and_leads_to_its_control(
    site: Site, stock: Stock, script: bool
) -> None:
    async with site.visitor(OWNER, script=script) as page:
        await page.goto("/start")
        await page.get_by_role("button", name="Begin").click()
        await led_to(page, "What is it about?")
        await page.goto(f"/cycles/{stock.fresh}")
        await page.locator("[name='as_is.cases_per_year']").fill("many")
        await page.get_by_role("button", name="Save the draft").last.click()
        await led_to(page, "Cases per year")
    async with site.visitor(CHIEF, script=script) as page:
        await page.goto("/absences")
        await page.locator("#f-from").fill("2098-01-05")
        await page.locator("#f-to").fill("2098-01-01")
        await page.get_by_role("button", name="Enter the absence").click()
        await led_to(page, "To (included)")
        await page.goto(f"/decisions/{stock.waiting}")
        await page.locator("summary", has_text="Return").click()
        await page.get_by_role("button", name="Return with this reason").click()
        await led_to(page, "Reason for the return")


@pytest.mark.slow
async def test_what_comes_in_is_told_even_to_who_works_in_the_list(site: Site) -> None:
    async with site.visitor(CHIEF) as page:
        await begin_and_hand_in(site, "There already")
        async with page.expect_response("**/live"):
            await page.goto("/decisions")
        link = page.locator("#inbox-list a").first
        await link.focus()
        await begin_and_hand_in(site, "Comes meanwhile")
        news = page.locator("#live-news")
        await expect(news).to_have_attribute("role", "status")
        await expect(news).to_have_text("Your decisions have changed.")
        await expect(link).to_be_focused()
        await link.evaluate("one => one.blur()")
        await expect(page.get_by_role("link", name="Comes meanwhile")).to_be_visible()


@pytest.mark.slow
async def test_a_list_that_could_not_be_fetched_anew_is_fetched_again_until_it_comes(site: Site) -> None:
    refused = []

    async def busy(route: Route) -> None:
        if route.request.resource_type == "fetch" and len(refused) < 2:
            refused.append(route.request.url)
            await route.fulfill(status=503, body="")
        else:
            await route.fallback()

    async with site.visitor(CHIEF) as page:
        async with page.expect_response("**/live"):
            await page.goto("/decisions")
        await page.route("**/decisions", busy)
        await begin_and_hand_in(site, "Comes in the end")
        await expect(page.get_by_role("link", name="Comes in the end")).to_be_visible()
    assert len(refused) == 2


@pytest.mark.slow
async def test_what_is_wrong_while_it_saves_itself_is_told_with_its_control(site: Site) -> None:
    cycle = await begin(site, "Told")
    async with site.visitor(OWNER) as page:
        await page.goto(f"/cycles/{cycle}")
        control = page.locator("[name='as_is.cases_per_year']")
        await control.fill("many")
        await expect(control).to_have_attribute("aria-invalid", "true")
        assert await probe(page, "described") == []
        await control.fill("12")
        await expect(page.locator("#saved[role=status]")).to_contain_text("Saved")
        await expect(control).not_to_have_attribute("aria-invalid", "true")


async def begin_and_hand_in(site: Site, title: str) -> None:
    await site.office.hand_in(await begin(site, title), city.imagine())
