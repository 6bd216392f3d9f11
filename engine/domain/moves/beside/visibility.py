"""庁内・関係者・限定: the owner, or the head of their unit, says who may read; at once, and after the end too."""

from collections.abc import Iterable

from engine.domain.access.reading import leads_owner
from engine.domain.cycle.recorder import Record, needed_text
from engine.domain.cycle.visibility import SetVisibility, Visibility, VisibilitySet
from engine.domain.errors import FieldError, conflict, forbidden, invalid
from engine.domain.moves.handler import WORDS, Handler, Situation, Try, World
from engine.domain.moves.table.cells import TableRow, across, cell, done
from engine.domain.moves.table.moves import Move


def set_visibility(record: Record, body: SetVisibility) -> None:
    """Sets level and named readers; whoever opens the cycle to more people says why.

    Raises:
        DomainError: `not_yours_to_hide`, `visibility_is_the_same`, or a missing reason.
    """
    state = record.state
    if record.actor != state.owner and not body.leads:
        raise forbidden("not_yours_to_hide", owner=state.owner)
    named = state.readers if body.readers is None else tuple(dict.fromkeys(body.readers))
    readers = () if body.level is Visibility.OFFICE else named
    if (body.level, readers) == (state.visibility, state.readers):
        raise conflict("visibility_is_the_same", level=body.level.value)
    reason = (body.reason or "").strip() or None
    if body.level.rank < state.visibility.rank:
        reason = needed_text(body.reason, "/reason")
    record.add(VisibilitySet(level=body.level, before=state.visibility, readers=readers, reason=reason))


def _look_up(body: SetVisibility, world: World) -> dict[str, object]:
    facts = world.facts
    wrong = [
        FieldError(pointer=f"/readers/{index}", code="unknown_person", params={"person": one})
        for index, one in enumerate(body.readers or ())
        if facts.organisation.person(one) is None
    ]
    if wrong:
        raise invalid(*wrong)
    return {"leads": leads_owner(world.actor, world.state, facts.organisation, facts.today)}


def _another(situation: Situation) -> Iterable[Try]:
    others = (one for one in Visibility if one is not situation.state.visibility)
    yield Move.SET_VISIBILITY, SetVisibility(level=next(others), reason=WORDS)


_HIDES = cell("not_yours_to_hide", owner=done("visibility_set"), decider=done("visibility_set"))
_ROW = TableRow("set_visibility", across(_HIDES, ended=_HIDES))
HANDLERS = (Handler(SetVisibility, set_visibility, {Move.SET_VISIBILITY: _ROW}, _another, _look_up),)
