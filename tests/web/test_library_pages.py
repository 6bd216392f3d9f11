"""The library, a case, an offer and its answer, with and without script."""

import pytest
from playwright.async_api import expect

from engine.domain.deliverables import Realise
from engine.domain.spread.offers import receivers
from tests.support import city
from tests.web.conftest import Site


@pytest.fixture(scope="session")
async def case(site: Site) -> str:
    """A shared case of one unit."""
    cycle = await site.office.start(org_unit="3110", owner="p093")
    await site.office.turn(cycle, city.share())
    return cycle


@pytest.mark.parametrize("script", [True, False])
async def test_a_case_is_found_by_a_word_of_its_lessons(site: Site, case: str, script: bool) -> None:
    async with site.visitor(script=script) as page:
        await page.goto("/library")
        await page.get_by_label("Words").fill("字が小さ")
        await page.get_by_role("button", name="Search").click()
        await expect(page.locator("mark").first).to_have_text("字が小さ")
        await page.goto("/library?q=このようなものはない")
        await expect(page.get_by_text("Nothing found")).to_be_visible()


async def test_a_case_in_the_list_says_first_what_it_brought_and_a_filter_stays_open(site: Site, case: str) -> None:
    async with site.visitor(language="ja") as page:
        await page.goto("/library?org_scope=individual")
        card = page.locator("li.case", has=page.locator(f'a[href="/library/{case}"]'))
        await expect(card.locator(".case-effect")).to_have_text("年 300 時間の削減")
        await expect(card).to_contain_text("令和")
        await expect(page.get_by_label("範囲")).to_be_visible()
        await page.goto("/library")
        await expect(page.get_by_label("範囲")).to_be_hidden()
        first = page.locator("li.case").first
        box = await first.bounding_box()
        assert box is not None
        assert box["y"] < 450, "the first case is on the first screen"


@pytest.mark.slow
async def test_a_worse_result_says_so_in_the_same_place(site: Site) -> None:
    cycle = await site.office.start(org_unit="3110", owner="p093")
    worse = Realise.model_validate(
        city.realise(50).model_dump(by_alias=True) | {"verdict": "worse", "cause": "紙が増えた"}
    )
    for deliverable in (city.imagine(), city.transform(), worse, city.share()):
        await site.office.hand_in(cycle, deliverable)
        await site.office.decide(cycle)
    async with site.visitor() as page:
        await page.goto(f"/library/{cycle}")
        await expect(page.locator(".case-effect")).to_have_text("333 hours more a year than before")
        await expect(page.locator(".case-head")).to_contain_text("Worse")


async def test_a_case_shows_its_numbers_and_its_lessons(site: Site, case: str) -> None:
    async with site.visitor() as page:
        await page.goto(f"/library/{case}")
        await expect(page.get_by_text("最初の様式は字が小さかった")).to_be_visible()
        await expect(page.locator("table")).to_contain_text("12")


@pytest.mark.slow
@pytest.mark.parametrize("script", [True, False])
async def test_an_offered_case_is_answered_by_the_head_of_the_other_office(site: Site, script: bool) -> None:
    cycle = await site.office.start(org_unit="3110", owner="p093")
    await site.office.turn(cycle, city.share())
    facts = site.office.directory.facts()
    unit = next(
        one for one in facts.organisation.units
        if one.level.value == "unit" and one.code != "3110" and facts.organisation.parent(one.code)
    )  # fmt: skip
    async with site.visitor(script=script) as page:
        await page.goto(f"/library/{cycle}")
        await page.get_by_label("Offices", exact=True).select_option(unit.code)
        await page.get_by_label("A word to them").fill("うちで効きました")
        await page.get_by_role("button", name="Offer", exact=True).click()
        await expect(page.get_by_role("status").first).to_have_text("The case is offered.")
    head = receivers(unit.code, facts.organisation, facts.today)[0].person_id
    async with site.visitor(head, script=script) as page:
        await page.goto("/decisions")
        offered = page.locator("section", has=page.get_by_role("heading", name="Offered to your office"))
        await offered.get_by_role("listitem").first.get_by_role("link").click()
        await expect(page.get_by_role("heading", name="Offers", level=1)).to_be_visible()
        card = page.locator("li.card", has=page.locator(f'a[href="/library/{cycle}"]'))
        await card.get_by_role("button", name="Decline").click()
        await expect(page.get_by_text("This is needed").first).to_be_visible()
        await page.goto("/offers")
        await card.get_by_role("button", name="Take it over").click()
        await expect(page.get_by_role("status").first).to_have_text("Your answer is recorded.")
        await expect(card.get_by_role("link", name="Their cycle")).to_be_visible()
