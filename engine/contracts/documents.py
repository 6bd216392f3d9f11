"""Documents that are put in force, and changes of who decides that wait."""

from dataclasses import dataclass

from pydantic import BaseModel

from engine.domain.administration.changes import DocumentStanding, ProposedChange
from engine.domain.administration.deciders import DeciderChange

ORGANISATION, ROADMAP, POLICY = "organisation", "roadmap", "policy"
"""Kinds of documents."""


@dataclass(frozen=True)
class AskedDocument:
    """A document that somebody wants in force; `emergency` says why it cannot wait, and None that it can."""

    kind: str
    name: str
    document: BaseModel
    by: str
    emergency: str | None = None
    by_token_of: str | None = None
    """Who made the token they came with, when that was another."""


@dataclass(frozen=True)
class SeenChange:
    """A change with what it changes, as long as it waits."""

    change: ProposedChange
    changes: tuple[DeciderChange, ...]


@dataclass(frozen=True)
class DocumentPut:
    """What becomes of it: the document's number or the change that waits (neither when one only looks).

    `changes` says by what it changes who decides.
    """

    standing: DocumentStanding
    changes: tuple[DeciderChange, ...]
    number: int | None = None
    change: ProposedChange | None = None
