"""Putting a document in force: the same rules for a page, a program and the command line.

What changes who decides waits for a second one (`engine.domain.administration`). On the machine itself it counts as
an emergency: at once, marked, and told.
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, NamedTuple

from pydantic import BaseModel

from api.auth import Caller
from api.container import Desk
from api.services.operations.accesses import note
from engine.contracts.documents import ORGANISATION, POLICY, ROADMAP, AskedDocument, DocumentPut, SeenChange
from engine.data.shipped import is_sample_city
from engine.domain.access.log import AccessAct
from engine.domain.errors import invalid, invalid_at
from engine.domain.organisation.organisation import Organisation
from engine.domain.text import Limits, fault, shows
from engine.exchange.document_import import read_edition, read_policy
from engine.exchange.errors import FileError
from engine.exchange.organisation_import import COLUMNS, read_organisation

KINDS = (ORGANISATION, ROADMAP, POLICY)
LARGEST = 10_000_000
"""Bytes of a file."""
ON_THE_MACHINE = "spiral import"
"""Why what is put in force on the machine itself does not wait: whoever has the machine could write anything."""
LONGEST_REASON = 500


@dataclass(frozen=True)
class UploadedDocument:
    """A file as it came: what it is to be, its name, its bytes; `emergency` says why it cannot wait."""

    kind: str
    name: str
    content: bytes
    emergency: str | None = None


def hand_in(file: UploadedDocument, caller: Caller, desk: Desk, *, check: bool) -> DocumentPut:
    """An administrator's file: read as a whole, then put in force, left waiting, or only looked at.

    Raises:
        DomainError: not an administrator; a wrong kind or reason; see `Changes.put`.
        FileError: what is wrong in the file, with its place.
    """
    caller.must_be_admin()
    if file.kind not in KINDS:
        raise invalid_at("/kind", "not_a_choice", expected=", ".join(KINDS))
    if len(file.content) > LARGEST:
        raise invalid_at("/file", "too_long", limit="10 MB")
    emergency = _words(file.emergency, "/emergency") if file.emergency is not None else None
    if file.emergency is not None and emergency is None:
        raise invalid_at("/emergency", "missing")
    document = _read(file, caller.facts.organisation)
    name = str(getattr(document, "id", file.name))
    asked = AskedDocument(file.kind, name, document, caller.id, emergency, caller.by_token_of)
    if check:
        return desk.changes.look(asked)
    found = desk.changes.put(asked)
    note(AccessAct.SETTING, caller.id, desk, file.kind, asked.name)
    return found


class KnownDocument(NamedTuple):
    """A document that was put in force: the newest of a kind is."""

    number: int
    name: str
    imported_at: datetime
    imported_by: str


def known(kind: str, desk: Desk) -> list[KnownDocument]:
    """Every document of a kind, the newest first."""
    return [
        KnownDocument(one.number or 0, one.name, one.imported_at, one.imported_by)
        for one in desk.reader.documents(kind)
    ]


def shows_sample_city(desk: Desk) -> bool:
    """Whether the organisation in force is the sample city's."""
    newest = next(iter(desk.reader.documents(ORGANISATION)), None)
    return newest is not None and is_sample_city(Organisation.model_validate_json(newest.content))


def changes(caller: Caller, desk: Desk) -> list[SeenChange]:
    """Documents that wait and that the caller may see, then the last that are over."""
    return desk.changes.seen(caller.id)


def change(change_id: str, caller: Caller, desk: Desk) -> SeenChange:
    """One of them.

    Raises:
        DomainError: `unknown_change`.
    """
    return desk.changes.one(change_id, caller.id)


def agree(change_id: str, caller: Caller, desk: Desk) -> SeenChange:
    """The caller agrees, and it is in force.

    Raises:
        DomainError: `unknown_change`, `own_change`, `not_yours_to_agree`, `token_of_another`, `change_closed`, or why
            the document cannot be put in force any more.
    """
    found = desk.changes.agree(change_id, caller.id, by_token_of=caller.by_token_of)
    note(AccessAct.SETTING, caller.id, desk, found.change.kind, found.change.name)
    return found


def withdraw(change_id: str, reason: str | None, caller: Caller, desk: Desk) -> SeenChange:
    """The caller withdraws it, and it is not made.

    Raises:
        DomainError: `unknown_change`, `not_yours_to_agree`, `token_of_another`, `change_closed`; a reason too long.
    """
    return desk.changes.withdraw(change_id, caller.id, _words(reason, "/reason"), by_token_of=caller.by_token_of)


def _words(typed: str | None, pointer: str) -> str | None:
    """A reason as it is kept, on one line; None when nothing was typed."""
    said = " ".join((typed or "").split())
    wrong = fault(said, Limits(LONGEST_REASON, one_line=True), pointer)
    if wrong is not None:
        raise invalid(wrong)
    return said if shows(said) else None


def organisation_book(organisation: Organisation, out: BinaryIO) -> None:
    """An organisation as the workbook that the import reads: one sheet for offices, people and posts each."""
    from openpyxl import Workbook  # noqa: PLC0415 - a start need not wait for workbooks

    book = Workbook(write_only=True)
    for name, columns in COLUMNS.items():
        sheet = book.create_sheet(name)
        sheet.append(list(columns))
        for record in getattr(organisation, name):
            sheet.append([_cell(getattr(record, column)) for column in columns])
    book.save(out)


def _read(file: UploadedDocument, organisation: Organisation) -> BaseModel:
    """The document in an uploaded file; the readers want a place with the file's own name."""
    readers: dict[str, Callable[[Path], BaseModel]] = {
        ORGANISATION: read_organisation,
        ROADMAP: read_edition,
        POLICY: lambda path: read_policy(path, organisation),
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / file.name
        path.write_bytes(file.content)
        try:
            return readers[file.kind](path)
        except FileError as error:
            error.ja, error.en = (text.replace(f"{folder}/", "") for text in (error.ja, error.en))
            raise


def _cell(value: object) -> str:
    """As text: a code keeps its zeros, a day is written as the import wants it."""
    if value is None:
        return ""
    return "; ".join(str(one) for one in value) if isinstance(value, tuple) else str(value)
