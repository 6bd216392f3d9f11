"""The city's figures for one person: everything is counted, and only what they may read is named."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from api.auth import Caller
from api.container import Desk
from api.schemas.effects import EffectTotals, effect_totals
from api.services.cycles.naming import named, quality_named
from engine.domain.analytics.drilldown import DrilledPart
from engine.domain.analytics.history import Moment
from engine.domain.analytics.overview import Overview
from engine.domain.analytics.quality import QualityFigures
from engine.domain.analytics.query import FiguresWanted
from engine.domain.analytics.reach import SpreadFigures, Stories
from engine.domain.analytics.summary import Summary
from engine.domain.analytics.waiting import WaitingFigures
from engine.domain.effects.sums import GroupBy, Selection
from engine.domain.errors import invalid_at
from engine.domain.spread.adoption_ledger import Totals


class Drilled(NamedTuple):
    """A page of the cycles behind a figure, how many are behind each figure, and how many are not named here."""

    cycles: Sequence[Moment]
    counts: Mapping[DrilledPart, int]
    unnamed: int


def summary(wanted: FiguresWanted, desk: Desk) -> Summary:
    """Counts, waiting, times and rates; nothing in it has a name."""
    return desk.figures.summary(wanted)


def overview(wanted: FiguresWanted, caller: Caller, desk: Desk, most: int) -> Overview:
    """What a page of the city says beyond the dashboards, with the `most` initiatives that came furthest."""
    facts = caller.facts
    found = desk.figures.overview(wanted, facts.organisation, facts.policy.utc_offset_minutes, most)
    return named(found, caller, desk)


def waiting(wanted: FiguresWanted, caller: Caller, desk: Desk) -> WaitingFigures:
    """Where items wait, for whom and how long."""
    return named(desk.figures.waiting(wanted, caller.facts.organisation), caller, desk)


def quality(wanted: FiguresWanted, caller: Caller, desk: Desk) -> QualityFigures:
    """Returns and their reasons, who was left behind, results below aim."""
    return quality_named(desk.figures.quality(wanted), caller, desk)


def reach(wanted: FiguresWanted, caller: Caller, desk: Desk) -> SpreadFigures:
    """How far the spiral reaches."""
    return named(desk.figures.spread(wanted, caller.facts.organisation), caller, desk)


def stories(wanted: FiguresWanted, caller: Caller, desk: Desk) -> Stories:
    """What to tell citizens."""
    return named(desk.figures.stories(wanted), caller, desk)


def adoption(desk: Desk) -> Totals:
    """What became of offers, in the whole city and now."""
    return desk.adoptions.totals()


def drilled(  # noqa: PLR0913, PLR0917 - a page of a list
    wanted: FiguresWanted, part: DrilledPart, start: int, limit: int, caller: Caller, desk: Desk
) -> Drilled:
    """The cycles behind one figure."""
    made_of = desk.figures.made_of(wanted, part, start, limit)
    cycles = named(made_of, caller, desk)
    return Drilled(cycles, desk.figures.parts(wanted), len(made_of) - len(cycles))


def effects(selection: Selection, by: GroupBy | None, caller: Caller, desk: Desk) -> EffectTotals:
    """What the spirals brought so far.

    Raises:
        DomainError: `unknown_unit`.
    """
    facts, unit = caller.facts, selection.org_unit
    if unit is not None and facts.organisation.unit(unit) is None:
        raise invalid_at("?org_unit", "unknown_unit", unit=unit)
    summed = desk.figures.effects(selection, by, facts.organisation, facts.policy.utc_offset_minutes)
    return effect_totals(summed, by, facts.organisation, facts.policy.hourly_rate_yen)
