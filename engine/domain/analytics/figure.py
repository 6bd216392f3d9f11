"""A figure and the few ways to come to one. What is not known is None and never zero."""

from collections.abc import Iterable, Mapping, Sequence
from heapq import nsmallest

from engine.domain.base import Frozen

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


def share_of(answers: Mapping[bool | None, int]) -> Figure:
    """How many said yes, in percent of those that said anything."""
    yes = answers.get(True, 0)
    return rate(yes, yes + answers.get(False, 0))


def median_of(ordered: Sequence[float]) -> float:
    """The middle one of values in order, or the middle of the two that stand there."""
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def median_days(ordered: Sequence[float]) -> Figure:
    """The middle one of spans in order, in seconds; in days of 24 hours with two decimals."""
    value = round(median_of(ordered) / DAY, 2) if ordered else None
    return Figure(value=value, unit="days", n=len(ordered))


def count_of(number: int, unit: str) -> Figure:
    """A count; zero is known."""
    return Figure(value=float(number), unit=unit, n=number)


def counted(counts: Mapping[str | None, int], expected: Iterable[str] = ()) -> dict[str, int]:
    """How many of each key; the expected ones are there even with none, and no key counts as `none`."""
    found = {"none" if key is None else key: count for key, count in counts.items()}
    names = [*expected, *sorted(found.keys() - set(expected))]
    return {name: found.get(name, 0) for name in names}


def tallied(counts: Mapping[str, int], most: int | None = None) -> tuple[Tally, ...]:
    """The most frequent first, all of them or the first few."""
    found = nsmallest(len(counts) if most is None else most, counts.items(), key=lambda one: (-one[1], one[0]))
    return tuple(Tally(key=key, count=count) for key, count in found)
