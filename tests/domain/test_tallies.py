"""Figures that are kept up step by step are those that are counted anew, and those that a plain count gives."""

import math
import statistics
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.analytics.acts import Act
from engine.domain.analytics.drilldown import DrilledPart
from engine.domain.analytics.history import Bond, Moment
from engine.domain.analytics.overview import departments, glance, made_of, signs, trend
from engine.domain.analytics.quality import lowest, quality_figures
from engine.domain.analytics.query import FiguresWanted
from engine.domain.analytics.reach import spread_figures, story_candidates
from engine.domain.analytics.startup_progress import Spirals
from engine.domain.analytics.summary import summary
from engine.domain.analytics.tallies import Dated, Deeds, StandingTally, Tallies, standing
from engine.domain.analytics.waiting import Holders, waiting_figures
from engine.domain.effects.account import AccountEntry, Booking, book, summed
from engine.domain.effects.incremental_account import Books
from engine.domain.effects.sums import GroupBy, Selection, Sums
from engine.domain.steps import CycleKind, CycleStatus
from tests.support import city
from tests.support.examples import examples

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
CITY = city.organisation()
SPANS = st.none() | st.integers(0, 400_000).map(float)
COSTS = st.none() | st.sampled_from([0.0, 0.1, 0.2, 0.3, 1e9, 12345.678])
INSTANTS = st.integers(0, 60).map(lambda days: NOW - timedelta(days=days))
NAMES = st.integers(0, 5).map(lambda number: f"c{number}")


@st.composite
def standings(draw: st.DrawFn) -> StandingTally:
    name = draw(NAMES)
    status = draw(st.sampled_from(["active", "active", "on_hold", "completed", "completed", "withdrawn"]))
    waits = draw(st.sampled_from(["owner", "approver"])) if status == "active" else "none"
    measured = draw(st.none() | INSTANTS)
    spent = {
        f"{step}_{who}_seconds": draw(SPANS)
        for step in ("imagine", "transform", "realise", "share") for who in ("owner", "approver")
    }  # fmt: skip
    moment = Moment(
        cycle_id=name, since=draw(INSTANTS), initiative_id=f"i{draw(st.integers(0, 2))}",
        turn=draw(st.integers(1, 3)),
        kind="start", title=name, pillar=draw(st.sampled_from([None, "P1", "P2"])),
        startup=draw(st.sampled_from([None, "s1"])), org_scope=draw(st.sampled_from(["individual", "unit"])),
        org_unit=draw(st.sampled_from(["U", "S", "U2"])), work_scope="task",
        owner=draw(st.sampled_from([city.OWNER, city.OTHER])), status=status, step="realise", step_status="draft",
        steps_passed=draw(st.integers(0, 4)), waits_for=waits, waiting_since=draw(INSTANTS),
        posts=draw(st.sampled_from(["head@U", "head@S", "head@U head@D"])) if waits == "approver" else "",
        due_at=draw(st.none() | INSTANTS), created_at=NOW - timedelta(days=90), hours_saved_per_year=draw(COSTS),
        yen_per_year=draw(COSTS), measured_at=measured, baseline_measured=draw(st.none() | st.booleans()),
        offline_route=draw(st.none() | st.booleans()), left_behind=draw(st.sampled_from([None, "", "a\nb", "b"])),
        cost_initial_yen=draw(COSTS), cost_running_yen=draw(COSTS), effort_hours=draw(COSTS),
        verdict=draw(st.sampled_from([None, "achieved", "not", "worse"])), offline_users=draw(st.none() | st.just(3)),
        citizen_score=draw(st.sampled_from([None, 3.5, 4.0])),
        public_level=draw(st.sampled_from([None, "public", "internal"])), **spent,
    )  # fmt: skip
    entry = AccountEntry(
        cycle_id=name, initiative_id=moment.initiative_id, kind=CycleKind.START, status=CycleStatus(status),
        turn=1, org_scope="unit", org_unit=moment.org_unit, pillar=moment.pillar, hours_saved_per_year=draw(COSTS),
        realised_at=measured, hourly_rate_yen=draw(st.sampled_from([None, 3000.0])),
    )  # fmt: skip
    booking = Booking(entry=entry, hours=entry.hours_saved_per_year, yen=None, fiscal_year=2026)
    bonds = tuple(
        Bond(
            cycle_id=name, n=number, text="t", owner=city.OWNER, due=draw(INSTANTS).date(), step="realise",
            set_at=NOW, closed_at=None,
        )
        for number in range(draw(st.integers(0, 2)))
    )  # fmt: skip
    return standing(moment, booking, bonds, grown=draw(st.booleans()))


QUESTIONS = st.sampled_from(
    [
        FiguresWanted(at=NOW, today=NOW.date()),
        FiguresWanted(at=NOW, today=NOW.date(), pillar="P1"),
        FiguresWanted(at=NOW, today=NOW.date(), org_unit="S", org_units=frozenset({"S", "U"})),
        FiguresWanted(at=NOW, today=NOW.date(), since=NOW - timedelta(days=30), startups=frozenset({"s1"})),
    ]
)


def told(tallies: Tallies, wanted: FiguresWanted) -> tuple[Any, ...]:
    deeds, holders = Deeds(), Holders(CITY, wanted.today)
    return (
        summary(tallies, deeds, wanted),
        waiting_figures(tallies, deeds, holders, wanted),
        quality_figures(tallies, deeds, (), wanted),
        spread_figures(tallies, CITY, wanted),
        story_candidates(tallies),
        lowest(tallies),
        glance(tallies, NOW),
        departments(tallies, CITY, None),
        signs(tallies, wanted, 2),
        [made_of(tallies, part, NOW) for part in DrilledPart],
        {key: total.result() for key, total in tallies.pillars.items()},
    )


@settings(max_examples=examples(10))
@given(st.lists(standings(), max_size=30), QUESTIONS)
def test_tallies_kept_up_are_those_counted_anew(moves: list[StandingTally], wanted: FiguresWanted) -> None:
    kept, dated, spirals, now = Tallies(wanted), Dated(wanted, 540), Spirals(), dict[str, StandingTally]()
    sums = {by: Sums(Selection(org_unit="S"), by, CITY) for by in GroupBy}
    for move in moves:
        one, name = move, move.moment.cycle_id
        before = now.get(name)
        if before is not None and before.moment.initiative_id != one.moment.initiative_id:
            one = standing(one.moment._replace(initiative_id=before.moment.initiative_id), one.booking)
        kept.move(before, one)
        dated.move(before, one)
        spirals.move(one.moment)
        for found in sums.values():
            found.move(before.booking if before else None, one.booking)
        now[name] = one
    anew = Tallies(wanted, now.values())
    assert told(kept, wanted) == told(anew, wanted)
    assert trend(dated, NOW.date()) == trend(Dated(wanted, 540, now.values()), NOW.date())
    fresh = Spirals(one.moment for one in now.values())
    assert spirals.codes() == fresh.codes()
    assert spirals.under(("s1",), 2) == fresh.under(("s1",), 2)
    for by, found in sums.items():
        chosen = Selection(org_unit="S").of((one.booking for one in now.values()), CITY)
        assert found.result() == Sums(Selection(), by, CITY, chosen).result()
        assert found.result().total == summed(chosen)


@settings(max_examples=examples(10))
@given(st.lists(standings(), max_size=12, unique_by=lambda one: one.moment.cycle_id), QUESTIONS)
def test_what_tallies_tell_is_what_a_plain_count_tells(found: list[StandingTally], wanted: FiguresWanted) -> None:
    tallies = Tallies(wanted, found)
    meant = [one.moment for one in found if wanted.takes(one.moment)]
    first, wait, good, spread, *_ = told(tallies, wanted)
    assert first.cycles.value == len(meant)
    assert first.counts.org_unit == dict(sorted(Counter(one.org_unit for one in meant).items()))
    assert first.overdue.value == sum(one.due_at is not None and one.due_at < NOW for one in meant)
    owners = [
        spent
        for one in meant
        for rank, step in enumerate(("imagine", "transform", "realise", "share"), start=1)
        if one.steps_passed >= rank and (spent := getattr(one, f"{step}_owner_seconds")) is not None
    ]
    assert first.owner_time.value == (round(statistics.median(owners) / 86400, 2) if owners else None)
    ages = [NOW - one.waiting_since for one in meant if one.waits_for == "approver"]
    over = [0, 5, 10, 30, 90, 10_000]
    assert [band.approver for band in first.waiting] == [
        sum((low == 0 or age > timedelta(days=low)) and age <= timedelta(days=high) for age in ages)
        for low, high in pairwise(over)
    ]
    for queue in wait.by_post:
        days = [(NOW - one.waiting_since).days for one in meant if queue.key in one.posts.split()]
        assert (queue.waiting, queue.median_days) == (len(days), statistics.median(days))
    loads = Counter(one.owner for one in meant if one.waits_for == "owner")
    assert {one.person: one.own for one in wait.load if one.own} == loads
    known = [one.effort_hours for one in meant if one.effort_hours is not None]
    assert good.spend.effort_hours.value == (round(math.fsum(known), 6) if known else None)
    assert good.conditions_open.n == sum(len(one.bonds) for one in found if wanted.takes(one.moment))
    assert sum(one.open for one in spread.org_scope) == sum(one.status in {"active", "on_hold"} for one in meant)


ENTRIES = st.builds(
    AccountEntry,
    cycle_id=NAMES,
    initiative_id=st.just("i"),
    kind=st.just(CycleKind.START),
    status=st.sampled_from(CycleStatus),
    turn=st.integers(1, 3),
    org_scope=st.just("unit"),
    org_unit=st.just("U"),
    hours_saved_per_year=COSTS,
    realised_at=st.none() | INSTANTS,
)


@given(st.lists(st.tuples(ENTRIES, st.lists(NAMES, max_size=2), st.booleans()), max_size=25))
def test_books_kept_up_are_those_booked_anew(writes: list[tuple[AccountEntry, list[str], bool]]) -> None:
    books, now = Books(), dict[str, AccountEntry]()
    told: dict[str, Booking] = {}
    for plain, joins, same in writes:
        known = now.get(plain.cycle_id)
        parents = tuple(dict.fromkeys((*(known.parents if known else ()), *joins)))  # a parent comes once and stays
        again = tuple(joins) if same else known.again if known else ()
        entry = plain.model_copy(update={"parents": parents, "again": again})
        now[entry.cycle_id] = entry
        for name in books.put([entry]):
            told[name] = books[name]
        anew = {one.entry.cycle_id: one for one in book(now.values())}
        assert told == anew


def test_acts_are_counted_by_kind_way_and_wait() -> None:
    deeds = Deeds()
    for number, (kind, why, waited) in enumerate([("approve", "post", 3.0), ("return", "proxy", 1.0)]):
        deeds.add(
            Act(
                cycle_id="c", seq=number, at=NOW, kind=kind, step="imagine", round=1, post="head@U", person="p",
                on_behalf_of=None, why=why, waited_seconds=waited, reason=" 古い ", first=None,
            )
        )  # fmt: skip
    assert deeds.pace() == {"head@U": (2, 2.0)}
    assert deeds.ways == {"post": 1, "proxy": 1}
    assert deeds.returned["reason"] == {"古い": 1}
    assert [one.kind for one in deeds.latest_returns(5)] == ["return"]
