"""What an owner typed stays as they typed it until they hand it in or discard it, with script and without."""

import pytest
from playwright.async_api import expect

from tests.support import city
from tests.web.conftest import OWNER, Site


async def begun(site: Site) -> str:
    return await site.office.start(org_unit="3110", owner=OWNER)


@pytest.mark.slow
@pytest.mark.parametrize("script", [True, False])
async def test_what_cannot_be_read_is_there_again_after_a_reload(site: Site, script: bool) -> None:
    cycle = await begun(site)
    async with site.visitor(OWNER, script=script) as page:
        await page.goto(f"/cycles/{cycle}")
        await page.get_by_label("Ideal state").fill("kept")
        await page.locator("[name='as_is.cases_per_year']").fill("many")
        if script:
            await expect(page.locator("#saved")).to_contain_text("Kept as you typed it")
        else:
            await page.get_by_role("button", name="Save the draft").last.click()
        await page.goto(f"/cycles/{cycle}")
        await expect(page.locator("[name='as_is.cases_per_year']")).to_have_value("many")
        await expect(page.locator("[name='as_is.cases_per_year']")).to_have_attribute("aria-invalid", "true")
        await expect(page.get_by_label("Ideal state")).to_have_value("kept")
        await expect(page.get_by_role("button", name="Submit", exact=True)).to_have_count(0)
        await page.locator("[name='as_is.cases_per_year']").fill("12")
        await page.get_by_role("button", name="Save the draft").last.click()
        await expect(page.get_by_text("The draft is saved.")).to_be_visible()
        await expect(page.locator("[name='as_is.cases_per_year']")).to_have_value("12")
    assert site.office.state(cycle).revision == 1, "nothing of it is an event"


@pytest.mark.parametrize("script", [True, False])
async def test_what_was_not_handed_in_is_discarded_on_wish(site: Site, script: bool) -> None:
    cycle = await begun(site)
    async with site.visitor(OWNER, script=script) as page:
        await page.goto(f"/cycles/{cycle}")
        await expect(page.get_by_text("Discard what was not handed in")).to_have_count(0)
        await page.get_by_label("Ideal state").fill("Hanako Yamada")
        await page.get_by_role("button", name="Save the draft").last.click()
        await page.get_by_text("Discard what was not handed in").click()
        await page.get_by_role("button", name="Discard", exact=True).click()
        await expect(page.get_by_text("What was not handed in is gone.")).to_be_visible()
        await expect(page.get_by_label("Ideal state")).to_have_value("")


@pytest.mark.slow
async def test_a_page_that_shows_an_older_text_does_not_hand_in_a_newer_one(site: Site) -> None:
    cycle = await begun(site)
    site.office.write(cycle, city.imagine())
    async with site.visitor(OWNER, script=False) as page:
        await page.goto(f"/cycles/{cycle}")
        site.office.write(cycle, city.imagine().model_copy(update={"ideal_statement": "from another tab"}))
        await page.get_by_role("button", name="Submit", exact=True).click()
        await expect(page.get_by_text("Somebody was faster")).to_be_visible()
        assert site.office.state(cycle).round == 0
        await page.goto(f"/cycles/{cycle}")
        await expect(page.get_by_label("Ideal state")).to_have_value("from another tab")
        await page.get_by_role("button", name="Submit", exact=True).click()
        await expect(page.locator("#cycle-now")).to_contain_text("In review")
    assert site.office.state(cycle).deliverables.imagine.ideal_statement == "from another tab"
