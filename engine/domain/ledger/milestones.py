"""Milestones of cross-agency startups: due, reminded, late, reported with a grade (docs/field/measuring.md), done.

What a milestone is stands in the edition; what happened to it stands in the ledger. Time reminds and notes lateness;
it never says that something is done, and a new edition moves dates without losing what was reported.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum

from engine.domain.base import Frozen
from engine.domain.calendar import add_business_days
from engine.domain.errors import FieldError, forbidden, invalid, not_found
from engine.domain.ledger.facts import Entry, Grade, MilestoneLate, MilestoneReminded, MilestoneReported
from engine.domain.organisation.organisation import Duty
from engine.domain.roadmap import Edition, Governance, Startup, StartupMilestone

KIND = "milestone"
REMIND_BEFORE = 5
"""Business days before the due day on which the DX team is first reminded."""
REMIND_EVERY = timedelta(days=7)
"""Between reminders of a late one; they do not stop, because nothing may go silent."""
LONGEST_NOTE = 2000


class MilestoneStatus(StrEnum):
    """Where a milestone stands: before its day, on it, past it, or reported as done."""

    PLANNED = "planned"
    DUE = "due"
    LATE = "late"
    DONE = "done"


class MilestoneStanding(Frozen):
    """A milestone with what was reported of it last."""

    milestone: StartupMilestone
    status: MilestoneStatus
    grade: Grade | None = None
    note: str | None = None
    reported_by: str | None = None
    reported_at: datetime | None = None
    done_on: date | None = None


def stream_of(startup: str) -> str:
    """The ledger's stream of a startup's milestones."""
    return f"{KIND}/{startup}"


def tracked(edition: Edition | None) -> tuple[Startup, ...]:
    """The startups whose milestones are followed: cross-agency ones that have any."""
    found = edition.startups if edition else ()
    return tuple(one for one in found if one.governance is Governance.CROSS_AGENCY and one.milestones)


def standings(startup: Startup, entries: Sequence[Entry], today: date) -> tuple[MilestoneStanding, ...]:
    """Every milestone of a startup as it stands on that day."""
    reports = _reports(entries)
    return tuple(_standing(one, reports.get(one.code), today) for one in startup.milestones)


def _reports(entries: Iterable[Entry]) -> dict[str, tuple[Entry, MilestoneReported]]:
    """The newest report of each milestone."""
    return {
        entry.data.milestone: (entry, entry.data) for entry in entries if isinstance(entry.data, MilestoneReported)
    }


def _standing(
    milestone: StartupMilestone, report: tuple[Entry, MilestoneReported] | None, today: date
) -> MilestoneStanding:
    status = MilestoneStatus.PLANNED
    if report is not None and report[1].done_on is not None:
        status = MilestoneStatus.DONE
    elif milestone.due < today:
        status = MilestoneStatus.LATE
    elif milestone.due == today:
        status = MilestoneStatus.DUE
    if report is None:
        return MilestoneStanding(milestone=milestone, status=status)
    entry, said = report
    return MilestoneStanding(
        milestone=milestone,
        status=status,
        grade=said.grade,
        note=said.note,
        reported_by=entry.actor,
        reported_at=entry.at,
        done_on=said.done_on,
    )


def falls_due(
    startup: Startup, entries: Sequence[Entry], today: date, closed_days: Collection[date]
) -> tuple[MilestoneReminded | MilestoneLate, ...]:
    """What that day brings and the ledger does not hold yet; a day that was slept through brings it once."""
    found: list[MilestoneReminded | MilestoneLate] = []
    for one in standings(startup, entries, today):
        milestone = one.milestone
        if one.status is MilestoneStatus.DONE or _first_look(milestone, closed_days) > today:
            continue
        mine = [
            entry.data
            for entry in entries
            if isinstance(entry.data, MilestoneReminded | MilestoneLate)
            and (entry.data.milestone, entry.data.due) == (milestone.code, milestone.due)
        ]
        if one.status is MilestoneStatus.LATE and not any(isinstance(fact, MilestoneLate) for fact in mine):
            found.append(MilestoneLate(milestone=milestone.code, due=milestone.due))
        last = max((fact.on for fact in mine if isinstance(fact, MilestoneReminded)), default=None)
        if last is None or _next_reminder(milestone, last) <= today:
            found.append(MilestoneReminded(milestone=milestone.code, due=milestone.due, on=today))
    return tuple(found)


def next_look(startup: Startup, entries: Sequence[Entry], today: date, closed_days: Collection[date]) -> date | None:
    """The next day after today that may bring something; None when all is done."""
    days: list[date] = []
    for one in standings(startup, entries, today):
        if one.status is MilestoneStatus.DONE:
            continue
        due = one.milestone.due
        reminded = [
            entry.data.on
            for entry in entries
            if isinstance(entry.data, MilestoneReminded)
            and (entry.data.milestone, entry.data.due) == (one.milestone.code, due)
        ]
        coming = [_first_look(one.milestone, closed_days), due, due + timedelta(days=1)]
        coming += [_next_reminder(one.milestone, max(reminded))] if reminded else []
        days += [day for day in coming if day > today] or [today + REMIND_EVERY]
    return min(days, default=None)


def milestone_of(edition: Edition | None, startup: str, milestone: str) -> StartupMilestone:
    """The milestone of that code in the edition in force.

    Raises:
        DomainError: `unknown_startup` or `unknown_milestone`.
    """
    found = edition.startup(startup) if edition else None
    if found is None:
        raise not_found("unknown_startup", startup=startup)
    for one in found.milestones:
        if one.code == milestone:
            return one
    raise not_found("unknown_milestone", milestone=milestone, startup=startup)


def report(  # noqa: PLR0913 - one report, each part named
    edition: Edition | None,
    startup: str,
    milestone: str,
    *,
    grade: Grade,
    note: str | None,
    done_on: date | None,
    duties: Collection[Duty],
    today: date,
) -> MilestoneReported:
    """The report as a fact.

    Raises:
        DomainError: `unknown_startup` or `unknown_milestone`; `dx_team_only`; `invalid_fields`.
    """
    milestone_of(edition, startup, milestone)
    if not {Duty.DX_TEAM, Duty.ADMIN} & set(duties):
        raise forbidden("dx_team_only")
    errors = []
    if done_on is not None and done_on > today:
        errors.append(FieldError(pointer="/done_on", code="in_the_future"))
    if done_on is not None and grade is Grade.D:
        errors.append(FieldError(pointer="/grade", code="done_is_judged"))
    if note is not None and len(note) > LONGEST_NOTE:
        errors.append(FieldError(pointer="/note", code="too_long", params={"limit": str(LONGEST_NOTE)}))
    if errors:
        raise invalid(*errors)
    return MilestoneReported(milestone=milestone, grade=grade, note=(note or "").strip() or None, done_on=done_on)


def _first_look(milestone: StartupMilestone, closed_days: Collection[date]) -> date:
    return add_business_days(milestone.due, -REMIND_BEFORE, closed_days)


def _next_reminder(milestone: StartupMilestone, last: date) -> date:
    """After the first one on the due day, then each week."""
    return milestone.due if last < milestone.due else last + REMIND_EVERY
