"""Every page as it is read out: one title, headings without jumps, named landmarks, tables, controls and pictures."""

import pytest

from tests.web.measures import LANGUAGES, probe
from tests.web.places import PLACES, Place
from tests.web.reading import faults, heard
from tests.web.site import Site
from tests.web.stock import Stock


@pytest.mark.parametrize("place", PLACES, ids=str)
async def test_a_page_read_out_makes_sense(site: Site, stock: Stock, place: Place) -> None:
    found: list[str] = []
    for language in LANGUAGES:
        page = await site.look(place.who(stock), language=language)
        await page.goto(place.of(stock))
        await probe(page, "open")
        told = await heard(page)
        found += [f"{language}: {one}" for one in faults(told) + await probe(page, "described")]
        title = await page.title()
        if not title.removesuffix("DX Spiral").strip(" ·"):
            found.append(f"{language}: no title")
    assert not found, "\n".join(found)
