"""Puts the real store behind the activities' ports; with `workflows/worker.py` the only place that does."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Engine

from activities.directory import DirectoryActivities
from activities.journal import JournalActivities
from engine.store.directory import Directory
from engine.store.journal import Journal


def activities(database: Engine) -> Sequence[Callable[..., Any]]:
    """Every activity there is, ready for a worker."""
    journal = JournalActivities(Journal(database))
    directory = DirectoryActivities(Directory(database))
    return (journal.append, directory.prepare)
