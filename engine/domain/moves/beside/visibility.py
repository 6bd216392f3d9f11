"""庁内・関係者・限定: the owner, or the head of their unit, says who may read; at once, and after the end too."""

from engine.domain.cycle.recorder import Record, needed_text
from engine.domain.cycle.visibility import SetVisibility, Visibility, VisibilitySet
from engine.domain.errors import conflict, forbidden


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
