"""What a manager decided, as the history has it, and why the route leads where it does."""

import pytest
from playwright.async_api import expect

from api.schemas.route import route_view
from engine.domain.review.review import Action
from engine.language.catalogues import Language
from tests.support import city
from tests.web.conftest import CHIEF, MANAGER, OWNER, Site

LANGUAGES: tuple[Language, ...] = ("ja", "en")


async def test_the_history_says_that_a_superior_pulled_up_and_why(site: Site) -> None:
    cycle = await site.office.start(org_unit="3110", owner=OWNER)
    await site.office.hand_in(cycle, city.imagine())
    await site.office.decide(cycle, Action.APPROVE, MANAGER, reason="係長が出張のため", pull_up=True)
    async with site.visitor(MANAGER, script=False) as page:
        await page.goto("/history")
        row = page.get_by_role("row").nth(1)
        await expect(row.locator(f'a[href="/cycles/{cycle}"]')).to_be_visible()
        for text in ("Approve", "Pull-up", "係長が出張のため"):
            await expect(row).to_contain_text(text)


@pytest.mark.slow
async def test_the_gate_says_in_the_reader_s_language_why_a_post_is_asked(site: Site) -> None:
    cycle = await site.office.start(org_unit="3110", owner=OWNER)
    await site.office.hand_in(cycle, city.imagine())
    directory = site.office.directory
    for language in LANGUAGES:
        told = route_view(site.office.state(cycle), directory.facts(), directory.now(), language=language)
        async with site.visitor(CHIEF, language=language, script=False) as page:
            await page.goto(f"/decisions/{cycle}")
            await expect(page.locator(".route")).to_contain_text(told.stages[0].reasons[0].text)
