"""What may this person do with this cycle now? Pages, `CycleView.actions` and the command line ask here.

No rule stands here. Each move that the table knows as possible in the cycle's state is tried on the pure core with a
body that lacks nothing, and is allowed unless `decide` refuses it as forbidden, in conflict with how things are, or
about something that is not there. What is only wrong with a form that is not filled in yet refuses nothing: whoever
may hand in may try to.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from engine.domain.calendar import local_date
from engine.domain.cycle import commands as c
from engine.domain.cycle.attachments import standing
from engine.domain.cycle.state import CycleState
from engine.domain.cycle.undo import Followed, Opened
from engine.domain.cycle.visibility import SetVisibility, Visibility
from engine.domain.errors import Category, DomainError
from engine.domain.lineage.join import JoinTarget
from engine.domain.moves.dispatch import decide
from engine.domain.moves.prepare import prepared
from engine.domain.moves.table.moves import Move
from engine.domain.moves.table.named_states import named_state
from engine.domain.moves.table.rows import is_possible
from engine.domain.review.facts import Facts
from engine.domain.review.review import Action

__all__ = ["DECISIONS", "NOTHING", "REFUSED", "Grown", "Move", "allowed"]
Grown = tuple[tuple[Opened, ...], Followed | None]
"""What has grown from a cycle's end elsewhere, and what somebody did with it; see `c.Retract`."""
NOTHING: Grown = ((), None)
REFUSED = frozenset({Category.FORBIDDEN, Category.CONFLICT, Category.NOT_FOUND})
WORDS = "-"
"""Stands for whatever a person would write."""
_SHA256 = "0" * 64
DECISIONS = frozenset(Move(action.value) for action in Action)
"""The moves of whoever the route asks."""


def allowed(  # noqa: PLR0913 - who, what, when, and what else is known
    state: CycleState,
    person: str,
    facts: Facts,
    at: datetime,
    *,
    targets: Sequence[JoinTarget] = (),
    grown: Grown = NOTHING,
) -> tuple[Move, ...]:
    """The moves that are open to a person, in the order of `Move`.

    Args:
        state: the cycle.
        person: who asks.
        facts: of today.
        at: now.
        targets: the cycles that the Share in `state` wants to join.
        grown: what has grown from the cycle's last decision.
    """
    here = named_state(state)
    found = {
        move
        for move, body in _tries(state, facts, at, grown)
        if is_possible(move, here)
        and _is_open(c.Command(id=WORDS, actor=person, body=body), state, facts, at, targets)
    }
    if found & DECISIONS:  # who has it anyway pulls nothing up
        found.discard(Move.PULL_UP)
    return tuple(move for move in Move if move in found)


def _is_open(
    command: c.Command, state: CycleState, facts: Facts, at: datetime, targets: Sequence[JoinTarget]
) -> bool:
    try:
        if isinstance(command.body, c.Submit) and (refused := _before_the_route(command, state, at)) is not None:
            return refused
        decide(state, prepared(command, state, facts, targets), at)
    except DomainError as error:
        return error.refusal.category not in REFUSED
    return True


def _before_the_route(command: c.Command, state: CycleState, at: datetime) -> bool | None:
    """False when handing in is refused whatever the route is, which takes long to find; None when it matters."""
    try:
        decide(state, command, at)
    except DomainError as error:
        return None if error.refusal.code == "no_decider" else error.refusal.category not in REFUSED
    return True


def _tries(state: CycleState, facts: Facts, at: datetime, grown: Grown) -> Iterator[tuple[Move, c.Body]]:
    """Each move with bodies of which one is enough: one for each thing that it could be about."""
    deliverable = state.deliverables.of(state.step)
    yield Move.SAVE_DRAFT, c.SaveDraft(deliverable=deliverable)
    yield Move.SUBMIT, c.Submit()
    yield from _decisions(state, facts, at)
    last = state.decisions[-1] if state.decisions else None
    if last is not None:
        opened, acted = grown
        yield Move.RETRACT, c.Retract(round=last.round, reason=WORDS, opened=opened, acted=acted)
    yield Move.PULL_BACK, c.PullBack()
    yield Move.WITHDRAW, c.Withdraw(reason=WORDS)
    yield Move.RESUME, c.Resume(reason=WORDS)
    yield Move.COMMENT, c.Comment(text=WORDS)
    yield Move.ASK, c.Ask(text=WORDS)
    yield Move.ATTACH, c.Attach(name=WORDS, size=1, sha256=_SHA256)
    yield from _about_something(state, facts)


def _decisions(state: CycleState, facts: Facts, at: datetime) -> Iterator[tuple[Move, c.Body]]:
    today = local_date(at, facts.policy.utc_offset_minutes)
    for action in Action:
        conditions = (c.ConditionAsked(text=WORDS, due=today),) if action is Action.APPROVE_WITH_CONDITIONS else ()
        decision = c.Decide(
            action=action,
            round=state.round,
            reason=WORDS,
            conditions=conditions,
            hold_until=at + timedelta(days=1) if action is Action.HOLD else None,
        )
        yield Move(action.value), decision
        if action is Action.APPROVE:
            yield Move.PULL_UP, decision.model_copy(update={"pull_up": True})


def _about_something(state: CycleState, facts: Facts) -> Iterator[tuple[Move, c.Body]]:
    """Moves about one of several things: a question, a file, a condition."""
    yield Move.ACKNOWLEDGE, c.Acknowledge()
    others = (one for one in Visibility if one is not state.visibility)
    yield Move.SET_VISIBILITY, SetVisibility(level=next(others), reason=WORDS)
    for condition in state.conditions:
        yield Move.CLOSE_CONDITION, c.CloseCondition(n=condition.n, evidence=WORDS)
    for question in state.asides.questions:
        yield Move.ANSWER_QUESTION, c.AnswerQuestion(n=question.n, text=WORDS)
    for review in state.asides.post_reviews:
        yield Move.POST_REVIEW, c.ReadAfterwards(n=review.n)
    for file in standing(state.attachments):
        yield Move.DETACH, c.Detach(n=file.n)
    elsewhere = (one for one in facts.edition.startups if one.code != state.startup) if facts.edition else iter(())
    if (other := next(elsewhere, None)) is not None:
        yield Move.ASSIGN_STARTUP, c.AssignStartup(startup=other.code)
