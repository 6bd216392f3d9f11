"""Collects the events of one command, and the moves that several commands share."""

from datetime import datetime

from engine.domain import events as e
from engine.domain.approvals import Route, opened
from engine.domain.commands import Command
from engine.domain.errors import invalid_at
from engine.domain.evolving import evolve
from engine.domain.state import CycleState


class Record:
    """Numbers events after the state's revision and keeps the state they lead to.

    Args:
        state: before the command.
        at: when, aware UTC.
        command: whose; None for the passing of time.
        on_behalf_of: the absent holder a proxy acts for.
    """

    def __init__(self, state: CycleState, at: datetime, command: Command | None = None) -> None:
        self.state = state
        self.at = at
        self.command = command
        self.on_behalf_of: str | None = None
        self.events: tuple[e.Event, ...] = ()

    @property
    def actor(self) -> str:
        """Whose command it is; `system` for the passing of time."""
        return self.command.actor if self.command else e.SYSTEM

    def add(self, data: e.EventData) -> None:
        """One more thing that happened."""
        event = e.Event(
            seq=self.state.revision + 1,
            at=self.at,
            actor=self.actor,
            on_behalf_of=self.on_behalf_of,
            command_id=self.command.id if self.command else None,
            fingerprint=self.command.fingerprint if self.command else None,
            data=data,
        )
        self.events = (*self.events, event)
        self.state = evolve(self.state, event)


def open_next_stages(record: Record, route: Route, order: int) -> bool:
    """Opens the stages of the first order at or after `order`; False when none is left.

    A stage whose approvals were kept from before a return, and suffice, stays closed.
    """
    review = record.state.review
    votes = review.votes if review else ()
    stages = [
        stage for stage in route.stages_from(order) if sum(vote.stage == stage.key for vote in votes) < stage.needed
    ]
    if not stages and route.stages_from(order):
        return open_next_stages(record, route, route.stages_from(order)[0].order + 1)
    for stage in stages:
        record.add(e.StageOpened(round=record.state.round, stage=opened(stage, route, record.at)))
    return bool(stages)


def needed_text(text: str | None, pointer: str) -> str:
    """The text, trimmed; blank is an error at `pointer`."""
    if text is None or not text.strip():
        raise invalid_at(pointer, "missing")
    return text.strip()
