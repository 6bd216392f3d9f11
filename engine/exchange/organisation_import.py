"""An organisation from `units.csv`, `people.csv`, `posts.csv`, or one .xlsx (docs/guides/commands.md)."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from engine.domain.organisation.consistency import Contradiction, contradictions
from engine.domain.organisation.organisation import Absence, Organisation, Person, Post, Unit
from engine.domain.text import NAME, fault
from engine.exchange.errors import WORDS, Fault, FileError
from engine.exchange.file_faults import complaint, said_of
from engine.exchange.tables import Row, Table, read_tables
from engine.language.catalogues import Pair, both

COLUMNS = {
    "units": ("code", "name_ja", "name_en", "level", "parent_code"),
    "people": ("person_id", "name", "email", "locale"),
    "posts": ("person_id", "unit_code", "title", "role", "duties", "valid_from", "valid_to"),
}
NEEDED = {
    "units": ("code", "name_ja", "level"),
    "people": ("person_id", "name"),
    "posts": ("person_id", "unit_code", "title", "role"),
}
CODES = frozenset({"code", "parent_code", "person_id", "unit_code"})
DAYS = frozenset({"valid_from", "valid_to"})
EARLIEST, LATEST = 1950, 2199
"""Years of a post: it may have begun before anything else here was thought of."""
_CODE = re.compile(r"[A-Za-z0-9_.@+-]{1,64}")
Record = TypeVar("Record", bound=BaseModel)


def read_organisation(path: Path) -> Organisation:
    """The whole organisation, or everything that is wrong with its rows; then, with how the rows go together.

    Raises:
        FileError: names file, row and column of each fault.
    """
    tables = read_tables(path, COLUMNS, dates=DAYS, codes=CODES)
    faults: list[Fault] = []
    organisation = Organisation(
        units=_records(tables["units"], Unit, "units", faults),
        people=_records(tables["people"], Person, "people", faults),
        posts=_records(tables["posts"], Post, "posts", faults),
    )
    faults += [
        Fault(1, "", *both("there is a heading and no row"), tables[name].place)
        for name in ("people", "posts")
        if not tables[name].rows
    ]
    # A row that cannot be read would make others look wrong that are not.
    _refuse(faults)
    _refuse([_contradiction(tables[one.kind], one) for one in contradictions(organisation)])
    return organisation


def read_absences(path: Path) -> tuple[Absence, ...]:
    """Absences from a CSV file `person_id,first,last,proxy`; the shipped sample city has one."""
    table = read_tables(path, {"absences": ("person_id", "first", "last", "proxy")})["absences"]
    faults: list[Fault] = []
    absences = _records(table, Absence, "absences", faults)
    _refuse(faults)
    return absences


def _refuse(faults: Sequence[Fault]) -> None:
    if faults:
        raise FileError.several(faults[0].place, faults)


def _contradiction(table: Table, one: Contradiction) -> Fault:
    ja, en = WORDS[one.code]
    row = table.rows[one.index].number if table.rows else 1
    said = f" ({one.value})" if one.value else ""
    return Fault(row, one.field, ja + said, en + said, table.place)


def _records(table: Table, model: type[Record], kind: str, faults: list[Fault]) -> tuple[Record, ...]:
    """Those that can be read; what is wrong with the others is put into `faults`."""
    found = []
    for row in table.rows:
        missing = [name for name in NEEDED.get(kind, ()) if not row.values[name]]
        faults += [Fault(row.number, name, *WORDS["missing"], table.place) for name in missing]
        if not missing:
            found += _record(table, row, model, faults)
    return tuple(found)


def _record(table: Table, row: Row, model: type[Record], faults: list[Fault]) -> list[Record]:
    values: dict[str, Any] = {name: value for name, value in row.values.items() if value}
    if "duties" in values:
        values["duties"] = [duty.strip() for duty in values["duties"].split(";") if duty.strip()]
    for name in ("name_en", "email"):
        if name in model.model_fields:
            values.setdefault(name, "")
    try:
        found = model.model_validate(values)
    except ValidationError as error:
        for one in error.errors():
            column = str(one["loc"][0]) if one["loc"] else ""
            given = f" ({row.values.get(column, '')})"
            ja, en = complaint(one)
            faults.append(Fault(row.number, column, ja + given, en + given, table.place))
        return []
    wrong = [Fault(row.number, name, *said, table.place) for name, said in _unwritable(found)]
    faults += wrong
    return [] if wrong else [found]


def _unwritable(record: BaseModel) -> Iterator[tuple[str, Pair]]:
    """Columns that hold what can never be written, or what is no code and no day of anybody's working life."""
    for name in type(record).model_fields:
        value = getattr(record, name)
        if isinstance(value, date):
            if not EARLIEST <= value.year <= LATEST:
                yield (
                    name,
                    both("must be a day from {first} to {last} ({day})", first=EARLIEST, last=LATEST, day=value),
                )
        elif isinstance(value, str) and (found := fault(value, NAME)) is not None:
            yield name, said_of(found)
        elif name in CODES and isinstance(value, str) and not _CODE.fullmatch(value):
            yield name, both("write it with ASCII letters, digits and _ . - @ + ({value})", value=value)  # fmt: skip
