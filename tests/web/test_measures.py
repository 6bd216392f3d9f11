"""Every page, in every language, width and theme: axe finds nothing, nothing moves, leaves, or weighs much."""

import pytest

from tests.web.measures import faults_of
from tests.web.places import NOT_PAGES, PLACES, Place, routes
from tests.web.site import Site
from tests.web.stock import Stock


def test_every_address_that_answers_get_is_measured_or_said_not_to_be_a_page() -> None:
    measured = {place.route for place in PLACES if place.route}
    assert set(routes()) == measured | set(NOT_PAGES)
    assert not measured & set(NOT_PAGES)


@pytest.mark.parametrize("place", PLACES, ids=str)
async def test_every_page_is_usable_by_everybody_quiet_small_and_still(
    site: Site, stock: Stock, place: Place
) -> None:
    site.console.clear()
    site.elsewhere.clear()
    found = await faults_of(site, [place.of(stock)], place.who(stock), place.status)
    assert not found, "\n".join(f"{where}: {one}" for where, said in found.items() for one in said)
    assert not [one for one in site.console if f"status of {place.status}" not in one]
    assert not site.elsewhere
