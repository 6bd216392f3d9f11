"""Versions side by side, names in comments, overdue conditions and related cycles on the owner's page."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import expect

from api.web.format.dates import Days
from engine.domain.cycle import commands as c
from tests.support import city
from tests.web.conftest import CHIEF, OWNER, Site


async def handed_in_twice(site: Site) -> str:
    cycle = await site.office.start(org_unit="3110", owner=OWNER)
    first = city.imagine()
    await site.office.hand_in(cycle, first)
    await site.office.give(cycle, OWNER, c.PullBack())
    fewer = first.metrics[0].model_copy(update={"target": 1.5})
    changed = first.model_copy(update={"metrics": (fewer, *first.metrics[1:]), "ideal_statement": "一度で済む"})
    await site.office.hand_in(cycle, changed)
    return cycle


@pytest.mark.slow
async def test_two_versions_stand_side_by_side_with_labels_instead_of_pointers(site: Site) -> None:
    cycle = await handed_in_twice(site)
    async with site.visitor(OWNER, script=False) as page:
        await page.goto(f"/cycles/{cycle}")
        await page.get_by_role("link", name="Versions").click()
        await expect(page.get_by_text("Pulled back", exact=False).first).to_be_visible()
        await page.get_by_role("link", name="What changed since version 1").click()
        target = page.get_by_role("row", name="Target")
        await expect(target.locator("ins")).to_have_text("1.5", use_inner_text=False)
        await expect(target).to_contain_text("key field")
        ideal = page.get_by_role("row", name="Ideal state")
        await expect(ideal.locator("ins")).to_have_text("一度で済む")
        await expect(ideal).not_to_contain_text("key field")
        assert (await page.goto(f"/cycles/{cycle}/versions/1/9")).status == 404  # type: ignore[union-attr]
    async with site.visitor(CHIEF, script=False) as page:
        await page.goto(f"/decisions/{cycle}")
        await expect(page.get_by_role("row", name="Ideal state").locator("ins")).to_have_text("一度で済む")


@pytest.mark.slow
async def test_a_comment_shows_names_and_a_copy_links_to_where_it_came_from(site: Site) -> None:
    cycle = await site.office.start(org_unit="3110", owner=OWNER)
    await site.office.give(cycle, OWNER, c.Withdraw(reason="やり直す"))
    async with site.visitor(OWNER, script=False) as page:
        await page.goto(f"/cycles/{cycle}")
        await page.get_by_role("button", name="Copy as a new draft").click()
        around = page.locator("section", has=page.get_by_role("heading", name="Cycles around it"))
        await expect(around.locator(f'a[href="/cycles/{cycle}"]')).to_be_visible()
        await page.get_by_label("Say something").fill(f"@{CHIEF}. @nobody")
        await page.get_by_role("button", name="Comment").click()
        name = site.office.directory.facts().organisation.person(CHIEF)
        assert name is not None
        await expect(page.get_by_text(f"@{name.name}. @nobody")).to_be_visible()


def test_a_due_day_is_past_from_the_next_morning_in_the_office_on() -> None:
    days = Days("ja", ZoneInfo("Asia/Tokyo"))
    due = date(2026, 4, 10)
    assert not days.past(due, datetime(2026, 4, 10, 14, 59, tzinfo=UTC))
    assert days.past(due, datetime(2026, 4, 10, 15, 0, tzinfo=UTC))
