"""決裁 as a command: the moves that it is given by, what is looked up for it, and where each is possible."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache

from engine.domain.calendar import local_date
from engine.domain.cycle import commands as c
from engine.domain.cycle.events import PlannedNext
from engine.domain.errors import DomainError, FieldError, conflict, invalid
from engine.domain.lineage.next_cycles import plan_next
from engine.domain.moves.deciding.judge import judge
from engine.domain.moves.handler import WORDS, Handler, Situation, Try, World
from engine.domain.moves.looking_up import away, grants
from engine.domain.moves.table.cells import Answer, Because, Cell, Otherwise, TableRow, across, cell, done
from engine.domain.moves.table.moves import Asker, Move, Occasion
from engine.domain.moves.table.named_states import NamedState
from engine.domain.moves.table.rows import COMPLETED, DECIDERS, DRAFT, HELD, IN_REVIEW, REJECTED, RETURNED
from engine.domain.review.review import Action
from engine.domain.steps import Step

_APPROVING = (Action.APPROVE, Action.APPROVE_WITH_CONDITIONS)


def _look_up(body: c.Decide, world: World) -> dict[str, object]:
    _condition_owners(body, world)
    granted = grants(world, pull_up=body.pull_up)
    found: dict[str, object] = {"grants": granted}
    if world.state.review is not None:
        found["away"] = away(world.state.review.route, world)
    if world.state.step is Step.SHARE and body.action in _APPROVING and granted:
        found["plan"] = world.once(_plan)
    return found


def _condition_owners(body: c.Decide, world: World) -> None:
    """Whoever is to meet a condition must be there."""
    wrong = [
        FieldError(pointer=f"/conditions/{index}/owner", code="unknown_person", params={"person": one.owner})
        for index, one in enumerate(body.conditions)
        if one.owner and world.facts.organisation.person(one.owner) is None
    ]
    if wrong:
        raise invalid(*wrong)


def _plan(world: World) -> tuple[PlannedNext, ...]:
    """The following cycles; what is wrong with them is the owner's to mend, so the decider is told to return it."""
    facts, known = world.facts, {one.cycle_id: one for one in world.targets}
    try:
        return plan_next(world.state, facts.organisation, facts.today, facts.policy.utc_offset_minutes, known)
    except DomainError as error:
        places = ", ".join(f"{one.pointer}: {one.code}" for one in error.refusal.errors)
        raise conflict("next_cannot_start", places=places) from error


def _each(situation: Situation) -> Iterable[Try]:
    today = local_date(situation.at, situation.facts.policy.utc_offset_minutes)
    return _decisions(situation.state.round, today, situation.at + timedelta(days=1))


@lru_cache(maxsize=64)
def _decisions(number: int, today: date, until: datetime) -> tuple[Try, ...]:
    """Of a round, whichever cycle's it is: the rows of a page have the same."""
    found: list[Try] = []
    for action in Action:
        conditions = (c.ConditionAsked(text=WORDS, due=today),) if action is Action.APPROVE_WITH_CONDITIONS else ()
        decision = c.Decide(
            action=action,
            round=number,
            reason=WORDS,
            conditions=conditions,
            hold_until=until if action is Action.HOLD else None,
        )
        found.append((Move(action.value), decision))
        if action is Action.APPROVE:
            found.append((Move.PULL_UP, decision.model_copy(update={"pull_up": True})))
    return tuple(found)


def _deciding(decider: Answer, superior: Answer = DECIDERS) -> Mapping[NamedState, Cell]:
    """Of whom the route asks, while it does."""
    in_review = cell(DECIDERS, owner="own_work", decider=decider, superior=superior)
    return across(cell("round_over"), cells={IN_REVIEW: in_review, HELD: cell("on_hold", owner="own_work")})


def _row(decider: Answer, superior: Answer = DECIDERS, otherwise: tuple[Otherwise, ...] = ()) -> TableRow:
    return TableRow("decide", _deciding(decider, superior), otherwise=otherwise)


_VOTED = ("stage_voted", "step_approved")
_APPROVED = done(*_VOTED, "effect_measured", to=DRAFT)
_APPROVED_FOR = done(*_VOTED, "effect_measured", "post_review_due", to=DRAFT)
_APPROVALS = (
    Otherwise(IN_REVIEW, Asker.DECIDER, done("stage_voted", "stage_opened"), Because.MORE_TO_ASK),
    Otherwise(IN_REVIEW, Asker.DECIDER, done(*_VOTED, "cycle_completed", to=COMPLETED), Because.LAST_STEP),
)
_OPPOSED = (Otherwise(IN_REVIEW, Asker.OTHER, done("stage_voted", "stage_opened"), Because.OPINION),)
_SENT_BACK = (Otherwise(IN_REVIEW, Asker.DECIDER, done("stage_returned", "stage_opened"), Because.EARLIER_APPROVER),)
_ROWS: Mapping[Move | Occasion, TableRow] = {
    Move.APPROVE: _row(_APPROVED, otherwise=_APPROVALS),
    Move.APPROVE_WITH_CONDITIONS: _row(_APPROVED, otherwise=_APPROVALS[1:]),
    Move.OPPOSE: _row("oppose_in_opinion_only", otherwise=_OPPOSED),
    Move.RETURN: _row(done("step_returned", to=RETURNED), otherwise=_SENT_BACK),
    Move.HOLD: _row(done("review_held", to=HELD)),
    Move.REJECT: _row(done("cycle_rejected", to=REJECTED)),
    Move.PULL_UP: _row(_APPROVED, _APPROVED_FOR, _APPROVALS),
}
HANDLERS = (Handler(c.Decide, judge, _ROWS, _each, _look_up),)
