from collections.abc import AsyncIterator

import pytest
from sqlalchemy import Engine
from temporalio.client import Client

from tests.support.office import Office, office


@pytest.fixture(params=[1000, 0], ids=["cached", "uncached"])
async def working(request: pytest.FixtureRequest, temporal: Client, sqlite: Engine) -> AsyncIterator[Office]:
    """An office at work, once with its cycles in memory and once rebuilding each from its history every time."""
    async with office(temporal, sqlite, cached=request.param).working() as at_work:
        yield at_work
