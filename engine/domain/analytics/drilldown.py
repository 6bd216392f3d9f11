"""What a figure of the city is made of: rules that a cycle meets or does not."""

from collections.abc import Iterator
from enum import StrEnum

from engine.domain.analytics.history import Moment
from engine.domain.analytics.query import OPEN


class Part(StrEnum):
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


WAITING = {"owner": Part.WAITS_FOR_OWNER, "approver": Part.WAITS_FOR_APPROVER}


def parts_of(one: Moment, *, grown: bool) -> Iterator[Part]:
    """Every part that a cycle belongs to, whatever the hour; `grown`: a larger cycle has grown out of it."""
    measured = one.hours_saved_per_year is not None or one.measured_at is not None
    if one.status in OPEN:
        yield Part.UNDER_WAY
    if one.status == "completed":
        yield Part.COMPLETED
        if grown:
            yield Part.GROWN
    if one.waits_for in WAITING:
        yield WAITING[one.waits_for]
    if measured:
        yield Part.MEASURED
        if (one.hours_saved_per_year or 0.0) < 0 or one.verdict == "worse":
            yield Part.WORSE
    elif one.status in OPEN:
        yield Part.UNMEASURED
