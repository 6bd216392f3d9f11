"""Answers the questions of dashboards: the tallies of `engine.store.queries.figures_cache`, in words and numbers."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import Engine, select
from sqlmodel import Session, col

from engine.domain.analytics.drilldown import DrilledPart
from engine.domain.analytics.history import Moment
from engine.domain.analytics.overview import Overview, departments, glance, how_many, made_of, signs, trend
from engine.domain.analytics.quality import Disappointment, QualityFigures, disappointment, lowest, quality_figures
from engine.domain.analytics.query import FiguresWanted
from engine.domain.analytics.reach import SpreadFigures, Stories, spread_figures, story, story_candidates
from engine.domain.analytics.startup_progress import Begun, Under, Wall
from engine.domain.analytics.summary import Summary, summary
from engine.domain.analytics.waiting import Holders, WaitingFigures, waiting_figures
from engine.domain.cycle.state import CycleState
from engine.domain.effects.account import EffectSum, Total
from engine.domain.effects.sums import Group, GroupBy, Selection, Summed
from engine.domain.organisation.organisation import Organisation
from engine.store.queries.figures_cache import City
from engine.store.tables import CycleRow

MOST_KEPT = 2000
"""Results below their aim that are kept as they were read."""


class Figures:
    """Answers the questions of a dashboard."""

    def __init__(self, engine: Engine) -> None:
        self._city = City(engine)
        self._holders: Holders | None = None
        self._below_aim: dict[str, tuple[int, Disappointment]] = {}

    def warm(self) -> None:
        """Read everything once, so that nobody waits for it."""
        now = datetime.now(UTC)
        self.summary(FiguresWanted(at=now, today=now.date()))

    def summary(self, wanted: FiguresWanted) -> Summary:
        """The first page."""
        with self._city.day(wanted) as (session, day):
            return summary(day.tally(wanted), day.deed(session, wanted), wanted)

    def waiting(self, wanted: FiguresWanted, organisation: Organisation) -> WaitingFigures:
        """Who waits for whom, and how long."""
        holders = self._holders
        if holders is None or holders.organisation is not organisation or holders.day != wanted.today:
            self._holders = holders = Holders(organisation, wanted.today)
        with self._city.day(wanted) as (session, day):
            return waiting_figures(day.tally(wanted), day.deed(session, wanted), holders, wanted)

    def quality(self, wanted: FiguresWanted) -> QualityFigures:
        """How good the work is."""
        with self._city.day(wanted) as (session, day):
            tallies = day.tally(wanted)
            below = self._disappointments(session, lowest(tallies))
            return quality_figures(tallies, day.deed(session, wanted), below, wanted)

    def spread(self, wanted: FiguresWanted, organisation: Organisation) -> SpreadFigures:
        """How far the spiral has spread."""
        with self._city.day(wanted) as (_, day):
            return spread_figures(day.tally(wanted), organisation, wanted)

    def stories(self, wanted: FiguresWanted) -> Stories:
        """What to tell citizens."""
        with self._city.day(wanted) as (session, day):
            told = story_candidates(day.tally(wanted))
            scores = {one.cycle_id: one.citizen_score for one in told}
            states = _states(session, list(scores))
            return Stories(items=tuple(story(state, scores[state.cycle_id]) for state in states))

    def overview(
        self, wanted: FiguresWanted, organisation: Organisation, utc_offset_minutes: int, most: int
    ) -> Overview:
        """What the page of the city says beyond the dashboards, with the `most` initiatives that came furthest."""
        with self._city.day(wanted) as (_, day):
            tallies = day.tally(wanted)
            return Overview(
                glance=glance(tallies, wanted.at),
                trend=trend(day.dates(wanted, utc_offset_minutes), wanted.today),
                departments=departments(tallies, organisation, wanted.org_units),
                signs=signs(tallies, wanted, most),
                effects=tallies.brought.result(),
                pillars=tuple(_group(key, tallies.pillars[key].result()) for key in _in_order(tallies.pillars)),
                initiatives=len(tallies.counts("initiative")),
            )

    def parts(self, wanted: FiguresWanted) -> dict[DrilledPart, int]:
        """How many cycles are behind each figure."""
        with self._city.day(wanted) as (_, day):
            return {part: how_many(day.tally(wanted), part, wanted.at) for part in DrilledPart}

    def made_of(self, wanted: FiguresWanted, part: DrilledPart, start: int, most: int) -> list[Moment]:
        """Some of the cycles behind a figure, in their order."""
        with self._city.day(wanted) as (_, day):
            return made_of(day.tally(wanted), part, wanted.at, start, most)

    def under(
        self, wanted: FiguresWanted, codes: Mapping[str, Iterable[str]], most: int, before: Begun | None = None
    ) -> dict[str, Under]:
        """What has been begun under each name, which stands for some codes; named are the newest begun `before`."""
        with self._city.day(wanted) as (_, day):
            return {name: day.spirals().under(those, most, before) for name, those in codes.items()}

    def wall(self, wanted: FiguresWanted, codes: Mapping[str, Iterable[str]]) -> Wall:
        """What pillars and startups have; each startup's name stands for some codes."""
        with self._city.day(wanted) as (_, day):
            tallies = day.tally(wanted)
            return Wall(
                hours_of_startup={
                    name: _merged(tallies.startups[code] for code in those if code in tallies.startups)
                    for name, those in codes.items()
                },
                hours_in_pillar={key: _merged([total]) for key, total in tallies.pillars.items()},
                initiatives_in_pillar=dict(day.spirals().in_pillar),
            )

    def codes(self, wanted: FiguresWanted) -> list[str]:
        """The startups' codes to which something that was begun belongs."""
        with self._city.day(wanted) as (_, day):
            return sorted(code for code in day.tally(wanted).startups if code is not None)

    def begun(self, wanted: FiguresWanted) -> list[str]:
        """The startups' codes under which something has been begun."""
        with self._city.day(wanted) as (_, day):
            return day.spirals().codes()

    def effects(
        self, selection: Selection, by: GroupBy | None, organisation: Organisation, utc_offset_minutes: int
    ) -> Summed:
        """What the spirals brought so far."""
        with self._city.sums(selection, by, organisation, utc_offset_minutes) as sums:
            return sums.result()

    def _disappointments(self, session: Session, cycles: Sequence[str]) -> list[Disappointment]:
        """Read from the states, which are read only when they have changed."""
        rows = session.execute(select(col(CycleRow.id), col(CycleRow.revision)).where(col(CycleRow.id).in_(cycles)))
        revisions: dict[str, int] = {row[0]: row[1] for row in rows}
        known = {name: self._below_aim[name] for name in cycles if name in self._below_aim}
        stale = [name for name in cycles if name not in known or known[name][0] != revisions.get(name)]
        fresh = {state.cycle_id: (state.revision, disappointment(state)) for state in _states(session, stale)}
        if len(self._below_aim) > MOST_KEPT:
            self._below_aim = {}
        self._below_aim |= fresh
        read = known | fresh
        return [read[name][1] for name in cycles if name in read]


def _merged(totals: Iterable[Total]) -> float | None:
    whole = Total()
    for total in totals:
        whole.merge(total)
    return whole.result().hours_saved_per_year


def _group(key: str | None, total: EffectSum) -> Group:
    return Group(key=key, own=total, rolled_up=total)


def _in_order(keys: Iterable[str | None]) -> list[str | None]:
    return sorted(keys, key=lambda key: (key is None, key or ""))


def _states(session: Session, cycles: Sequence[str]) -> list[CycleState]:
    """A few whole states, in the order asked for."""
    if not cycles:
        return []
    rows = session.execute(select(col(CycleRow.id), col(CycleRow.state)).where(col(CycleRow.id).in_(cycles)))
    found: dict[str, str] = {row[0]: row[1] for row in rows}
    return [CycleState.model_validate_json(found[name]) for name in cycles if name in found]
