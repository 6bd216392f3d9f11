import pytest
from sqlalchemy import Engine

from engine.contracts.cycle import AppendAsk
from engine.contracts.documents import ORGANISATION
from engine.data.shipped import is_sample_city
from engine.domain.review.policy import DEFAULT
from engine.store.directory.changes import Changes
from engine.store.directory.directory import Directory
from engine.store.directory.working_copies import WorkingCopies
from engine.store.record.journal import Journal
from tests.domain.plays import Play
from tests.support import city
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


@pytest.fixture
def play(database: Engine) -> Play:
    """A cycle that has just begun, in the journal."""
    Directory(database).import_document(ORGANISATION, "test", city.organisation(), by="test")
    found = Play()
    Journal(database).append(AppendAsk(cycle_id=found.state.cycle_id, after=0, events=found.events))
    return found


@pytest.fixture
def copies(database: Engine) -> WorkingCopies:
    return WorkingCopies(database, Directory(database).now)
