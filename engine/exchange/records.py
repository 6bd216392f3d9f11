"""The rows of every export, and how a file of them is read back: `read(write(rows)) == rows` in every format.

A record is flat: one cell a field, lists as lines of a cell. Must not know where records come from.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from engine.domain.days import Day
from engine.domain.deliverables.imagine import Direction
from engine.domain.deliverables.share import PublicLevel
from engine.domain.deliverables.transform import Difficulty
from engine.domain.errors import FieldError
from engine.domain.model_faults import field_errors
from engine.domain.roadmap import Governance, Pillar
from engine.domain.scope import OrgScope, WorkScope
from engine.domain.steps import CycleKind, CycleStatus, Step
from engine.domain.text import printable
from engine.exchange.cells import Lines, Value
from engine.exchange.errors import FileError
from engine.exchange.file_faults import said_of
from engine.exchange.kinds import Format
from engine.exchange.tables import MOST_ROWS, Layout, rows_of
from engine.exchange.writing import csv_table, json_table, workbook
from engine.exchange.zip_guard import LARGEST, decoded, read_bytes
from engine.language.catalogues import both

BACK = 200_000_000
"""Bytes of a file that was exported and is read back by the one who exported it."""
LONGEST = 4_000_000


def _blank(value: Any) -> Any:
    return None if value == "" else value


class ExchangeRecord(BaseModel):
    """Base of all: frozen; a blank cell is nothing given."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    NEEDED: ClassVar[tuple[str, ...]] = ()
    CODES: ClassVar[frozenset[str]] = frozenset()

    @classmethod
    def columns(cls) -> tuple[str, ...]:
        """The heading."""
        return tuple(cls.model_fields)

    @classmethod
    def layout(cls, name: str, *, back: bool) -> Layout:
        """How a file of these is read; `back` when it is our own export."""
        days = {key for key, field in cls.model_fields.items() if field.annotation in (Day | None, Day)}
        return Layout(
            name=name,
            columns=cls.columns(),
            needed=cls.columns() if back else cls.NEEDED,
            dates=frozenset(days),
            codes=cls.CODES,
            exact=back,
            longest=LONGEST if back else 32_767,
            most=10 * MOST_ROWS if back else MOST_ROWS,
        )

    @classmethod
    def of_cells(cls, cells: dict[str, str]) -> Self:
        """A record from its cells; raises pydantic's ValidationError."""
        return cls.model_validate({name: cell for name, cell in cells.items() if cell != ""})

    def cells(self) -> tuple[Value, ...]:
        """The values in the order of the heading."""
        return tuple(_value(getattr(self, name)) for name in type(self).model_fields)


def _value(value: Any) -> Value:
    found: Value = str(value) if isinstance(value, StrEnum) else value
    return found


Text = Annotated[str | None, BeforeValidator(_blank)]
R = TypeVar("R", bound=ExchangeRecord)


class InitiativeRecord(ExchangeRecord):
    """One initiative: what starts it (the first nine), and where its spiral stands (the rest is read over)."""

    NEEDED: ClassVar[tuple[str, ...]] = ("title", "org_scope", "org_unit", "work_scope")
    CODES: ClassVar[frozenset[str]] = frozenset({"id", "org_unit", "startup", "adopted_from", "owner"})

    id: Text = None
    title: str
    org_scope: OrgScope
    org_unit: str
    work_scope: WorkScope
    pillar: Pillar | None = None
    startup: Text = None
    adopted_from: Text = None
    owner: Text = None
    fiscal_year: int | None = None
    created_at: datetime | None = None
    cycles: int | None = None
    open_cycles: int | None = None
    largest_scope: OrgScope | None = None
    status: CycleStatus | None = None
    step: Step | None = None
    hours_saved_per_year: float | None = None
    yen_per_year: float | None = None


class CaseRecord(ExchangeRecord):
    """One shared result (事例)."""

    cycle_id: str
    initiative_id: str
    turn: int
    kind: CycleKind
    title: str
    pillar: Pillar | None = None
    startup: Text = None
    governance: Governance
    org_scope: OrgScope
    org_unit: str
    work_scope: WorkScope
    owner: str
    fiscal_year: int
    shared_at: datetime
    ideal_statement: Text = None
    summary: Text = None
    before: Text = None
    after: Text = None
    minutes_before: float | None = None
    minutes_after: float | None = None
    cases_per_year: float | None = None
    hours_saved_per_year: float | None = None
    yen_per_year: float | None = None
    cost_initial_yen: float | None = None
    cost_running_yen: float | None = None
    effort_hours: float | None = None
    difficulty: Difficulty | None = None
    tools: Lines = ()
    conditions_to_copy: Text = None
    hard_parts: Text = None
    core_elements: Lines = ()
    adaptable_elements: Lines = ()
    lessons_failed: Text = None
    voices: Lines = ()
    audience: Text = None
    public_level: PublicLevel | None = None
    assets: Lines = ()
    adopted_from: Text = None


class EffectRecord(ExchangeRecord):
    """One number of one cycle, with unit, method, dates and source; unmeasured is blank, never zero."""

    cycle_id: str
    initiative_id: str
    turn: int
    kind: CycleKind
    status: CycleStatus
    title: str
    pillar: Pillar | None = None
    startup: Text = None
    org_scope: OrgScope
    org_unit: str
    owner: str
    fiscal_year: int | None = Field(default=None, description="in which it was measured")
    measure: str = Field(description="hours_saved_per_year, yen_per_year, or a metric's code")
    name: Text = None
    unit: str
    direction: Direction
    baseline: float | None = None
    target: float | None = None
    actual: float | None = None
    increment: float | None = Field(default=None, description="beyond the cycles it contains; hours and yen only")
    method: Text = None
    measured_on: Day | None = None
    result_from: Day | None = None
    result_to: Day | None = None
    n: int | None = None
    same_method: bool | None = None


class EventRecord(ExchangeRecord):
    """One entry of the journal; `data` is JSON."""

    position: int
    cycle_id: str
    seq: int
    at: datetime
    type: str
    actor: str
    on_behalf_of: Text = None
    command_id: Text = None
    data: str
    hash: Text = None


def write_records(
    what: str,
    model: type[ExchangeRecord],
    records: Iterable[ExchangeRecord],
    file_format: Format,
    *,
    bom: bool = False,
) -> Iterator[bytes]:
    """Records as a file, in chunks.

    Raises:
        ValueError: a format that holds event logs only.
    """
    rows = (record.cells() for record in records)
    match file_format:
        case Format.CSV:
            return csv_table(model.columns(), rows, bom=bom)
        case Format.XLSX:
            return workbook(what, model.columns(), rows)
        case Format.JSON:
            return json_table(what, model.columns(), rows)
        case Format.XES | Format.OCEL:
            raise ValueError(file_format)


class RecordFault(BaseModel):
    """A row that says something impossible: the column, what is wrong, and what stands there."""

    model_config = ConfigDict(frozen=True)

    column: str | None
    code: str
    given: str
    params: dict[str, str] = {}

    def at(self, name: str, row: int) -> FileError:
        """As the line to print."""
        ja, en = said_of(FieldError(pointer="", code=self.code, params=self.params))
        said = f" ({self.given})" if self.given else ""
        return FileError(name, ja + said, en + said, row=row, column=self.column)


def read_records(
    what: str, model: type[R], path: Path, *, name: str | None = None, back: bool = True
) -> Iterator[tuple[int, R]]:
    """The records of a file with the row each stands in, one at a time; arguments as for `read_each`.

    Raises:
        FileError: with file, row and column.
    """
    for number, found in read_each(what, model, path, name=name, back=back):
        if isinstance(found, RecordFault):
            raise found.at(name or str(path), number)
        yield number, found


def read_each(
    what: str, model: type[R], path: Path, *, name: str | None = None, back: bool = True
) -> Iterator[tuple[int, R | RecordFault]]:
    """The records of a file, or what is wrong with each, with the row it stands in, one at a time.

    Args:
        what: the sheet's name.
        model: which records.
        path: .csv, .xlsx or .json.
        name: what to call the file in errors.
        back: an export read back whole; else a file that people made, with blanks trimmed and columns left out.

    Raises:
        FileError: the file itself cannot be taken.
    """
    largest, called = (BACK if back else LARGEST), name or str(path)
    if path.suffix.lower() == ".json":
        rows: Iterable[tuple[int, Any]] = _json_items(what, path, called, largest)
    else:
        layout = model.layout(what, back=back)
        rows = ((row.number, row.values) for row in rows_of(path, layout, name=called, largest=largest))
    for number, values in rows:
        yield number, _record(model, values)


def read_cases(path: Path) -> Iterator[CaseRecord]:
    """A file that `spiral export cases` wrote."""
    return (record for _, record in read_records("cases", CaseRecord, path))


def read_effects(path: Path) -> Iterator[EffectRecord]:
    """A file that `spiral export effects` wrote."""
    return (record for _, record in read_records("effects", EffectRecord, path))


def _record(model: type[R], values: Any) -> R | RecordFault:
    try:
        if isinstance(values, dict) and all(isinstance(value, str) for value in values.values()):
            return model.of_cells(values)
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        column = str(first["loc"][0]) if first["loc"] else None
        given = str(values.get(column, ""))[:60] if isinstance(values, dict) else ""
        (found,) = field_errors([first])
        if found.code == "missing" or given == "":
            return RecordFault(column=column, code="missing", given=given)
        return RecordFault(column=column, code=found.code, given=printable(given), params=found.params)


def _json_items(what: str, path: Path, name: str, largest: int) -> Sequence[tuple[int, Any]]:
    """The items of our JSON; the line is the item's number plus one, since each stands on its own."""
    try:
        found = json.loads(decoded(read_bytes(path, name, largest), name))
    except (ValueError, RecursionError) as error:
        row = error.lineno if isinstance(error, json.JSONDecodeError) else None
        raise FileError(name, *both("not JSON"), row=row) from error
    items = found.get("items") if isinstance(found, dict) else None
    if not isinstance(items, list) or found.get("dx_spiral") != what:
        raise FileError(name, *both("this is no export of {what}", what=what))
    return list(enumerate(items, start=2))
