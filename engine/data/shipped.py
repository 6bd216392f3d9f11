"""What comes with the product: the city's roadmap edition, a sample city, and published real cases."""

from contextlib import AbstractContextManager
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from engine.domain.access.imports import SAMPLE_CITY
from engine.domain.deliverables import Deliverables
from engine.domain.lineage.open_cycle import InitiativeAsked
from engine.domain.organisation.organisation import Absence, Organisation
from engine.domain.roadmap import Edition
from engine.exchange.document_import import read_document, read_edition
from engine.exchange.organisation_import import read_absences, read_organisation

__all__ = [
    "SAMPLE_CITY", "SAMPLE_FACES", "Expected", "PublishedCase", "is_sample_city", "published_cases",
    "sample_absences", "sample_organisation", "shipped_edition",
]  # fmt: skip
EDITION = "roadmap/ibaraki-2023.yaml"
CITY = "sample-city"
CASES = "cases/published-cases.yaml"
SAMPLE_FACES = ("p093", "p054", "p015", "p014", "p002", "p001", "p006", "p003")
"""Whom to sign in as: one line of the hierarchy from the counter to the mayor, the DX team, the administrator."""


class Expected(BaseModel):
    """The figures that were published, which the engine must arrive at."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reduction_percent: float
    hours_saved_per_year: float


class PublishedCase(BaseModel):
    """A real case as a whole cycle; `source` says where it was published."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    body: str
    year: int
    source: str
    title: str
    owner: str
    asked: InitiativeAsked
    expected: Expected
    deliverables: Deliverables


class _Cases(BaseModel):
    cases: Annotated[tuple[PublishedCase, ...], Field(min_length=1)]


def shipped_edition() -> Edition:
    """The city's roadmap as its page publishes it."""
    with _shipped(EDITION) as path:
        return read_edition(path)


def sample_organisation() -> Organisation:
    """The sample city (サンプル市, fictional)."""
    with _shipped(CITY) as path:
        return read_organisation(path)


def is_sample_city(organisation: Organisation) -> bool:
    """Whether an organisation says exactly what the sample city says: a name proves nothing."""
    shipped = _sample_content()
    return (organisation.units, organisation.people, organisation.posts) == shipped


@cache
def _sample_content() -> tuple[object, object, object]:
    found = sample_organisation()
    return found.units, found.people, found.posts


def sample_absences() -> tuple[Absence, ...]:
    """Who is away in the sample city."""
    with _shipped(CITY) as path:
        return read_absences(path)


def published_cases() -> tuple[PublishedCase, ...]:
    """The published cases, ready to be played through the engine."""
    with _shipped(CASES) as path:
        return read_document(path, _Cases).cases


def _shipped(name: str) -> AbstractContextManager[Path]:
    return as_file(files("engine").joinpath("data").joinpath(name))
