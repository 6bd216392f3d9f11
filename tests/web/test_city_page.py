"""The city at a glance: figures, filters that are links, a past day."""

from datetime import timedelta

import pytest
from playwright.async_api import expect

from engine.domain.deliverables import Realise
from engine.domain.scope import OrgScope, WorkScope
from tests.support import city
from tests.support.office import expand
from tests.web.conftest import MAYOR, Site


@pytest.fixture(scope="session")
async def busy(site: Site) -> str:
    """A city with a finished circle, a larger one that waits for a decision, and a public story."""
    first = await site.office.start(org_unit="3110", owner="p093")
    public = city.share(expand(OrgScope.UNIT, WorkScope.TASK)).model_copy(update={"public_level": "public"})
    await site.office.turn(first, public)
    following = await site.office.there(f"{first}.1")
    await site.office.hand_in(following.cycle_id, city.imagine(city.office_day()))
    return first


@pytest.mark.parametrize("script", [True, False])
async def test_the_mayor_sees_what_it_brought_where_it_waits_and_how_far_it_has_spread(
    site: Site, busy: str, script: bool
) -> None:
    async with site.visitor(MAYOR, script=script) as page:
        await page.goto("/city")
        glance = page.locator("section", has=page.get_by_role("heading", name="At a glance"))
        await expect(glance).to_contain_text("hours/year")
        waits = page.locator("section", has=page.get_by_role("heading", name="Where it waits"))
        await expect(waits.get_by_role("link", name="届かせる").first).to_be_visible()
        spread = page.locator("section", has=page.get_by_role("heading", name="How far the spiral has spread"))
        await expect(spread.get_by_role("row", name="Individual")).to_be_visible()
        await expect(page.get_by_role("heading", name="Stories to tell citizens")).to_be_visible()


async def test_a_filter_is_a_link_that_keeps_the_others(site: Site, busy: str) -> None:
    async with site.visitor(MAYOR) as page:
        await page.goto("/city?pillar=P1")
        await expect(page.get_by_role("heading", name="Stories to tell citizens")).to_have_count(0)
        link = page.locator('.filters a[href*="fiscal_year"]').first
        assert "pillar=P1" in (await link.get_attribute("href") or "")


async def test_a_past_day_shows_the_city_as_it_was(site: Site, busy: str) -> None:
    long_ago = (site.office.directory.now() - timedelta(days=400)).date().isoformat()
    async with site.visitor(MAYOR) as page:
        await page.goto("/city")
        await page.get_by_label("As of a past day").fill(long_ago)
        await page.get_by_role("button", name="Show").click()
        await expect(page.get_by_text("Nothing waits for a decision.")).to_be_visible()
        await page.goto("/city?as_of=2999-01-01")
        await expect(page.get_by_role("heading", level=1)).not_to_have_text("The city")


async def test_a_result_that_is_worse_is_told_as_worse(site: Site) -> None:
    cycle = await site.office.start(org_unit="3110", owner="p093")
    worse = Realise.model_validate(
        city.realise(50).model_dump(by_alias=True) | {"verdict": "worse", "cause": "紙が増えた"}
    )
    for deliverable in (city.imagine(), city.transform(), worse, city.share()):
        await site.office.hand_in(cycle, deliverable)
        await site.office.decide(cycle)
    async with site.visitor(MAYOR) as page:
        await page.goto("/city")
        honest = page.locator("section", has=page.get_by_role("heading", name="What needs attention"))
        await expect(honest.get_by_text("最初の様式は字が小さかった").first).to_be_visible()
