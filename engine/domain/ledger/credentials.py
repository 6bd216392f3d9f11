"""How long a token may be good for, and what a service is called. Must not know how a token looks."""

import re
from datetime import datetime, timedelta

from engine.domain.errors import FieldError, invalid
from engine.domain.organisation.organisation import Duty

SERVICE = "service:"
"""Before the name of a program that acts for no person."""
LONGEST_OF_A_PERSON, LONGEST_OF_A_SERVICE = 90, 366
"""Days."""
USUAL = 30
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


def service_of(holder: str) -> str | None:
    """The service's name; None when the holder is a person."""
    return holder.removeprefix(SERVICE) if holder.startswith(SERVICE) else None


def end_of(holder: str, at: datetime, days: int) -> datetime:
    """When a token ends that is made at `at` for so many days, to the second.

    Raises:
        DomainError: longer than it may be.
    """
    longest = LONGEST_OF_A_PERSON if service_of(holder) is None else LONGEST_OF_A_SERVICE
    if not 1 <= days <= longest:
        raise invalid(FieldError(pointer="/days", code="out_of_range", params={"limit": f"1-{longest}"}))
    return at.replace(microsecond=0) + timedelta(days=days)


def service_errors(name: str, rights: tuple[str, ...]) -> tuple[FieldError, ...]:
    """What is wrong with a service's name and with its rights, which are duties."""
    known = {duty.value for duty in Duty}
    wrong = [
        FieldError(pointer=f"/rights/{index}", code="not_a_choice", params={"expected": ", ".join(sorted(known))})
        for index, right in enumerate(rights)
        if right not in known
    ]
    if not _NAME.fullmatch(name):
        wrong.append(FieldError(pointer="/service", code="bad_value"))
    return tuple(wrong)
