from collections.abc import AsyncIterator

import pytest
from sqlalchemy import Engine
from temporalio.client import Client

from tests.api.conftest import Http, serving


@pytest.fixture
async def hurried(temporal: Client, database: Engine) -> AsyncIterator[Http]:
    """The whole at work, with little patience for its database."""
    async with serving(temporal, database, database_patience=0.3) as found:
        yield found
