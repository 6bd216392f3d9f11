"""Putting a document in force: the same rules for a page and for the command line."""

from pydantic import BaseModel

from engine.data.shipped import is_sample_city
from engine.domain.access.imports import may_replace
from engine.domain.organisation.organisation import Organisation
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
