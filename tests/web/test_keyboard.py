"""Every page by keyboard alone: everything is reached, in the eye's order, seen and not covered, and large enough."""

import pytest
from playwright.async_api import expect

from tests.web.measures import in_every_colour, probe
from tests.web.places import PLACES, Place
from tests.web.site import MAYOR, OWNER, Site
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


@pytest.mark.parametrize(("person", "path"), [(MAYOR, "/city"), (OWNER, "/roadmap")])
async def test_what_unfolds_over_the_page_is_worked_by_keyboard_and_never_stays_in_the_way(
    site: Site, person: str, path: str
) -> None:
    page = await site.look(person, width=320)
    await page.goto(path)
    for fold in await page.locator("details[name]").all():
        summary = fold.locator("summary")
        await summary.press("Enter")
        await expect(fold).to_have_attribute("open", "")
        await page.keyboard.press("Tab")
        await expect(fold.locator(":focus")).to_be_in_viewport()
        assert await probe(page, "sideways") == []
        assert await in_every_colour(page) == []
        await page.keyboard.press("Escape")
        await expect(fold).not_to_have_attribute("open", "")
        await expect(summary).to_be_focused()
        await page.keyboard.press("Enter")
        await page.locator("footer a").last.focus()
        await expect(fold).not_to_have_attribute("open", "")
