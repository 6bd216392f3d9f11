"""Looks up what a command from outside needs: grants, route, following cycles. Knows ports, not tables."""

from typing import Protocol

from temporalio import activity

from activities.failures import final
from engine.contracts.cycle import DIRECTORY_PREPARE, PrepareAnswer, PrepareAsk
from engine.domain.cycle.commands import Command
from engine.domain.cycle.state import CycleState
from engine.domain.errors import DomainError


class DirectoryPort(Protocol):
    """What this activity needs from the store."""

    def state(self, cycle_id: str) -> CycleState | None:
        """The cycle as the journal has it."""
        ...

    def prepare(self, command: Command, state: CycleState) -> Command:
        """See `engine.store.directory.directory.Directory.prepare`."""
        ...


class NotThereYetError(Exception):
    """The journal does not hold the cycle's first event yet."""


class DirectoryActivities:
    """The directory's door for workflows."""

    def __init__(self, directory: DirectoryPort) -> None:
        self._directory = directory

    @activity.defn(name=DIRECTORY_PREPARE)
    def prepare(self, ask: PrepareAsk) -> PrepareAnswer:
        """The command with its facts.

        Raises:
            ApplicationError: refused already here; its type is the refusal's code, its detail the `Refusal`.
        """
        state = self._directory.state(ask.cycle_id)
        if state is None:
            raise NotThereYetError(ask.cycle_id)  # its first event is written before its first command: try again
        try:
            return PrepareAnswer(command=self._directory.prepare(ask.command, state))
        except DomainError as error:
            raise final(error) from None
