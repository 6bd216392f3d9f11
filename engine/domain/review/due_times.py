"""When a stage is due, is reminded of and escalates: fixed when it opens, and moved only by a hold.

What is counted in business days is always the end of a business day; what a policy gives as a plain duration is
wall-clock time. Reviews that began before `Terms.business_clock` keep the rule they began with: a hold moved all of
their times by as long as it lasted.
"""

from datetime import datetime, timedelta

from engine.domain.calendar import add_business_days, closing_time, closings_between, local_date, next_closing
from engine.domain.review.review import DueRule, OpenStage, Route, Stage


def opened(stage: Stage, route: Route, at: datetime) -> OpenStage:
    """The stage as it opens at `at`, with its due, first reminder and escalation times, all frozen then."""
    due_at = _later(stage.due, at, route)
    return OpenStage(
        key=stage.key,
        opened_at=at,
        due_at=due_at,
        remind_at=_first_reminder(stage, due_at, at, route),
        escalate_at=_escalates(stage, due_at, route) if stage.escalate_to is not None else None,
        escalate_last_at=_escalates_last(stage, due_at, route),
    )


def reminder_after(stage: Stage, at: datetime, route: Route) -> datetime:
    """When to remind again after a reminder at `at`; it never stops, because nothing may go silent."""
    if stage.due.duration is not None:
        return at + max(stage.due.duration, timedelta(minutes=1))
    day = add_business_days(local_date(at, route.utc_offset_minutes), stage.reminders.every, route.closed_days)
    return closing_time(day, route.utc_offset_minutes)


def after_hold(waiting: OpenStage, route: Route, since: datetime, until: datetime) -> OpenStage:
    """The open stage when the clock runs again at `until`, after it stood still from `since` on.

    As many business days have to end before a time comes as had to when the hold began. Escalations that count from a
    due time still ahead follow it, so that they never overtake it.
    """
    if not route.terms.business_clock:
        return _by_wall_clock(waiting, until - since)
    stage = route.stage(waiting.key)
    due_at = _moved(stage.due, waiting.due_at, route, since, until)
    escalate_at, last_at = waiting.escalate_at, waiting.escalate_last_at
    if waiting.due_at > since:
        escalate_at = _escalates(stage, due_at, route) if escalate_at else None
        last_at = _escalates_last(stage, due_at, route) if last_at else None
    elif (rule := stage.escalate_after) is not None:
        escalate_at = _moved(rule, escalate_at, route, since, until) if escalate_at else None
        last_at = _moved(rule, last_at, route, since, until) if last_at else None
    remind_at = _moved(stage.due, waiting.remind_at, route, since, until) if waiting.remind_at else None
    times = {"due_at": due_at, "remind_at": remind_at, "escalate_at": escalate_at, "escalate_last_at": last_at}
    return waiting.model_copy(update=times)


def _later(rule: DueRule, at: datetime, route: Route) -> datetime:
    plain = rule.after(at, route.closed_days, route.utc_offset_minutes)
    if rule.duration is not None or not route.terms.business_clock:
        return plain
    return max(plain, next_closing(at, route.closed_days, route.utc_offset_minutes))


def _escalates(stage: Stage, due_at: datetime, route: Route) -> datetime | None:
    return _later(stage.escalate_after, due_at, route) if stage.escalate_after else None


def _escalates_last(stage: Stage, due_at: datetime, route: Route) -> datetime | None:
    """After the superior has had as long again; straight after the due time where there is no superior."""
    if stage.escalate_after is None or stage.escalate_last_to is None:
        return None
    first = _escalates(stage, due_at, route) if stage.escalate_to is not None else None
    return _later(stage.escalate_after, first or due_at, route)


def _first_reminder(stage: Stage, due_at: datetime, at: datetime, route: Route) -> datetime:
    if stage.due.duration is not None:
        return due_at
    day = add_business_days(local_date(due_at, route.utc_offset_minutes), -stage.reminders.before, route.closed_days)
    early = closing_time(day, route.utc_offset_minutes)
    return early if early > at else due_at


def _moved(rule: DueRule, time: datetime, route: Route, since: datetime, until: datetime) -> datetime:
    if rule.duration is not None:
        return time + (until - since)
    closed, offset = route.closed_days, route.utc_offset_minutes
    days = closings_between(since, until, closed, offset)
    ends = next_closing(time, closed, offset)
    return closing_time(add_business_days(local_date(ends, offset), days, closed), offset)


def _by_wall_clock(waiting: OpenStage, pause: timedelta) -> OpenStage:
    return waiting.model_copy(
        update={
            "due_at": waiting.due_at + pause,
            "remind_at": waiting.remind_at + pause if waiting.remind_at else None,
            "escalate_at": waiting.escalate_at + pause if waiting.escalate_at else None,
            "escalate_last_at": waiting.escalate_last_at + pause if waiting.escalate_last_at else None,
        }
    )
