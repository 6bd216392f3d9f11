"""Writes a cycle's events down. Knows a port, not a table, so that workflow code may name the activity lightly."""

from typing import Protocol

from temporalio import activity

from activities.failures import final
from engine.contracts.cycle import JOURNAL_APPEND, AppendAnswer, AppendAsk
from engine.domain.errors import DomainError


class JournalPort(Protocol):
    """What this activity needs from the store."""

    def append(self, ask: AppendAsk) -> AppendAnswer:
        """See `engine.store.record.journal.Journal.append`; a `DomainError` says that it can never be written."""
        ...


class JournalActivities:
    """The journal's door for workflows."""

    def __init__(self, journal: JournalPort) -> None:
        self._journal = journal

    # an exception thrown into the middle of a transaction would only make it run again
    @activity.defn(name=JOURNAL_APPEND, no_thread_cancel_exception=True)
    def append(self, ask: AppendAsk) -> AppendAnswer:
        """Writes events once, however often it runs; answers what the journal holds instead, if it differs.

        Raises:
            ApplicationError: not retryable: they can never be written; its detail is the `Refusal`. Whatever else it
                raises is for now only, such as a database that is away.
        """
        try:
            return self._journal.append(ask)
        except DomainError as error:
            raise final(error) from None  # what a database says of a value may hold the value itself
