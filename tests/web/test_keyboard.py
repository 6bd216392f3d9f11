"""Every page by keyboard alone: everything is reached, in the eye's order, seen and not covered, and large enough."""

import pytest
from playwright.async_api import expect

from tests.web.measures import probe
from tests.web.places import PLACES, Place
from tests.web.site import Site
from tests.web.stock import Stock


@pytest.mark.parametrize("place", PLACES, ids=str)
async def test_the_tab_key_reaches_everything_in_the_order_of_the_eye(site: Site, stock: Stock, place: Place) -> None:
    page = await site.look(place.who(stock), language="ja")
    await page.goto(place.of(stock))
    await probe(page, "open")
    await probe(page, "watch")
    for _ in range(await probe(page, "presses")):
        await page.keyboard.press("Tab")
    found = await probe(page, "walked")
    for width in (1280, 320):
        await page.set_viewport_size({"width": width, "height": 640})
        for name in ("focus", "targets", "order"):
            found += [f"{width}: {one}" for one in await probe(page, name)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("place", PLACES, ids=str)
async def test_the_first_key_leads_to_the_content(site: Site, stock: Stock, place: Place) -> None:
    page = await site.look(place.who(stock))
    await page.goto(place.of(stock))
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("main")).to_be_focused()
