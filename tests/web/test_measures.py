"""Every page under every measure of `inspecting.py`, and no page without them; the other half is in _more."""

import pytest

from tests.web.inspecting import inspected
from tests.web.places import HALVES, NOT_PAGES, PLACES, Place, routes
from tests.web.site import Site
from tests.web.stock import Stock


def test_every_address_that_answers_get_is_measured_or_said_not_to_be_a_page() -> None:
    measured = {place.route for place in PLACES if place.route}
    assert set(routes()) == measured | set(NOT_PAGES)
    assert not measured & set(NOT_PAGES)
    assert sorted(map(str, PLACES)) == sorted(str(place) for half in HALVES for place in half)


@pytest.mark.slow
@pytest.mark.parametrize("place", HALVES[0], ids=str)
async def test_a_page_of_an_owner_can_be_used_by_everybody(site: Site, stock: Stock, place: Place) -> None:
    found = await inspected(site, stock, place)
    assert not found, "\n".join(found)


@pytest.mark.long
@pytest.mark.parametrize("place", PLACES, ids=str)
async def test_a_page_can_be_used_by_everybody_in_every_language_width_and_theme(
    site: Site, stock: Stock, place: Place
) -> None:
    found = await inspected(site, stock, place, everywhere=True)
    assert not found, "\n".join(found)
