"""Golden copies of the ledger's facts: `ledger/<type>.v<version>.json`, by `python -m tests.domain.golden.facts`.

A copy holds every field that the fact had when it was released, each with a value that is not its default.
`ledger/SHA256SUMS` says what each file was; files are only ever added.
"""

import json
import sys
from datetime import UTC, date, datetime
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter

from engine.domain.ledger.facts import Fact
from tests.domain.golden import copies

LEDGER = copies.HERE / "ledger"
KEEP = "python -m tests.domain.golden.facts"
ADVICE = f"""
A released fact never changes its meaning: the ledger's chain rests on it. Give it an optional field, or a version 2
with a line in engine/domain/upcasters.py, or make another fact. New ones get their copy by `{KEEP}`.
"""
PLAIN: dict[type, object] = {
    str: "x1",
    int: 3,
    float: 2.5,
    bool: True,
    date: date(2026, 11, 24),
    datetime: datetime(2026, 11, 24, 3, tzinfo=UTC),
}
READER: TypeAdapter[Any] = TypeAdapter(Fact)


def members() -> list[type[BaseModel]]:
    """Every fact that is written today."""
    return list(get_args(get_args(Fact)[0]))


def file_of(member: type[BaseModel], folder: Path = LEDGER) -> Path:
    """Where the copy of a fact stands."""
    fields = member.model_fields
    return folder / f"{fields['type'].default}.v{fields['version'].default}.json"


def filled(model: type[BaseModel]) -> BaseModel:
    """One with every field set."""
    return model.model_validate({name: value_of(one.annotation) for name, one in model.model_fields.items()})


def value_of(kind: Any) -> object:
    """Any value of a type that is not likely to be a default.

    Raises:
        KeyError: of this type there is none yet; add it here.
    """
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Literal:
        return inner[0]
    if origin in (Union, UnionType):
        return value_of(next(one for one in inner if one is not type(None)))
    if origin in (tuple, list, frozenset):
        return [value_of(inner[0])]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return list(kind)[-1].value
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return SPECIAL.get(kind.__name__) or filled(kind)
    return PLAIN[kind]


SPECIAL: dict[str, object] = {"PostRef": {"kind": "head", "unit": "1101"}}
"""Values of models that refuse any mixture of fields."""


def changed_meaning(file: Path) -> list[str]:
    """What a copy says otherwise today; what is new beside it does not count."""
    then = json.loads(file.read_text(encoding="utf-8"))
    try:
        now = READER.validate_json(json.dumps(then)).model_dump(mode="json")
    except ValueError as error:
        return [f"{file.name} cannot be read any more: {error}"]
    if now["version"] != then["version"]:
        return []
    return [f"{file.name}{one}" for one in copies.lost(then, now)]


def edited(folder: Path = LEDGER) -> list[str]:
    """Copies that are not what they were when they were kept."""
    sums = copies.kept_sums(folder)
    there = {file.name: copies.digest(file) for file in folder.glob("*.json")}
    return sorted({f"{name}: was edited, added by hand or is gone" for name, _ in sums.items() ^ there.items()})


def keep(folder: Path = LEDGER) -> list[Path]:
    """Writes the copies that are missing; gives the new files."""
    folder.mkdir(exist_ok=True)
    made = [file for member in members() if not (file := file_of(member, folder)).exists() and _write(member, file)]
    with (folder / copies.SUMS).open("a", encoding="utf-8") as sums:
        sums.writelines(f"{copies.digest(file)}  {file.name}\n" for file in made)
    return made


def _write(member: type[BaseModel], file: Path) -> bool:
    text = json.dumps(filled(member).model_dump(mode="json"), ensure_ascii=False, sort_keys=True)
    return file.write_text(f"{text}\n", encoding="utf-8") > 0


if __name__ == "__main__":
    if wrong := edited():
        raise SystemExit("\n".join(wrong))
    sys.stdout.writelines(f"kept {file.name}\n" for file in keep())
