"""Which cycles a dashboard is about, and as of when."""

from datetime import date, datetime, timedelta

from engine.domain.analytics.history import Moment
from engine.domain.base import Frozen
from engine.domain.calendar import local_date, start_of
from engine.domain.errors import invalid_at
from engine.domain.organisation.organisation import Organisation

OPEN = ("active", "on_hold")
"""Wire values of the states in which something can still happen."""


class FiguresWanted(Frozen):
    """What is asked for; None means any.

    Args:
        at: the instant whose state is told, aware UTC.
        is_now: whether `at` is this very moment.
        today: the office day of `at`.
        since: with a fiscal year, its first instant: what happened before does not count, and cycles that had
            ended before are left out.
        startups: codes; an older edition's codes that live on in the one asked for are among them.
        org_units: the unit asked for, `org_unit`, and everything below it.
    """

    at: datetime
    is_now: bool = True
    today: date
    since: datetime | None = None
    fiscal_year: int | None = None
    pillar: str | None = None
    startups: frozenset[str] | None = None
    org_unit: str | None = None
    org_units: frozenset[str] | None = None

    @property
    def narrows(self) -> bool:
        """Whether only some cycles are meant."""
        return not (self.pillar is None and self.startups is None and self.org_units is None)

    def takes(self, moment: Moment) -> bool:
        """Whether a cycle is meant."""
        return (
            (self.pillar is None or moment.pillar == self.pillar)
            and (self.startups is None or moment.startup in self.startups)
            and (self.org_units is None or moment.org_unit in self.org_units)
            and (self.since is None or moment.status in OPEN or moment.since >= self.since)
        )

    def counts(self, realised_at: datetime | None) -> bool:
        """A measurement counts in the year in which it was approved; what is not measured yet, while it is open."""
        return self.since is None or realised_at is None or realised_at >= self.since


class FiguresQuestion(Frozen):
    """What a person asks for, before it is looked up: see `Wanted`. Year 2026 is April 2026 to March 2027."""

    fiscal_year: int | None = None
    pillar: str | None = None
    startup: str | None = None
    org_unit: str | None = None
    as_of: date | None = None


def wanted_of(
    question: FiguresQuestion,
    *,
    now: datetime,
    offset: int,
    organisation: Organisation,
    startups: frozenset[str] | None,
) -> FiguresWanted:
    """The question with its day, its year's first instant and its offices.

    Args:
        question: what is asked for.
        now: aware.
        offset: the office's distance from UTC, in minutes.
        organisation: where the unit asked for stands.
        startups: the codes that the startup asked for stands for; None when none is asked for.

    Raises:
        DomainError: a date in the future, or a unit that is not there.
    """
    at, since = now, None
    if question.as_of is not None:
        if question.as_of > local_date(now, offset):
            raise invalid_at("?as_of", "in_the_future")
        at = min(now, _end_of(question.as_of, offset))
    if question.fiscal_year is not None:
        since = start_of(date(question.fiscal_year, 4, 1), offset)
        if since > at:
            raise invalid_at("?fiscal_year", "in_the_future")
        at = min(at, _end_of(date(question.fiscal_year + 1, 3, 31), offset))
    return FiguresWanted(
        at=at,
        is_now=at == now,
        today=local_date(at, offset),
        since=since,
        fiscal_year=question.fiscal_year,
        pillar=question.pillar,
        startups=startups,
        org_unit=question.org_unit,
        org_units=None if question.org_unit is None else _branch(question.org_unit, organisation),
    )


def _branch(code: str, organisation: Organisation) -> frozenset[str]:
    if organisation.unit(code) is None:
        raise invalid_at("?org_unit", "unknown_unit", unit=code)
    return frozenset(one.code for one in organisation.units if organisation.is_same_or_ancestor(code, one.code))


def _end_of(day: date, offset: int) -> datetime:
    return start_of(day + timedelta(days=1), offset) - timedelta(microseconds=1)
