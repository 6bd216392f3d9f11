"""Business days and times of day, from facts looked up once and frozen (docs/field/deciding.md).

Which days are holidays comes from a library outside the domain; here it is a tuple of dates.
"""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta, timezone

CLOSING = time(17, 15)  # 勤務時間の終わり; a due time means the end of that working day


def is_business_day(day: date, closed: Collection[date]) -> bool:
    """Monday to Friday, and not among the closed days."""
    return day.weekday() < 5 and day not in closed


def add_business_days(day: date, days: int, closed: Collection[date]) -> date:
    """The business day `days` after `day` (before it when negative)."""
    one = timedelta(days=1 if days >= 0 else -1)
    left = abs(days)
    while left:
        day += one
        left -= is_business_day(day, closed)
    return day


def condition_limit(today: date, months: int | None) -> date:
    """The last day on which a condition may be due: that many calendar months on, or 92 days under older terms.

    A month without that day ends on its last one: three months from 30 November are 28 February.
    """
    if months is None:
        return today + timedelta(days=92)
    beyond = today.month - 1 + months + 1
    end = date(today.year + beyond // 12, beyond % 12 + 1, 1) - timedelta(days=1)
    return end.replace(day=min(today.day, end.day))


def local_date(at: datetime, utc_offset_minutes: int) -> date:
    """The day in the office when it is `at` (aware)."""
    return at.astimezone(timezone(timedelta(minutes=utc_offset_minutes))).date()


def closing_time(day: date, utc_offset_minutes: int) -> datetime:
    """The end of the office day, as aware UTC."""
    office = timezone(timedelta(minutes=utc_offset_minutes))
    return datetime.combine(day, CLOSING, office).astimezone(UTC)


def next_closing(at: datetime, closed: Collection[date], utc_offset_minutes: int) -> datetime:
    """The first end of a business day at or after `at`."""
    day = local_date(at, utc_offset_minutes)
    if is_business_day(day, closed) and at <= closing_time(day, utc_offset_minutes):
        return closing_time(day, utc_offset_minutes)
    return closing_time(add_business_days(day, 1, closed), utc_offset_minutes)


def closings_between(since: datetime, until: datetime, closed: Collection[date], utc_offset_minutes: int) -> int:
    """How many business days ended after `since` and not after `until`."""
    day, last = local_date(since, utc_offset_minutes), local_date(until, utc_offset_minutes)
    count = 0
    while day <= last:
        ends = since < closing_time(day, utc_offset_minutes) <= until
        count += ends and is_business_day(day, closed)
        day += timedelta(days=1)
    return count


def start_of(day: date, utc_offset_minutes: int) -> datetime:
    """The first instant of a day in the office, as aware UTC."""
    office = timezone(timedelta(minutes=utc_offset_minutes))
    return datetime.combine(day, time.min, office).astimezone(UTC)


def fiscal_year(day: date) -> int:
    """年度: April to March, named by the year in which it begins."""
    return day.year if day.month >= 4 else day.year - 1
