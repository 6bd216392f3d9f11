"""What has grown from a decision elsewhere: cycles that opened from it, what somebody did with an offer or wrote.

Asked when a decision is to be taken back. Reads tables; what it means for the decision says
`engine.domain.moves.deciding.retract`.
"""

from sqlalchemy import and_, or_
from sqlmodel import Session, col, select

from engine.domain.cycle.state import CycleState
from engine.domain.cycle.undo import Followed, Opened
from engine.domain.cycle.working_copy import WorkingCopy
from engine.domain.spread.offers import Offer, OfferStatus
from engine.store.tables import CycleRow, OfferRow


def opened_from(session: Session, state: CycleState) -> tuple[Opened, ...]:
    """The cycles that follow a decision that ended this one: next, joined, adopted, copied; none while it goes on."""
    if state.status.is_open:
        return ()
    following = [name for one in state.next_cycles for name in (one.cycle_id, one.join) if name is not None]
    taken = [one.cycle_id for one in _offers(session, state.cycle_id) if one.cycle_id is not None]
    copied = col(CycleRow.copied_from)
    older = and_(copied.is_(None), col(CycleRow.state).contains(f'"copied_from":"{state.cycle_id}"'))
    rows = session.exec(
        select(CycleRow.id, CycleRow.title)
        .where(
            or_(
                col(CycleRow.id).in_([*following, *taken]),
                col(CycleRow.adopted_from) == state.cycle_id,
                copied == state.cycle_id,
                older,  # written by the release before this one, which goes on for a while beside it
            )
        )
        .order_by(col(CycleRow.created_at), col(CycleRow.id))
    ).all()
    found = {name: Opened(cycle_id=name, title=title) for name, title in rows}
    for name in taken:  # accepted, and about to start
        found.setdefault(name, Opened(cycle_id=name, title=state.title))
    return tuple(found.values())


def acted_on(session: Session, state: CycleState) -> Followed | None:
    """The first thing a person did with the case: offered it by hand, or answered an offer that the Share made."""
    acts = [
        Followed(what="offer_answered", by=one.answered_by, at=one.answered_at)
        if one.answered_by is not None and one.answered_at is not None
        else Followed(what="offer_made", by=one.offered_by, at=one.offered_at)
        for one in _offers(session, state.cycle_id)
        if one.status is not OfferStatus.WITHDRAWN and (one.answered_by is not None or not one.by_share)
    ]
    return min(acts, key=lambda one: one.at, default=None)


def written_since(state: CycleState, copy: WorkingCopy | None) -> Followed | None:
    """That the owner has gone on writing after the last decision that could be taken back."""
    if copy is None or not state.undo or copy.at_revision < state.undo[-1].seq:
        return None
    return Followed(what="draft_saved", by=copy.saved_by, at=copy.saved_at)


def _offers(session: Session, case_id: str) -> list[Offer]:
    texts = session.exec(select(OfferRow.state).where(OfferRow.case_id == case_id).order_by(OfferRow.id)).all()
    return [Offer.model_validate_json(text) for text in texts]
