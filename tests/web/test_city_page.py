"""The city at a glance: figures, filters that are links, a past day."""

from datetime import timedelta

import pytest
from playwright.async_api import expect

from engine.domain.deliverables import Realise
from engine.domain.deliverables.share import PublicLevel
from engine.domain.scope import OrgScope, WorkScope
from tests.support import city
from tests.support.office import expand
from tests.web.conftest import MAYOR, Site

QUIET = "7110"
"""A unit where no other test works, so that its part of the city holds these cycles and nothing else."""


@pytest.fixture(scope="session")
async def busy(site: Site) -> str:
    """A unit with a finished circle, a larger one that waits for a decision, and a public story; the first cycle."""
    facts = site.office.directory.facts()
    owner = next(one.person_id for one in facts.organisation.posts if one.unit_code == QUIET)
    first = await site.office.start(org_unit=QUIET, owner=owner)
    public = city.share(expand(OrgScope.UNIT, WorkScope.TASK)).model_copy(update={"public_level": PublicLevel.PUBLIC})
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
        spread = page.locator("section", has=page.get_by_role("heading", name="How far the spiral has spread"))
        await expect(spread.get_by_role("row", name="Individual")).to_be_visible()
        await expect(page.get_by_role("heading", name="Stories to tell citizens")).to_be_visible()
        await page.get_by_text("Further figures, and what they rest on").first.click()
        await expect(page.locator("details dt", has_text="Ended early: withdrawn or rejected")).to_be_visible()
        await page.goto(f"/city?org_unit={QUIET}")
        waits = page.locator("section", has=page.get_by_role("heading", name="Where it waits"))
        await expect(waits.locator(f'a[href="/cycles/{busy}.1"]')).to_have_text("届かせる")


async def test_the_first_sentence_says_the_state_of_a_part_of_the_city_and_its_numbers_lead_on(
    site: Site, busy: str
) -> None:
    async with site.visitor(MAYOR) as page:
        await page.goto(f"/city?org_unit={QUIET}")
        lead = page.locator(".city-lead")
        await expect(lead).to_have_text(
            "1 initiative is under way. "
            "Waiting for a decision: 1 case, none for longer than a day. "
            "Measured so far: 300 hours saved a year, from 1 result."
        )
        await lead.get_by_role("link", name="1 case").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Waiting for a decision")
        await expect(page.locator(f'tbody a[href="/cycles/{busy}.1"]')).to_be_visible()
        await expect(page.locator("tbody tr")).to_have_count(1)
        await page.get_by_role("link", name="Grew larger").click()
        await expect(page.locator(f'tbody a[href="/cycles/{busy}"]')).to_be_visible()
        await page.get_by_role("link", name="The city", exact=True).last.click()
        await expect(lead).to_be_visible()
        assert f"org_unit={QUIET}" in page.url


async def test_the_japanese_sentence_has_no_gaps(site: Site, busy: str) -> None:
    async with site.visitor(MAYOR, language="ja") as page:
        await page.goto(f"/city?org_unit={QUIET}")
        await expect(page.locator(".city-lead")).to_have_text(
            "1件の取組が進行中です。決裁を待つものは1件、1日を超えたものはありません。"
            "これまでに測定された効果は年300時間の削減(結果1件)です。"
        )


@pytest.mark.slow
async def test_each_initiative_is_a_small_spiral_that_leads_to_its_large_one(site: Site, busy: str) -> None:
    async with site.visitor(MAYOR) as page:
        await page.goto(f"/city?org_unit={QUIET}")
        sign = page.locator(".signs li")
        await expect(sign).to_have_count(1)
        await expect(sign.locator(".k-done")).to_have_count(4)
        await expect(sign.locator(".k-approver")).to_have_count(1)
        await expect(sign).to_contain_text("2 turns")
        await expect(sign).to_contain_text("waits for a decision")
        await sign.get_by_role("link").click()
        await expect(page.locator("svg.spiral-drawing a.q")).to_have_count(8)


@pytest.mark.slow
async def test_a_department_says_on_which_rungs_it_has_begun_and_is_a_filter(site: Site, busy: str) -> None:
    async with site.visitor(MAYOR) as page:
        await page.goto(f"/city?org_unit={QUIET}")
        row = page.get_by_role("row", name="Water Department")
        assert [one.split() for one in await row.get_by_role("cell").all_inner_texts()][:2] == [
            ["1"], ["1", "(1", "under", "way)"]
        ]  # fmt: skip
        await row.get_by_role("link").click()
        assert "org_unit=7000" in page.url


async def test_a_filter_is_a_link_that_keeps_the_others(site: Site, busy: str) -> None:
    async with site.visitor(MAYOR) as page:
        await page.goto("/city?pillar=P1")
        await expect(page.get_by_role("heading", name="Stories to tell citizens")).to_have_count(0)
        link = page.locator('.sift a[href*="fiscal_year"]').first
        assert "pillar=P1" in (await link.get_attribute("href") or "")
        await page.goto("/city/cycles?part=measured&pillar=P1")
        link = page.locator('.sift a[href*="fiscal_year"]').first
        assert {"pillar=P1", "part=measured"} < set((await link.get_attribute("href") or "").split("?")[1].split("&"))


async def test_a_figure_that_is_not_there_is_refused(site: Site) -> None:
    assert (await site.get(MAYOR, "/city/cycles?part=everything")).status_code == 422


@pytest.mark.slow
async def test_a_past_day_shows_the_city_as_it_was(site: Site, busy: str) -> None:
    long_ago = (site.office.directory.now() - timedelta(days=400)).date().isoformat()
    async with site.visitor(MAYOR) as page:
        await page.goto("/city")
        await page.locator("summary", has_text="Today").click()
        await page.get_by_label("As of a past day").fill(long_ago)
        await page.get_by_role("button", name="Show").click()
        await expect(page.locator("#waits + p")).to_have_text("Nothing waits for a decision.")
        await expect(page.locator(".city-lead")).to_have_text("No initiative has begun here yet.")
        await page.goto("/city?as_of=2999-01-01")
        await expect(page.get_by_role("heading", level=1)).not_to_have_text("The city")


@pytest.mark.slow
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
