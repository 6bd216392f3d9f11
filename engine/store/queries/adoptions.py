"""The adoption ledger in SQL: offers, the cycles they started, and cycles that took a case over unasked."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Engine
from sqlmodel import Session, col, func, select

from engine.domain.spread.adoption_ledger import Adoption, Totals, credited, days, replicated, totals
from engine.domain.spread.offers import Offer
from engine.store.database import reading
from engine.store.tables import CaseSheetRow, CycleRow, LedgerRow, OfferRow


class _Cycle(NamedTuple):
    id: str
    initiative: str
    unit: str
    status: str
    created_at: datetime
    adopted_from: str | None


class AdoptionReader:
    """Reads who took what over. `all` is what the dashboards may count; it is kept until it changes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._kept: tuple[_State, list[Adoption], Totals] | None = None

    def all(self) -> list[Adoption]:
        """Every adoption, newest first."""
        return self._read()[1]

    def totals(self) -> Totals:
        """Their sums."""
        return self._read()[2]

    def _read(self) -> "tuple[_State, list[Adoption], Totals]":
        with reading(self._engine) as session:
            state, kept = _state(session), self._kept
            if kept is not None and kept[0] == state:
                return kept
            found = list(_adoptions(session))
        found.sort(key=lambda one: (one.at, one.offer_id or one.cycle_id or ""), reverse=True)
        self._kept = (state, found, totals(found))
        return self._kept

    def of(self, case_id: str) -> list[Adoption]:
        """Who copied one case, and who copied the copies, the nearest first."""
        found = list(self.all())
        with reading(self._engine) as session:
            copied = {one.cycle_id for one in found if one.cycle_id}
            of_copies = select(CycleRow.initiative_id).where(col(CycleRow.id).in_(copied))
            rows = session.exec(
                select(CycleRow.id, CycleRow.initiative_id).where(col(CycleRow.initiative_id).in_(of_copies))
            ).all()
        found.sort(key=lambda one: (one.at, one.offer_id or one.cycle_id or ""))
        return credited(case_id, found, {row[0]: row[1] for row in rows})


_State = tuple[int, int, int]
"""Where the ledger ends, how many adopt cycles there are, and how many events they have: what adoptions rest on."""


def _state(session: Session) -> _State:
    ledger = session.exec(select(func.max(LedgerRow.position))).one() or 0
    copies = select(func.count(), func.sum(CycleRow.revision)).where(col(CycleRow.adopted_from) > "")
    count, events = session.exec(copies).one()
    return ledger, count, events or 0


def _adoptions(session: Session) -> Iterator[Adoption]:
    columns = (
        CycleRow.id, CycleRow.initiative_id, CycleRow.org_unit, CycleRow.status, CycleRow.created_at,
        CycleRow.adopted_from,
    )  # fmt: skip
    copies = session.exec(select(*columns).where(col(CycleRow.adopted_from).is_not(None)))  # type: ignore[call-overload]
    cycles = {one.id: one for one in (_Cycle(*row) for row in copies.all())}
    sheets = select(CaseSheetRow.cycle_id, CaseSheetRow.minutes_saved_per_case, CaseSheetRow.shared_at)
    saved = {name: (minutes, at) for name, minutes, at in session.exec(sheets).all()}
    asked: set[str] = set()
    for state in session.exec(select(OfferRow.state)).all():
        offer = Offer.model_validate_json(state)
        if offer.cycle_id:
            asked.add(offer.cycle_id)
        yield _adoption(
            Adoption(
                case_id=offer.case_id,
                org_unit=offer.org_unit,
                offer_id=offer.offer_id,
                status=offer.status.value,
                reason=offer.reason,
                at=offer.offered_at,
                days_to_answer=days(offer.offered_at, offer.answered_at),
                cycle_id=offer.cycle_id,
            ),
            cycles,
            saved,
        )
    for name, cycle in cycles.items():
        if name not in asked and cycle.adopted_from:
            yield _adoption(
                Adoption(
                    case_id=cycle.adopted_from,
                    org_unit=cycle.unit,
                    status="unsolicited",
                    at=cycle.created_at,
                    cycle_id=name,
                ),
                cycles,
                saved,
            )


def _adoption(
    adoption: Adoption, cycles: dict[str, _Cycle], saved: dict[str, tuple[float | None, datetime]]
) -> Adoption:
    """With how the adopt cycle stands, and whether it brought what the case had brought."""
    cycle = cycles.get(adoption.cycle_id or "")
    if cycle is None:
        return adoption
    done = cycle.status == "completed"
    minutes, at = saved.get(cycle.id, (None, None))
    original, _ = saved.get(adoption.case_id, (None, None))
    return adoption.model_copy(
        update={
            "cycle_status": cycle.status,
            "days_to_adopt": days(adoption.at, at) if done else None,
            "effect_replicated": replicated(original, minutes) if done else None,
        }
    )
