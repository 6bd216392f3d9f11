import pytest
from sqlalchemy import Engine

from engine.data.shipped import is_sample_city
from engine.domain.review.policy import DEFAULT
from engine.store.directory.changes import Changes
from engine.store.directory.directory import Directory
from tests.support.governed import WITH_TWO, Day, Governed


@pytest.fixture
def governed(database: Engine) -> Governed:
    day = Day()
    directory = Directory(database, day)
    changes = Changes(database, directory, is_sample_city)
    made = Governed(database, day, directory, changes)
    made.put(WITH_TWO)
    made.put(DEFAULT.model_copy(update={"id": "own"}))
    return made
