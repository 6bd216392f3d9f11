"""Tokens for tests: made and written down as those of people are."""

from api.services.credentials import hand_out
from engine.runtime.settings import Settings
from engine.store.database import open_database


def token_of(settings: Settings, person: str, database_url: str | None = None) -> str:
    """A token of a month."""
    database = open_database(database_url or settings.database_url)
    try:
        return hand_out(database, settings, person)
    finally:
        database.dispose()
