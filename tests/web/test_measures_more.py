"""The other half of the pages under every measure, so that two processes share the work."""

import pytest

from tests.web.inspecting import inspected
from tests.web.places import HALVES, Place
from tests.web.site import Site
from tests.web.stock import Stock


@pytest.mark.slow
@pytest.mark.parametrize("place", HALVES[1], ids=str)
async def test_a_page_of_managers_and_of_the_city_can_be_used_by_everybody(
    site: Site, stock: Stock, place: Place
) -> None:
    found = await inspected(site, stock, place)
    assert not found, "\n".join(found)
