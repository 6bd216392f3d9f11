"""An organisation from `units.csv`, `people.csv`, `posts.csv`, or one .xlsx with these sheets (contract.md)."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from engine.domain.consistency import contradictions
from engine.domain.organisation import Absence, Organisation, Person, Post, Unit
from engine.files.errors import WORDS, FileError
from engine.files.tables import Row, Table, read_tables

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
Record = TypeVar("Record", bound=BaseModel)


def read_organisation(path: Path) -> Organisation:
    """The whole organisation, or the first thing that is wrong with it.

    Raises:
        FileError: names file, row and column.
    """
    tables = read_tables(path, COLUMNS, dates=frozenset({"valid_from", "valid_to"}))
    organisation = Organisation(
        units=_records(tables["units"], Unit, "units"),
        people=_records(tables["people"], Person, "people"),
        posts=_records(tables["posts"], Post, "posts"),
    )
    for fault in contradictions(organisation):
        table = tables[fault.kind]
        ja, en = WORDS[fault.code]
        row = table.rows[fault.index].number if table.rows else 1
        said = f" ({fault.value})" if fault.value else ""
        raise FileError(table.place, ja + said, en + said, row=row, column=fault.field)
    return organisation


def read_absences(path: Path) -> tuple[Absence, ...]:
    """Absences from a CSV file `person_id,first,last,proxy`; the shipped sample city has one."""
    tables = read_tables(path, {"absences": ("person_id", "first", "last", "proxy")})
    return _records(tables["absences"], Absence, "absences")


def _records(table: Table, model: type[Record], kind: str) -> tuple[Record, ...]:
    return tuple(_record(table, row, model, NEEDED.get(kind, ())) for row in table.rows)


def _record(table: Table, row: Row, model: type[Record], needed: Sequence[str]) -> Record:
    for name in needed:
        if not row.values[name]:
            ja, en = WORDS["missing"]
            raise FileError(table.place, ja, en, row=row.number, column=name)
    values: dict[str, Any] = {name: value for name, value in row.values.items() if value}
    if "duties" in values:
        values["duties"] = [duty.strip() for duty in values["duties"].split(";") if duty.strip()]
    for name in ("name_en", "email"):
        if name in model.model_fields:
            values.setdefault(name, "")
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        column = str(first["loc"][0]) if first["loc"] else None
        ja, en = WORDS["bad_value"]
        given = f" ({row.values.get(column or '', '')})"
        raise FileError(
            table.place, ja + given, f"{en}{given}: {first['msg']}", row=row.number, column=column
        ) from error
