"""Offers in SQL: those that an approved Share makes by itself, and what lists and the follower read.

`offer_targets` runs in the transaction that writes the approval down, so no spread target is ever lost.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

import structlog
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Engine, and_, or_
from sqlmodel import Session, col, select

from engine.contracts.lists import OfferFilter
from engine.domain.access.reading import Clearance
from engine.domain.cycle.events import CycleCompleted, DecisionRetracted, Event
from engine.domain.cycle.state import CycleState
from engine.domain.ledger.facts import Write
from engine.domain.organisation.organisation import Grant, Organisation
from engine.domain.spread import offers
from engine.store.database import reading
from engine.store.directory.directory import Directory
from engine.store.readable import is_readable
from engine.store.record.ledger import Ledger
from engine.store.tables import CycleRow, OfferRow

Key = tuple[datetime, str]
log = structlog.get_logger(__name__)


class Placed(BaseModel):
    """An offer with its case's title, and where the adopt cycle stands; None while it has not started."""

    model_config = ConfigDict(frozen=True)

    offer: offers.Offer
    case_title: str
    cycle_status: str | None = None


def offer_targets(
    session: Session, directory: Directory, ledger: Ledger, state: CycleState, events: Iterable[Event]
) -> None:
    """Offers the case to the Share's spread targets when `events` complete it.

    A target that cannot be offered is left out and logged: an approval is never kept out of the journal for it.
    """
    completed = next((event for event in events if isinstance(event.data, CycleCompleted)), None)
    targets = tuple(dict.fromkeys(state.deliverables.share.spread_targets))
    if completed is None or not targets:
        return
    organisation = directory.facts(session).organisation
    for unit in targets:
        name = offers.offer_id(state.cycle_id, unit)
        row = session.get(OfferRow, name)
        known = offers.Offer.model_validate_json(row.state) if row is not None else None
        stands = known is not None and known.status is not offers.OfferStatus.WITHDRAWN
        if stands or offers.target_errors(state, (unit,), organisation):
            log.warning("spread target not offered", cycle=state.cycle_id, unit=unit)
            continue
        fact = offers.made(known, state.cycle_id, unit, None, by_share=True)
        command = f"{state.cycle_id}/{completed.seq}/{unit}"
        after = known.revision if known is not None else 0
        ask = Write(stream=offers.stream_of(name), after=after, facts=(fact,), actor=state.owner, command_id=command)
        ledger.write(session, ask)


def take_back_offers(session: Session, ledger: Ledger, state: CycleState, events: Iterable[Event]) -> None:
    """Takes back what the Share offered by itself and nobody has answered, when its approval is retracted."""
    for event in events:
        if not isinstance(event.data, DecisionRetracted) or not event.data.ended:
            continue
        rows = session.exec(select(OfferRow.state).where(OfferRow.case_id == state.cycle_id)).all()
        for offer in map(offers.Offer.model_validate_json, rows):
            if offer.status is not offers.OfferStatus.OFFERED:
                continue
            ask = Write(
                stream=offers.stream_of(offer.offer_id),
                after=offer.revision,
                facts=(offers.withdrawn(offer, event.data.reason),),
                actor=event.actor,
                command_id=f"{state.cycle_id}/{event.seq}/{offer.org_unit}",
            )
            ledger.write(session, ask)


class OfferReader:
    """Reads offers."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def offer(self, name: str) -> Placed | None:
        """One offer."""
        with reading(self._engine) as session:
            return next(iter(_placed(session, session.exec(select(OfferRow).where(OfferRow.id == name)).all())), None)

    def listed(self, wanted: OfferFilter, limit: int, clearance: Clearance, after: Key | None = None) -> list[Placed]:
        """Up to `limit` offers, newest first, those beyond `after` only."""
        query = select(OfferRow)
        for name, value in wanted.model_dump(exclude={"org_units"}, exclude_none=True).items():
            query = query.where(getattr(OfferRow, name) == value)
        if wanted.org_units is not None:
            query = query.where(col(OfferRow.org_unit).in_(wanted.org_units))
        if after is not None:
            older = col(OfferRow.offered_at) < after[0]
            query = query.where(or_(older, and_(col(OfferRow.offered_at) == after[0], col(OfferRow.id) < after[1])))
        query = query.order_by(col(OfferRow.offered_at).desc(), col(OfferRow.id).desc()).limit(limit)
        with reading(self._engine) as session:
            there = is_readable(clearance, col(OfferRow.case_id))
            return _placed(session, session.exec(query.where(there)).all())

    def units_waiting_for(self, person: str, organisation: Organisation, on: date) -> frozenset[str]:
        """The units with an open offer that this person may answer today."""
        with reading(self._engine) as session:
            units = session.exec(select(OfferRow.org_unit).where(OfferRow.status == "offered").distinct()).all()
        return frozenset(unit for unit in units if grant_of(person, unit, organisation, on) is not None)

    def unstarted(self, limit: int = 100) -> list[offers.Offer]:
        """Accepted offers whose adopt cycle is not in the journal yet."""
        query = (
            select(OfferRow.state)
            .where(
                col(OfferRow.cycle_id).is_not(None),
                col(OfferRow.cycle_id).not_in(select(CycleRow.id)),
            )
            .order_by(col(OfferRow.answered_at))
            .limit(limit)
        )
        with reading(self._engine) as session:
            return [offers.Offer.model_validate_json(state) for state in session.exec(query).all()]


def grant_of(person: str, unit: str, organisation: Organisation, on: date) -> Grant | None:
    """The person's right to answer for a unit today; in their own name rather than as a proxy."""
    grants = [one for one in offers.receivers(unit, organisation, on) if one.person_id == person]
    return min(grants, key=lambda one: one.why == "proxy", default=None)


def _placed(session: Session, rows: Sequence[OfferRow]) -> list[Placed]:
    wanted = {row.case_id for row in rows} | {row.cycle_id for row in rows if row.cycle_id}
    query = select(CycleRow.id, CycleRow.title, CycleRow.status).where(col(CycleRow.id).in_(wanted))
    cycles = {name: (title, status) for name, title, status in session.exec(query).all()}
    return [
        Placed(
            offer=offers.Offer.model_validate_json(row.state),
            case_title=cycles.get(row.case_id, ("", ""))[0],
            cycle_status=cycles[row.cycle_id][1] if row.cycle_id in cycles else None,
        )
        for row in rows
    ]
