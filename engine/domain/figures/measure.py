"""A figure and the few ways to come to one. What is not known is None and never zero."""

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping

from engine.domain.approvals import Frozen

DAY = 86_400.0
"""Seconds."""


class Figure(Frozen):
    """One number with its unit, and `n`, how many things it rests on; `value` is None when nothing is known."""

    value: float | None
    unit: str
    n: int


class Tally(Frozen):
    """How many of one kind."""

    key: str
    count: int


def rate(part: int, whole: int) -> Figure:
    """`part` of `whole` in percent, with one decimal; unknown when there is no whole."""
    return Figure(value=round(part / whole * 100, 1) if whole else None, unit="%", n=whole)


def share_of(answers: Iterable[bool | None]) -> Figure:
    """How many said yes, in percent of those that said anything."""
    known = [answer for answer in answers if answer is not None]
    return rate(sum(known), len(known))


def total(values: Iterable[float | None], unit: str) -> Figure:
    """The sum of what is known."""
    known = [value for value in values if value is not None]
    return Figure(value=round(sum(known), 6) if known else None, unit=unit, n=len(known))


def median_days(seconds: Iterable[float | None]) -> Figure:
    """The middle span, in days of 24 hours with two decimals."""
    known = [value for value in seconds if value is not None]
    return Figure(value=round(statistics.median(known) / DAY, 2) if known else None, unit="days", n=len(known))


def count_of(number: int, unit: str) -> Figure:
    """A count; zero is known."""
    return Figure(value=float(number), unit=unit, n=number)


def counted(keys: Iterable[str | None], expected: Iterable[str] = ()) -> dict[str, int]:
    """How many of each key; the expected ones are there even with none, and no key counts as `none`."""
    found = Counter("none" if key is None else key for key in keys)
    names = [*expected, *sorted(found.keys() - set(expected))]
    return {name: found.get(name, 0) for name in names}


def tallied(found: Mapping[str, int] | Iterable[str]) -> tuple[Tally, ...]:
    """The most frequent first."""
    counts = Counter(found)
    return tuple(
        Tally(key=key, count=count) for key, count in sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    )
