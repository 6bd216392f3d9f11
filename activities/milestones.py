"""Looks at a startup's milestones. Knows a port, not a table; workflow code names this activity."""

from typing import Protocol

from temporalio import activity

from engine.contracts.milestones import LOOK, LookAnswer, LookAsk


class MilestonesPort(Protocol):
    """What this activity needs from the store; see `engine.store.registers.milestones.Milestones`."""

    def look(self, ask: LookAsk) -> LookAnswer: ...


class MilestoneActivities:
    """The milestones' door for workflows."""

    def __init__(self, milestones: MilestonesPort) -> None:
        self._milestones = milestones

    @activity.defn(name=LOOK)
    def look(self, ask: LookAsk) -> LookAnswer:
        """Notes what has fallen due, once, however often it runs."""
        return self._milestones.look(ask)
