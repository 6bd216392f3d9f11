"""What unfolds over a page, by keyboard; what the Tab key reaches on each page is measured in `inspecting.py`."""

import pytest
from playwright.async_api import expect

from tests.web.measures import axe, probe
from tests.web.site import MAYOR, Site

pytestmark = pytest.mark.slow


async def test_what_unfolds_over_the_page_is_worked_by_keyboard_and_never_stays_in_the_way(site: Site) -> None:
    page = await site.look(MAYOR, width=320)
    await page.goto("/city")
    for fold in await page.locator("details[name]").all():
        summary = fold.locator("summary")
        await summary.press("Enter")
        await expect(fold).to_have_attribute("open", "")
        await page.keyboard.press("Tab")
        await expect(fold.locator(":focus")).to_be_in_viewport()
        assert await probe(page, "sideways") == []
        assert await axe(page) == []
        await page.keyboard.press("Escape")
        await expect(fold).not_to_have_attribute("open", "")
        await expect(summary).to_be_focused()
        await page.keyboard.press("Enter")
        await page.locator("footer a").last.focus()
        await expect(fold).not_to_have_attribute("open", "")
