"""What a figure of the city is made of: rules that a cycle meets or does not."""

from collections.abc import Iterator
from enum import StrEnum

from engine.domain.analytics.history import Moment
from engine.domain.analytics.query import OPEN
from engine.domain.effects.account import is_worse


class DrilledPart(StrEnum):
    """What a figure of the page is made of. What is overdue depends on the instant; everything else does not."""

    UNDER_WAY = "under_way"
    COMPLETED = "completed"
    GROWN = "grown"
    WAITS_FOR_OWNER = "waits_for_owner"
    WAITS_FOR_APPROVER = "waits_for_approver"
    OVERDUE = "overdue"
    MEASURED = "measured"
    UNMEASURED = "unmeasured"
    WORSE = "worse"


WAITING = {"owner": DrilledPart.WAITS_FOR_OWNER, "approver": DrilledPart.WAITS_FOR_APPROVER}


def parts_of(one: Moment, *, grown: bool) -> Iterator[DrilledPart]:
    """Every part that a cycle belongs to, whatever the hour; `grown`: a larger cycle has grown out of it."""
    measured = one.hours_saved_per_year is not None or one.measured_at is not None
    if one.status in OPEN:
        yield DrilledPart.UNDER_WAY
    if one.status == "completed":
        yield DrilledPart.COMPLETED
        if grown:
            yield DrilledPart.GROWN
    if one.waits_for in WAITING:
        yield WAITING[one.waits_for]
    if measured:
        yield DrilledPart.MEASURED
        if is_worse(one.hours_saved_per_year, one.verdict):
            yield DrilledPart.WORSE
    elif one.status in OPEN:
        yield DrilledPart.UNMEASURED
