"""What the import of an organisation may not do, though the file itself is whole."""

from collections.abc import Iterable
from datetime import date

from engine.domain.errors import conflict
from engine.domain.organisation.first_city import FORM
from engine.domain.organisation.organisation import Duty, Organisation
from engine.domain.roadmap import Edition

SAMPLE_CITY = "sample-city"
"""The name of the sample city; what is imported under it and is not the sample is refused."""


def may_replace(now: Organisation, before: Organisation, name: str, on: date, *, sample: bool) -> None:
    """Whether an organisation may be put in force over the one before; a first one always may.

    Args:
        now: the new one.
        before: the one in force; without people where there is none yet.
        name: of the new one.
        on: today.
        sample: whether the new one says exactly what the sample city says.

    Raises:
        DomainError: `reserved_name`, or `last_administrator` when nobody would be left who looks after it today.
    """
    if (name.removesuffix(".xlsx") == SAMPLE_CITY and not sample) or (name == FORM and before.units):
        raise conflict("reserved_name", name=name)
    if _administrators(before, on) and not _administrators(now, on):
        raise conflict("last_administrator")


def may_adopt(edition: Edition, adopted: Iterable[Edition]) -> None:
    """Whether an edition may be put in force: one that is adopted never changes, because cycles name it.

    Raises:
        DomainError: `edition_adopted`.
    """
    if any(one.id == edition.id and one != edition for one in adopted):
        raise conflict("edition_adopted", name=edition.id)


def _administrators(organisation: Organisation, on: date) -> set[str]:
    holding = {post.person_id for post in organisation.posts if Duty.ADMIN in post.duties and post.holds_on(on)}
    return {person for person in holding if organisation.person(person) is not None}
