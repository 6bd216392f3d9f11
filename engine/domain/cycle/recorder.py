"""Collects the events of one command, and the moves that several commands share."""

from datetime import datetime
from typing import NamedTuple

from engine.domain.cycle import events as e
from engine.domain.cycle.commands import Command
from engine.domain.cycle.evolve import evolve
from engine.domain.cycle.state import CycleState
from engine.domain.errors import invalid_at
from engine.domain.review.consultation import PostReviewDue
from engine.domain.review.due_times import opened
from engine.domain.review.review import Away, Route, Stage, StageKind, Terms


class Transition(NamedTuple):
    """What a command, or the passing of time, does to a cycle: the events, none or more, and the state after them."""

    events: tuple[e.Event, ...]
    state: CycleState


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

    @property
    def transition(self) -> Transition:
        """All that happened so far, and where it led."""
        return Transition(self.events, self.state)

    def add(self, data: e.EventData) -> None:
        """One more thing that happened."""
        event = e.Event(
            seq=self.state.revision + 1,
            at=self.at,
            actor=self.actor,
            on_behalf_of=self.on_behalf_of,
            by_token_of=self.command.by_token_of if self.command else None,
            command_id=self.command.id if self.command else None,
            fingerprint=self.command.fingerprint if self.command else None,
            data=data,
        )
        self.events = (*self.events, event)
        self.state = evolve(self.state, event)


class Attempt(Record):
    """Nothing is written down: the first thing that would be ends it, and that it came so far is the answer."""

    class HappensError(Exception):
        """Something would happen."""

    def __init__(self, state: CycleState, at: datetime, actor: str) -> None:
        super().__init__(state, at)
        self._actor = actor

    @property
    def actor(self) -> str:
        """Who tries."""
        return self._actor

    def add(self, _data: e.EventData) -> None:
        """Ends it.

        Raises:
            Attempt.HappensError: always.
        """
        raise Attempt.HappensError


def open_next_stages(record: Record, route: Route, order: int, away: tuple[Away, ...] = ()) -> bool:
    """Opens the stages of the first order at or after `order`; False when none is left.

    A stage whose approvals were kept from before a return, and suffice, stays closed; so does one of the line whose
    posts are all passed over, because everybody there is `away`.
    """
    following = route.stages_from(order)
    for stage in following:
        if route.terms.skip_absent and stage.kind is StageKind.LINE:
            _pass_over(record, stage, away)
    review = record.state.review
    votes, passed = (review.votes, review.passed) if review else ((), ())
    stages = [stage for stage in following if not stage.is_settled(votes, passed)]
    if not stages and following:
        return open_next_stages(record, route, following[0].order + 1, away)
    for stage in stages:
        record.add(e.StageOpened(round=record.state.round, stage=opened(stage, route, record.at)))
    return bool(stages)


def _pass_over(record: Record, stage: Stage, away: tuple[Away, ...]) -> None:
    """後閲 in its second meaning: who is away is passed over, and reads afterwards what was decided."""
    review = record.state.review
    silent = review.silent(stage) if review and not stage.is_settled(review.votes, review.passed) else []
    for one in away:
        if one.post not in silent:
            continue
        record.add(e.PostPassedOver(round=record.state.round, stage=stage.key, post=one.post, people=one.people))
        for person in one.people if stage_terms(record).post_review else ():
            record.add(
                PostReviewDue(
                    n=len(record.state.asides.post_reviews) + 1,
                    person=person,
                    post=one.post,
                    step=record.state.step,
                    round=record.state.round,
                    why="passed_over",
                )
            )


def stage_terms(record: Record) -> Terms:
    """The terms of the review under way."""
    if record.state.review is None:
        raise ValueError("no review is under way")
    return record.state.review.route.terms


def needed_text(text: str | None, pointer: str) -> str:
    """The text, trimmed; blank is an error at `pointer`."""
    if text is None or not text.strip():
        raise invalid_at(pointer, "missing")
    return text.strip()
