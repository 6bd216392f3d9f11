"""The days on which the office is closed: public holidays, from a library, and the turn of the year."""

from datetime import date
from functools import lru_cache

import holidays

YEARS_AHEAD = 3
"""Calendar years for which a route knows its holidays: due times, reminders and escalations fall well inside."""


@lru_cache(maxsize=16)
def closed_days(country: str, year: int) -> tuple[date, ...]:
    """Public holidays of a country and 12/29 to 1/3, for `year` and the following ones; weekends are not listed."""
    years = range(year, year + YEARS_AHEAD)
    found = set(holidays.country_holidays(country, years=years))
    for one in years:
        found |= {date(one, 12, day) for day in (29, 30, 31)} | {date(one, 1, day) for day in (1, 2, 3)}
    return tuple(sorted(found))


@lru_cache(maxsize=16)
def closed_from(country: str, today: date) -> tuple[date, ...]:
    """The same, from today on."""
    return tuple(day for day in closed_days(country, today.year) if day >= today)
