"""The records of every export, from what the store holds, a page at a time and never all at once."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import islice

from pydantic import BaseModel, ConfigDict

from engine.contracts.lists import CycleFilter, Lineage
from engine.domain.access.reading import Clearance, reads_drafts, without_draft
from engine.domain.calendar import fiscal_year, local_date
from engine.domain.cycle.events import Event
from engine.domain.cycle.state import CycleState
from engine.domain.deliverables.imagine import Direction, Metric
from engine.domain.deliverables.realise import Result
from engine.domain.effects.account import Booking
from engine.domain.organisation.organisation import Organisation
from engine.domain.roadmap import Pillar
from engine.domain.steps import CycleStatus, Step
from engine.exchange.eventlog.pseudonyms import Pseudonyms
from engine.exchange.records import CaseRecord, EffectRecord, EventRecord, InitiativeRecord
from engine.store.queries.cycles import Reader
from engine.store.queries.effects import AccountReader
from engine.store.record.journal import event_of
from engine.store.tables import JournalRow

PAGE = 200
Advance = Callable[[int], None]
Account = Mapping[str, Booking]


class Wanted(BaseModel):
    """Which part is wanted; None means all.

    Args:
        fiscal_year: April to March, named by its first year; of the start for initiatives, of sharing for cases, of
            measuring for effects, of the event for events.
        pillar: `P1` to `P5`.
        org_unit: an office and all below it.
    """

    model_config = ConfigDict(frozen=True)

    fiscal_year: int | None = None
    pillar: Pillar | None = None
    org_unit: str | None = None


class Gathering:
    """Reads the store for one export.

    Args:
        reader: the tables.
        account: what effects add up from.
        organisation: to know which offices lie below one.
        wanted: the filters.
        clearance: what they may read for whom it is made.
        offset: minutes that the office's clock is ahead of UTC.
        advance: told how many rows have been looked at.
    """

    def __init__(  # noqa: PLR0913 - what one export needs, each named
        self,
        reader: Reader,
        account: AccountReader,
        organisation: Organisation,
        wanted: Wanted,
        *,
        clearance: Clearance,
        offset: int = 540,
        advance: Advance = lambda _: None,
    ) -> None:
        self._reader = reader.on_record()
        self._account = account
        self._organisation = organisation
        self._wanted = wanted
        self._clearance = clearance
        self._offset = offset
        self._advance = advance

    def initiatives(self) -> Iterator[InitiativeRecord]:
        """Every initiative, the newest first."""
        for lineages, account in self._spirals():
            first = lineages[0].state
            if self._fits(first) and self._in_year(first.created_at):
                yield self._initiative(lineages, account)

    def cases(self) -> Iterator[CaseRecord]:
        """Every result that was shared, the newest cycle first."""
        for lineage in self._cycles(CycleFilter(status=CycleStatus.COMPLETED.value, pillar=self._pillar)):
            state = lineage.state
            if self._fits(state) and self._in_year(shared_at(state)):
                yield self._case(state)

    def effects(self) -> Iterator[EffectRecord]:
        """Every number of every cycle, spiral by spiral."""
        for lineages, account in self._spirals():
            for record in self._effects(lineages, account):
                year = self._wanted.fiscal_year
                if year is None or record.fiscal_year == year:
                    yield record

    def events(self, pseudonyms: Pseudonyms | None = None) -> Iterator[EventRecord]:
        """The journal, in the order of commit; with `pseudonyms` without texts, hashes and keys."""
        for row, state in self.journal():
            yield _event_record(row, pseudonyms, drafts=reads_drafts(self._clearance, state))

    def journal(self) -> Iterator[tuple[JournalRow, CycleState]]:
        """The journal's rows with the cycle each belongs to."""
        position, states = 0, _Recent(self._reader, self._clearance)
        while rows := self._reader.following(position, PAGE):
            for row in rows:
                state = states.of(row.cycle_id)
                if state is not None and self._fits(state) and self._in_year(row.at):
                    yield row, state
            position = rows[-1].position or 0
            self._advance(len(rows))

    def histories(self) -> Iterator[tuple[CycleState, Sequence[Event]]]:
        """Every cycle that began in the year, with its events in order."""
        for lineage in self._cycles(CycleFilter(pillar=self._pillar)):
            state = lineage.state
            if self._fits(state) and self._in_year(state.created_at):
                rows = self._reader.events(state.cycle_id, 0, state.revision)
                yield state, [event_of(row) for row in rows]

    @property
    def _pillar(self) -> str | None:
        return self._wanted.pillar.value if self._wanted.pillar else None

    def _cycles(self, wanted: CycleFilter) -> Iterator[Lineage]:
        after = None
        while page := self._reader.cycles(wanted, PAGE, self._clearance, after):
            yield from page
            last = page[-1].state
            after = (last.created_at, last.cycle_id)
            self._advance(len(page))

    def _spirals(self) -> Iterator[tuple[Sequence[Lineage], Account]]:
        """Spirals, each with what its cycles add."""
        firsts = self._cycles(CycleFilter(turn=1))
        while held := [first.state.initiative_id for first in islice(firsts, PAGE)]:
            account = self._account.bookings_of(held, self._offset)
            for spiral in self._reader.initiatives(held, self._clearance).values():
                yield spiral.lineages, account

    def _fits(self, state: CycleState) -> bool:
        wanted = self._wanted
        if wanted.pillar not in (None, state.pillar):
            return False
        if wanted.org_unit is None:
            return True
        return state.org_unit == wanted.org_unit or self._organisation.is_same_or_ancestor(
            wanted.org_unit, state.org_unit
        )

    def _day(self, at: datetime) -> date:
        return local_date(at, self._offset)

    def _in_year(self, at: datetime) -> bool:
        return self._wanted.fiscal_year in (None, fiscal_year(self._day(at)))

    def _initiative(self, lineages: Sequence[Lineage], account: Account) -> InitiativeRecord:
        first, states = lineages[0].state, [one.state for one in lineages]
        latest = max(states, key=lambda one: (one.status.is_open, one.updated_at, one.cycle_id))
        return InitiativeRecord(
            id=first.initiative_id,
            title=first.title,
            org_scope=first.org_scope,
            org_unit=first.org_unit,
            work_scope=first.work_scope,
            pillar=first.pillar,
            startup=first.startup,
            adopted_from=first.adopted_from,
            owner=first.owner,
            fiscal_year=fiscal_year(self._day(first.created_at)),
            created_at=first.created_at,
            cycles=len(states),
            open_cycles=sum(one.status.is_open for one in states),
            largest_scope=max((one.org_scope for one in states), key=lambda scope: scope.rank),
            status=latest.status,
            step=latest.step,
            hours_saved_per_year=_total(account[one.cycle_id].hours for one in states),
            yen_per_year=_total(account[one.cycle_id].yen for one in states),
        )

    def _case(self, state: CycleState) -> CaseRecord:
        given = state.deliverables
        imagine, transform, realise, share = given.imagine, given.transform, given.realise, given.share
        plain = {name: getattr(state, name) for name in CaseRecord.model_fields if name in type(state).model_fields}
        case = share.case
        plain |= {
            "fiscal_year": fiscal_year(self._day(shared_at(state))),
            "shared_at": shared_at(state),
            "ideal_statement": imagine.ideal_statement,
            "minutes_before": imagine.as_is.minutes_per_case if imagine.as_is else None,
            "minutes_after": realise.actual.minutes_per_case if realise.actual else None,
            "cases_per_year": realise.actual.cases_per_year if realise.actual else None,
            "hours_saved_per_year": state.effects.hours_saved_per_year,
            "yen_per_year": state.effects.yen_per_year,
            "voices": tuple(voice.text or "" for voice in realise.voices),
        }
        if case is not None:
            plain |= {name: getattr(case, name) for name in type(case).model_fields}
        for name in ("cost_initial_yen", "cost_running_yen", "effort_hours", "difficulty", "tools"):
            plain[name] = getattr(transform, name)
        names = ("core_elements", "adaptable_elements", "lessons_failed", "audience", "public_level", "assets")
        return CaseRecord.model_validate(plain | {name: getattr(share, name) for name in names})

    def _effects(self, lineages: Sequence[Lineage], account: Account) -> Iterator[EffectRecord]:
        for state in filter(self._fits, (one.state for one in lineages)):
            effects, added = state.effects, account[state.cycle_id]
            yield self._effect(state, "hours_saved_per_year", "h/year", effects.hours_saved_per_year, added.hours)
            yield self._effect(state, "yen_per_year", "yen/year", effects.yen_per_year, added.yen)
            for metric in state.deliverables.imagine.metrics:
                yield self._metric(state, metric)

    def _effect(
        self, state: CycleState, measure: str, unit: str, actual: float | None, increment: float | None
    ) -> EffectRecord:
        results = state.deliverables.realise.results if actual is not None else ()
        end = max((one.to for one in results if one.to), default=None)
        return EffectRecord(
            **_whose(state),
            fiscal_year=self._measured_in(state, end, actual),
            measure=measure,
            unit=unit,
            direction=Direction.UP,
            actual=actual,
            increment=increment,
            result_to=end,
        )

    def _metric(self, state: CycleState, metric: Metric) -> EffectRecord:
        results = state.deliverables.realise.results
        result = next((one for one in results if one.metric == metric.code), Result())
        return EffectRecord(
            **_whose(state),
            fiscal_year=self._measured_in(state, result.to, result.value),
            measure=metric.code or "",
            name=metric.name,
            unit=metric.unit or "",
            direction=metric.direction or Direction.DOWN,
            baseline=metric.baseline,
            target=metric.target,
            actual=result.value,
            method=metric.method,
            measured_on=metric.measured_on,
            result_from=result.start,
            result_to=result.to,
            n=result.n,
            same_method=result.same_method,
        )

    def _measured_in(self, state: CycleState, day: date | None, value: float | None) -> int | None:
        if value is None:
            return None
        return fiscal_year(day or self._day(state.updated_at))


class _Recent:
    """The cycles that were asked for lately: events of one cycle stand close together."""

    MOST = 2_000

    def __init__(self, reader: Reader, clearance: Clearance) -> None:
        self._reader = reader
        self._clearance = clearance
        self._kept: dict[str, CycleState | None] = {}

    def of(self, cycle_id: str) -> CycleState | None:
        if cycle_id not in self._kept:
            if len(self._kept) >= self.MOST:
                self._kept.clear()
            self._kept[cycle_id] = self._reader.state(cycle_id, self._clearance)
        return self._kept[cycle_id]


def shared_at(state: CycleState) -> datetime:
    """When the result was shared: the last decision on Share."""
    return max((one.at for one in state.decisions if one.step is Step.SHARE), default=state.updated_at)


def _event_record(row: JournalRow, pseudonyms: Pseudonyms | None, *, drafts: bool) -> EventRecord:
    data = event_of(row).data.model_dump(mode="json", by_alias=True)
    data = data if drafts else without_draft(data)
    hidden = pseudonyms is not None
    actor, behalf = row.actor, row.on_behalf_of
    if pseudonyms is not None:
        data, actor = pseudonyms.without_texts(data), pseudonyms.of(actor)
        behalf = pseudonyms.of(behalf) if behalf else None
    return EventRecord(
        position=row.position or 0,
        cycle_id=row.cycle_id,
        seq=row.seq,
        at=row.at,
        type=row.type,
        actor=actor,
        on_behalf_of=behalf,
        command_id=None if hidden else row.command_id,
        data=json.dumps(data, ensure_ascii=False, sort_keys=True),
        hash=None if hidden else row.hash,
    )


def _whose(state: CycleState) -> dict[str, object]:
    names = ("cycle_id", "initiative_id", "turn", "kind", "status", "title", "pillar", "startup", "org_scope",
             "org_unit", "owner")  # fmt: skip
    return {name: getattr(state, name) for name in names}


def _total(parts: Iterable[float | None]) -> float | None:
    known = [part for part in parts if part is not None]
    return round(sum(known), 6) if known else None
