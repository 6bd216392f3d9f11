"""Twice as large, every page can still be read: WCAG 1.4.4, 1.4.10 and 1.4.12, in both languages."""

import pytest
from playwright.async_api import Page

from tests.web.measures import LANGUAGES, probe
from tests.web.places import PLACES, Place
from tests.web.site import Site
from tests.web.stock import Stock

LARGEST = "document.documentElement.dataset.text = 'largest'"


@pytest.mark.parametrize("place", PLACES, ids=str)
async def test_twice_as_large_or_spaced_wider_nothing_is_cut_covered_or_scrolled_sideways(
    site: Site, stock: Stock, place: Place
) -> None:
    found: list[str] = []
    for language in LANGUAGES:
        page = await site.look(place.who(stock), language=language, width=640, scale=2)
        await page.goto(place.of(stock))
        await probe(page, "open")
        found += await _faults(page, f"{language} zoomed to 200 %")
        await probe(page, "spaced")
        found += await _faults(page, f"{language} zoomed and spaced")
        await page.evaluate("document.adoptedStyleSheets = []")
        await page.evaluate(LARGEST)
        found += await _faults(page, f"{language} zoomed, largest text")
        await page.set_viewport_size({"width": 1280, "height": 900})
        found += await _faults(page, f"{language} largest text")
    assert not found, "\n".join(found)


async def test_the_largest_text_is_twice_the_normal_one(site: Site) -> None:
    page = await site.look(None)
    await page.goto("/sign-in")
    size = "parseFloat(getComputedStyle(document.body).fontSize)"
    normal = await page.evaluate(size)
    await page.evaluate(LARGEST)
    assert await page.evaluate(size) == 2 * normal


async def _faults(page: Page, seen: str) -> list[str]:
    said = await probe(page, "sideways") + await probe(page, "overlapping")
    return [f"{seen}: {one}" for one in said]
