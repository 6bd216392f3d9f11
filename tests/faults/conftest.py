from collections.abc import AsyncIterator

import pytest
from sqlalchemy import Engine
from temporalio.client import Client

from tests.api.conftest import Http, serving
from tests.support import city
from tests.support.office import Office, office


@pytest.fixture
async def hurried(temporal: Client, database: Engine) -> AsyncIterator[Http]:
    """The whole at work, with little patience for its database."""
    async with serving(temporal, database, database_patience=0.3) as found:
        for person in (city.OWNER, city.UNIT_CHIEF, city.SECTION_HEAD, city.OTHER, city.ADMIN):
            found.token(person)  # made while the database is still there
        yield found


@pytest.fixture
async def working(temporal: Client, sqlite: Engine) -> AsyncIterator[Office]:
    """An office at work."""
    async with office(temporal, sqlite).working() as at_work:
        yield at_work
