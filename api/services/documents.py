"""Putting a document in force: the same rules for a page and for the command line."""

from typing import BinaryIO

from openpyxl import Workbook
from pydantic import BaseModel

from engine.data.shipped import is_sample_city
from engine.domain.access.imports import may_replace
from engine.domain.organisation.organisation import Organisation
from engine.exchange.organisation_import import COLUMNS
from engine.store.directory.directory import Directory


def put_in_force(directory: Directory, kind: str, name: str, document: BaseModel, by: str) -> int:
    """Puts a document in force from now on; gives its number.

    Raises:
        DomainError: an organisation under a name that is kept, or that leaves nobody to look after it.
    """
    allowed_in_force(directory, name, document)
    return directory.import_document(kind, name, document, by)


def allowed_in_force(directory: Directory, name: str, document: BaseModel) -> None:
    """Only looks whether it may be.

    Raises:
        DomainError: see `put_in_force`.
    """
    if isinstance(document, Organisation):
        facts = directory.facts()
        may_replace(document, facts.organisation, name, facts.today, sample=is_sample_city(document))


def organisation_book(organisation: Organisation, out: BinaryIO) -> None:
    """An organisation as the workbook that the import reads: one sheet for offices, people and posts each."""
    book = Workbook(write_only=True)
    for name, columns in COLUMNS.items():
        sheet = book.create_sheet(name)
        sheet.append(list(columns))
        for record in getattr(organisation, name):
            sheet.append([_cell(getattr(record, column)) for column in columns])
    book.save(out)


def _cell(value: object) -> str:
    """As text: a code keeps its zeros, a day is written as the import wants it."""
    if value is None:
        return ""
    return "; ".join(str(one) for one in value) if isinstance(value, tuple) else str(value)
