"""Tokens for tests: made and written down as those of people are."""

from collections.abc import Iterable

from api.services.organisation.credentials import hand_out
from engine.runtime.settings import Settings
from engine.store.database import open_database


def token_of(settings: Settings, person: str) -> str:
    """A token of a month."""
    return tokens_of(settings, [person])[person]


def tokens_of(settings: Settings, people: Iterable[str]) -> dict[str, str]:
    """One for each of several people."""
    database = open_database(settings.database_url)
    try:
        return {person: hand_out(database, settings, person) for person in people}
    finally:
        database.dispose()
