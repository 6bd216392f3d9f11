"""An owner's first day in a real browser, with script and without: start, write, hand in, pull back."""

import asyncio

import pytest
from playwright.async_api import Page, Route, expect

from tests.web.conftest import OWNER, Site


async def start(page: Page, title: str) -> None:
    await page.goto("/")
    await page.get_by_role("link", name="Start an initiative").first.click()
    await page.get_by_label("What is it about?").fill(title)
    await page.get_by_role("button", name="Begin").click()
    await expect(page.get_by_role("heading", name=title, level=1)).to_be_visible()


async def imagine(page: Page) -> None:
    """The light form, as one person fills it in."""
    await page.get_by_label("Ideal state").fill("The certificate is handed over at once")
    await page.get_by_role("textbox", name="Assumption", exact=False).first.fill("Every one goes into a ledger")
    await page.locator("[name='as_is.cases_per_year']").fill("１,２００")
    await page.locator("[name='as_is.minutes_per_case']").fill("6")
    await page.locator("[name='metrics.0.name']").fill("Time per case")
    await page.locator("[name='metrics.0.unit']").fill("min/case")
    await page.locator("[name='metrics.0.direction']").select_option("down")
    await page.locator("[name='metrics.0.baseline']").fill("6")
    await page.locator("[name='metrics.0.target']").fill("2")
    await page.locator("[name='left_behind.offline_route']").fill("The counter stays open")


@pytest.mark.parametrize("script", [True, False])
async def test_an_owner_starts_writes_hands_in_and_pulls_back(site: Site, script: bool) -> None:
    async with site.visitor(OWNER, script=script) as page:
        await start(page, f"Certificates {script}")
        await expect(page.get_by_role("heading", name="Still needed")).to_be_visible()
        await imagine(page)
        await page.get_by_role("button", name="Save and check before submitting").click()
        await expect(page.get_by_text("Everything is there. Look at the route")).to_be_visible()
        await expect(page.locator("[name='as_is.cases_per_year']")).to_have_value("1200")
        await expect(page.locator(".route")).to_contain_text("吉川 由紀")
        await page.get_by_role("button", name="Submit", exact=True).click()
        await expect(page.locator("#cycle-now")).to_contain_text("In review")
        await page.get_by_role("button", name="Pull back").click()
        await expect(page.locator("#cycle-now")).to_contain_text("Draft")


@pytest.mark.slow
@pytest.mark.parametrize("script", [True, False])
async def test_a_wrong_number_comes_back_as_it_was_typed_with_what_to_do(site: Site, script: bool) -> None:
    async with site.visitor(OWNER, script=script) as page:
        await start(page, "Wrong number")
        await page.get_by_label("Ideal state").fill("kept")
        await page.locator("[name='as_is.cases_per_year']").fill("many")
        await page.get_by_role("button", name="Save the draft").last.click()
        await expect(page.locator("[name='as_is.cases_per_year']")).to_have_value("many")
        await expect(page.locator("[name='as_is.cases_per_year']")).to_have_attribute("aria-invalid", "true")
        await expect(page.get_by_label("Ideal state")).to_have_value("kept")


@pytest.mark.slow
@pytest.mark.parametrize("script", [True, False])
async def test_a_list_grows_and_shrinks_by_buttons(site: Site, script: bool) -> None:
    async with site.visitor(OWNER, script=script) as page:
        await start(page, "Rows")
        await page.locator("[name='challenged_assumptions.0.text']").fill("first")
        await page.get_by_role("button", name="Add: Challenged assumptions").click()
        await page.locator("[name='challenged_assumptions.1.text']").fill("second")
        await page.get_by_role("button", name="Remove Challenged assumptions 1").click()
        await expect(page.locator("[name='challenged_assumptions.0.text']")).to_have_value("second")
        await expect(page.locator("[name='challenged_assumptions.1.text']")).to_have_count(0)


@pytest.mark.slow
async def test_what_is_written_is_saved_by_itself_and_a_conflict_is_told(site: Site) -> None:
    async with site.visitor(OWNER) as page:
        await start(page, "Autosave")
        await page.get_by_label("Ideal state").fill("saved by itself")
        await expect(page.locator("#saved")).to_contain_text("Saved")
        await expect(page.locator("#lacks")).not_to_contain_text("Ideal state")
        other = await page.context.new_page()
        await other.goto(page.url)
        await expect(other.get_by_label("Ideal state")).to_have_value("saved by itself")
        await other.get_by_label("Ideal state").fill("by another window")
        await other.get_by_role("button", name="Save the draft").last.click()
        await expect(other.get_by_text("The draft is saved.")).to_be_visible()
        await page.get_by_label("Ideal state").fill("too late")
        await expect(page.locator("#saved")).to_contain_text("Reload the page")


@pytest.mark.parametrize("script", [True, False])
async def test_an_initiative_without_a_name_is_asked_for_one(site: Site, script: bool) -> None:
    async with site.visitor(OWNER, script=script) as page:
        await page.goto("/start")
        await page.get_by_label("How much work is touched?").select_option("process")
        await page.get_by_role("button", name="Begin").click()
        await expect(page.get_by_label("What is it about?")).to_have_attribute("aria-invalid", "true")
        await expect(page.get_by_label("How much work is touched?")).to_have_value("process")


@pytest.mark.slow
async def test_a_button_pressed_while_the_form_saves_itself_collides_with_nothing(site: Site) -> None:
    async with site.visitor(OWNER) as page:
        await start(page, "Hurry")
        under_way, go_on = asyncio.Event(), asyncio.Event()

        async def slowly(route: Route) -> None:
            if route.request.method == "PUT":
                answer = await route.fetch()
                under_way.set()
                await go_on.wait()
                await route.fulfill(response=answer)
            else:
                await route.continue_()

        await page.route("**/draft", slowly)
        await imagine(page)
        await asyncio.wait_for(under_way.wait(), 10)
        await page.get_by_label("Ideal state").fill("written while it saved")
        await page.get_by_role("button", name="Save and check before submitting").press("Enter", no_wait_after=True)
        go_on.set()
        await expect(page.get_by_text("Everything is there. Look at the route")).to_be_visible()
        await expect(page.get_by_label("Ideal state")).to_have_value("written while it saved")
