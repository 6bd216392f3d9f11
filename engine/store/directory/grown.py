"""What has grown from a decision elsewhere: cycles that opened from it, what somebody did with an offer or wrote.

Asked when a decision is to be taken back. Reads tables; what it means for the decision says
`engine.domain.moves.deciding.retract`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from sqlalchemy import and_, case, or_
from sqlalchemy import select as choose
from sqlmodel import Session, col, select

from engine.domain.cycle.state import CycleState
from engine.domain.cycle.undo import Followed, Opened
from engine.domain.cycle.working_copy import WorkingCopy
from engine.domain.moves.handler import Grown
from engine.domain.spread.offers import Offer, OfferStatus
from engine.store.directory.working_copies import kept_copies
from engine.store.tables import CycleRow, OfferRow

MANY = 100
"""Cycles asked about at once: each may name several others, and both databases limit how many a query may."""
_COPIED = '"copied_from":"'


def grown_from(session: Session, states: Iterable[CycleState]) -> dict[str, Grown]:
    """What has grown from the last decision of each of some cycles, by their ids; asked of all of them together."""
    known, found = {one.cycle_id: one for one in states}, dict[str, Grown]()
    for some in _parts(list(known.values())):
        copies = kept_copies(session, {one.cycle_id: one.step for one in some})
        offers = _offers(session, some)
        opened = _opened(session, [one for one in some if not one.status.is_open], offers)
        for state in some:
            acts = (_acted_on(offers[state.cycle_id]), _written_since(state, copies.get(state.cycle_id)))
            first = min((one for one in acts if one is not None), key=lambda one: one.at, default=None)
            found[state.cycle_id] = (opened.get(state.cycle_id, ()), first)
    return found


def _parts(states: Sequence[CycleState]) -> Iterator[Sequence[CycleState]]:
    for start in range(0, len(states), MANY):
        yield states[start : start + MANY]


def _opened(
    session: Session, ended: Sequence[CycleState], offers: Mapping[str, Sequence[Offer]]
) -> dict[str, tuple[Opened, ...]]:
    """The cycles that follow decisions that ended these: next, joined, adopted, copied; while one goes on, none."""
    if not ended:
        return {}
    ids = [one.cycle_id for one in ended]
    taken = {one: [offer.cycle_id for offer in offers[one] if offer.cycle_id is not None] for one in ids}
    named = {one.cycle_id: _following(one) | set(taken[one.cycle_id]) for one in ended}
    copied, adopted, state = col(CycleRow.copied_from), col(CycleRow.adopted_from), col(CycleRow.state)
    # what the release before this one writes, which goes on for a while beside it, says it in its state alone
    older = and_(copied.is_(None), state.contains(_COPIED))
    wanted = or_(col(CycleRow.id).in_(sorted(set().union(*named.values()))), adopted.in_(ids), copied.in_(ids), older)
    query = choose(col(CycleRow.id), col(CycleRow.title), adopted, copied, case((older, state), else_=""))
    query = query.where(wanted).order_by(col(CycleRow.created_at), col(CycleRow.id))
    rows = session.connection().execute(query).all()
    found: dict[str, tuple[Opened, ...]] = {}
    for one in ended:
        case_id = one.cycle_id
        opened = {
            name: Opened(cycle_id=name, title=title)
            for name, title, adopted_from, copied_from, text in rows
            if name in named[case_id] or case_id in (adopted_from, copied_from) or f'{_COPIED}{case_id}"' in text
        }
        for name in taken[case_id]:  # accepted, and about to start
            opened.setdefault(name, Opened(cycle_id=name, title=one.title))
        found[case_id] = tuple(opened.values())
    return found


def _following(state: CycleState) -> set[str]:
    return {name for one in state.next_cycles for name in (one.cycle_id, one.join) if name is not None}


def _acted_on(offers: Iterable[Offer]) -> Followed | None:
    """The first thing a person did with the case: offered it by hand, or answered an offer that the Share made."""
    acts = [
        Followed(what="offer_answered", by=one.answered_by, at=one.answered_at)
        if one.answered_by is not None and one.answered_at is not None
        else Followed(what="offer_made", by=one.offered_by, at=one.offered_at)
        for one in offers
        if one.status is not OfferStatus.WITHDRAWN and (one.answered_by is not None or not one.by_share)
    ]
    return min(acts, key=lambda one: one.at, default=None)


def _written_since(state: CycleState, copy: WorkingCopy | None) -> Followed | None:
    """That the owner has gone on writing after the last decision that could be taken back."""
    if copy is None or not state.undo or copy.at_revision < state.undo[-1].seq:
        return None
    return Followed(what="draft_saved", by=copy.saved_by, at=copy.saved_at)


def _offers(session: Session, states: Iterable[CycleState]) -> Mapping[str, Sequence[Offer]]:
    wanted = col(OfferRow.case_id).in_([one.cycle_id for one in states])
    found = defaultdict[str, list[Offer]](list)
    for text in session.exec(select(OfferRow.state).where(wanted).order_by(OfferRow.id)).all():
        offer = Offer.model_validate_json(text)
        found[offer.case_id].append(offer)
    return found
