"""決裁の取消し: who decided last takes it back, as long as nobody has acted on what followed.

A following cycle that has opened is such an act. The command, who may give it and why not, in one place. What is put
back stands in `engine.domain.cycle.undo`.
"""

from collections.abc import Iterable

from engine.domain.cycle import commands as c
from engine.domain.cycle.recorder import Record, needed_text
from engine.domain.cycle.state import CycleState, Decision
from engine.domain.cycle.undo import DecisionRetracted, Restored
from engine.domain.errors import DomainError, conflict, forbidden
from engine.domain.moves.handler import WORDS, Handler, Situation, Try, World
from engine.domain.moves.table.cells import Because, Otherwise, TableRow, across, cell, done
from engine.domain.moves.table.moves import Asker, Move
from engine.domain.moves.table.rows import IN_REVIEW, SLEEPING, WITHDRAWN

NOTHING = "nothing_to_retract"
OTHERS = "not_your_decision_to_retract"
ALREADY = "retracted_already"
OTHER_ROUND = "retract_other_round"
FOLLOWED = "retract_followed"
OPENED = "retract_opened"
TOO_OLD = "retract_too_old"


def retract(record: Record, body: c.Retract) -> None:
    """Takes the last decision back, or says what stands against it."""
    state = record.state
    decision = _last_of(state, record.actor, body)
    if (refused := _refusal(state, body)) is not None:
        raise refused
    reason = needed_text(body.reason, "/reason")
    undo = state.undo[-1]
    record.on_behalf_of = decision.on_behalf_of
    ended = not state.status.is_open
    review = undo.review_before(state.review)
    again = state.model_copy(update={"review": review, "decisions": state.decisions[:-1]})
    record.add(
        DecisionRetracted(
            step=decision.step,
            round=decision.round,
            decided=undo.seq,
            action=decision.action,
            post=decision.post,
            acted_as=decision.acted_as,
            decided_at=decision.at,
            reason=reason,
            restored=Restored(
                review=review,
                effects=state.effects if undo.effects is None else undo.effects,
                conditions=undo.conditions,
                amendments=undo.amendments,
                post_reviews=undo.post_reviews,
            ),
            tell=again.concurring_posts() if ended else (),
            ended=ended,
        )
    )


def _last_of(state: CycleState, actor: str, body: c.Retract) -> Decision:
    """The last decision, if it is this person's, of the round that is meant."""
    last = state.decisions[-1] if state.decisions else None
    if last is not None and last.by == actor and last.round == body.round:
        return last
    mine = [n for n, one in enumerate(state.decisions) if (one.by, one.round) == (actor, body.round)]
    if mine:
        following = state.decisions[mine[-1] + 1]
        raise _followed(body, following.action.value, following.by, following.at.isoformat())
    if any((one.by, one.round) == (actor, body.round) for one in state.retracted):
        raise conflict(ALREADY)
    if last is None:
        raise conflict(NOTHING)
    if last.by == actor:
        raise conflict(OTHER_ROUND, round=str(last.round))
    raise forbidden(OTHERS, by=last.by, by_name=body.names.get(last.by, ""))


def _refusal(state: CycleState, body: c.Retract) -> DomainError | None:
    """Why the last decision stays; None when it may be taken back."""
    if body.opened:
        return conflict(OPENED, cycle=body.opened[0].cycle_id, title=body.opened[0].title)
    if state.next_cycles:
        return conflict(OPENED, cycle=state.next_cycles[0].cycle_id, title=state.title)
    followed = body.acted if state.undo else state.followed
    if state.undo and followed is None:
        return None
    if followed is not None:
        return _followed(body, followed.what, followed.by, followed.at.isoformat())
    return conflict(TOO_OLD)


def _followed(body: c.Retract, what: str, by: str, at: str) -> DomainError:
    return conflict(FOLLOWED, what=what, by=by, by_name=body.names.get(by, ""), at=at)


def _look_up(body: c.Retract, world: World) -> dict[str, object]:
    state = world.state
    people = {one.by for one in (*state.decisions, state.followed, body.acted) if one is not None}
    known = (world.facts.organisation.person(one) for one in sorted(people))
    return {"names": {one.person_id: one.name for one in known if one is not None}}


def _last(situation: Situation) -> Iterable[Try]:
    if situation.state.decisions:
        opened, acted = situation.grown
        last = situation.state.decisions[-1]
        yield Move.RETRACT, c.Retract(round=last.round, reason=WORDS, opened=opened, acted=acted)


_BACK = cell(OTHERS, decider=done("decision_retracted", to=IN_REVIEW))
_LATE = cell(OTHERS, decider=FOLLOWED)
_ROW = TableRow(
    "retract",
    across(_BACK, ended=_BACK, cells={IN_REVIEW: _LATE, WITHDRAWN: _LATE, SLEEPING: cell(NOTHING)}),
    lacking=NOTHING,
    otherwise=(Otherwise(IN_REVIEW, Asker.DECIDER, done("decision_retracted"), Because.MORE_TO_ASK),),
)
HANDLERS = (Handler(c.Retract, retract, {Move.RETRACT: _ROW}, _last, _look_up),)
