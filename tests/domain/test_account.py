"""How effects add up, against a recount that knows nothing of the account's way of counting."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.calendar import fiscal_year
from engine.domain.effects.account import AccountEntry, book, increments, summed
from engine.domain.effects.sums import GroupBy, Selection, grouped
from engine.domain.steps import CycleKind, CycleStatus
from tests.support import city
from tests.support.examples import examples

DAY = datetime(2026, 4, 1, tzinfo=UTC)
CITY = city.organisation()


def entry(name: str, hours: float | None = None, day: int = 0, **more: object) -> AccountEntry:
    facts: dict[str, object] = {
        "cycle_id": name, "initiative_id": name[0], "kind": CycleKind.EXPAND, "turn": 1, "org_scope": "unit",
        "status": CycleStatus.ACTIVE if hours is None else CycleStatus.COMPLETED, "org_unit": "U",
        "hours_saved_per_year": hours, "realised_at": None if hours is None else DAY + timedelta(days=day),
    }  # fmt: skip
    return AccountEntry.model_validate(facts | more)


def added(*entries: AccountEntry) -> dict[str, float | None]:
    return {one.entry.cycle_id: one.hours for one in book(entries)}


def test_a_sustained_effect_that_is_lost_takes_hours_away_and_one_that_holds_adds_none() -> None:
    first = entry("a", 100.0)
    kept = entry("k", 100.0, 1, parents=("a",), again=("a",), kind=CycleKind.SUSTAIN)
    lost = entry("l", 30.0, 2, parents=("a",), again=("a",), kind=CycleKind.SUSTAIN)
    assert added(first, kept) == {"a": 100, "k": 0}
    assert added(first, kept, lost) == {"a": 100, "k": 0, "l": -70}
    assert summed(book((first, kept, lost))).hours_saved_per_year == 30


def test_two_tries_at_one_scope_count_what_was_measured_last_and_not_both() -> None:
    tries = [
        entry(name, hours, day, parents=("a",), again=("a",)) for name, hours, day in (("b", 120, 1), ("c", 130, 2))
    ]
    assert added(entry("a", 100.0), *tries) == {"a": 100, "b": 20, "c": 10}


def test_a_small_effect_lost_after_the_large_one_was_measured_is_taken_off_once() -> None:
    small, large = entry("a", 100.0), entry("b", 400.0, 1, parents=("a",))
    lost = entry("c", 60.0, 2, parents=("a",), again=("a",))
    assert added(small, large, lost) == {"a": 100, "b": 300, "c": -40}
    before = lost.model_copy(update={"realised_at": DAY + timedelta(hours=1)})
    assert summed(book((small, large, before))).hours_saved_per_year == 400


def test_a_merge_across_initiatives_counts_neither_side_twice_and_a_copy_is_an_effect_of_its_own() -> None:
    merged = entry("m", 500.0, 3, parents=("a", "b"))
    copy = entry("x", 70.0, 4, adopted_from="m")
    found = book((entry("a", 100.0), entry("b", 60.0, 1), merged, copy))
    assert {one.entry.cycle_id: one.hours for one in found} == {"a": 100, "b": 60, "m": 340, "x": 70}
    assert summed(found).hours_saved_per_year == 570


def test_a_year_runs_from_april_to_march_by_the_day_in_the_office() -> None:
    assert [fiscal_year(day) for day in (date(2026, 3, 31), date(2026, 4, 1), date(2027, 1, 1))] == [2025, 2026, 2026]
    late = datetime(2027, 3, 31, 15, 0, tzinfo=UTC)  # midnight of 1 April in Tokyo
    (one,) = book((entry("a", 1.0, realised_at=late),))
    (elsewhere,) = book((entry("a", 1.0, realised_at=late),), utc_offset_minutes=0)
    assert (one.fiscal_year, elsewhere.fiscal_year) == (2027, 2026)


def test_sums_say_what_is_measured_what_is_not_and_what_is_worse() -> None:
    ended = entry("w", status=CycleStatus.WITHDRAWN)
    found = book((entry("a", 10.0), entry("b", -4.0), entry("c", 0.0, verdict="worse"), entry("d"), ended))
    total = summed(found)
    assert (total.hours_saved_per_year, total.measured, total.unmeasured, total.worse) == (6, 3, 1, 2)
    nothing = summed(book((entry("d"),)))
    assert (nothing.hours_saved_per_year, nothing.yen_per_year, nothing.unmeasured) == (None, None, 1)


def test_an_office_is_shown_with_all_below_it_and_own_sums_add_up_to_the_total() -> None:
    found = book((entry("a", 10.0), entry("b", 5.0, org_unit="S"), entry("c", 2.0, org_unit="U2")))
    groups = {one.key: one for one in grouped(found, GroupBy.ORG_UNIT, CITY)}
    assert {key: one.rolled_up.hours_saved_per_year for key, one in groups.items()} == {
        "C": 17, "D": 17, "S": 15, "S2": 2, "U": 10, "U2": 2,
    }  # fmt: skip
    assert groups["S2"].own.hours_saved_per_year is None
    assert sum(one.own.hours_saved_per_year or 0 for one in groups.values()) == 17
    assert summed(Selection(org_unit="S").of(found, CITY)).hours_saved_per_year == 15


def test_what_is_not_measured_has_no_year_and_is_left_out_when_one_is_asked_for() -> None:
    found = book((entry("a", 10.0), entry("d")))
    years = grouped(found, GroupBy.FISCAL_YEAR, CITY)
    assert [(one.key, one.own.unmeasured) for one in years] == [("2026", 0), (None, 1)]
    chosen = Selection(fiscal_year=2026).of(found, CITY)
    assert [one.entry.cycle_id for one in chosen] == ["a"]


@pytest.mark.parametrize("times", [1, 7, 1000])
def test_tenths_add_up_exactly_in_whatever_order(times: int) -> None:
    found = book(entry(f"{number}", 0.1) for number in range(times))
    assert summed(found).hours_saved_per_year == round(times / 10, 6)
    assert summed(reversed(found)) == summed(found)


@st.composite
def cities(draw: st.DrawFn) -> list[AccountEntry]:
    """Random spirals that branch, merge, try again, are sustained and copied, some worse and some unmeasured."""
    found: list[AccountEntry] = []
    scopes: dict[str, int] = {}
    for number in range(draw(st.integers(1, 14))):
        name = f"c{number:02}"
        kind = draw(st.sampled_from(list(CycleKind))) if found else CycleKind.START
        hours = draw(st.none() | st.integers(-5000, 5000).map(lambda tenths: tenths / 10))
        ended = [one for one in found if one.measured]  # only a shared result leads on, or is joined or copied
        parents: tuple[str, ...] = ()
        again: tuple[str, ...] = ()
        scope = draw(st.integers(0, 5))
        if ended and kind in (CycleKind.RETRY, CycleKind.SUSTAIN):
            origin = draw(st.sampled_from(ended)).cycle_id
            parents, again, scope = (origin,), (origin,), scopes[origin]
        elif ended and kind is CycleKind.EXPAND:
            origins = draw(st.lists(st.sampled_from(ended), min_size=1, max_size=3, unique=True))
            parents = tuple(one.cycle_id for one in origins)
            scope = max(scopes[one] for one in parents) + 1
        copied = draw(st.sampled_from(ended)).cycle_id if ended and kind is CycleKind.ADOPT else None
        scopes[name] = scope
        found.append(
            entry(name, hours, number, kind=kind, parents=parents, again=again, adopted_from=copied,
                  org_unit=draw(st.sampled_from(["U", "S", "D", "U2"])), pillar=draw(st.sampled_from(["P1", None])))
        )  # fmt: skip
    return draw(st.permutations(found))


def recount(entries: list[AccountEntry]) -> float:
    """A clerk with a map: each place holds how many hours are known to be saved inside it.

    When a result comes in, the clerk corrects the map so that the place and all places inside it together hold that
    many; what is written down for a place stays until somebody measures it, or something around it, again.
    """
    place = {one.cycle_id: one.cycle_id for one in entries}
    for one in sorted(entries, key=lambda one: one.cycle_id):
        for origin in one.again:
            place[one.cycle_id] = place[origin]
    inner: dict[str, set[str]] = {one: {one} for one in place.values()}
    for _ in entries:  # often enough for the longest chain
        for one in entries:
            for parent in one.parents:
                inner[place[one.cycle_id]] |= inner[place[parent]]
    held: dict[str, float] = {}
    for one in sorted((one for one in entries if one.measured), key=lambda one: one.cycle_id):
        here = place[one.cycle_id]
        inside_others = sum(held.get(other, 0.0) for other in inner[here] - {here})
        held[here] = (one.hours_saved_per_year or 0.0) - inside_others
    return sum(held.values())


@settings(max_examples=examples(50))
@given(cities())
def test_the_total_is_what_a_naive_recount_gives_however_the_spirals_branch_and_merge(
    entries: list[AccountEntry],
) -> None:
    found = book(entries)
    total = summed(found)
    assert (total.hours_saved_per_year or 0.0) == pytest.approx(recount(entries), abs=1e-6)
    assert (total.hours_saved_per_year is None) == all(not one.measured for one in entries)
    assert total.measured == sum(one.measured for one in entries)
    assert {one.entry.cycle_id for one in found if one.hours is None} == {
        one.cycle_id for one in entries if not one.measured
    }


@settings(max_examples=examples(50))
@given(cities())
def test_every_break_down_adds_up_to_the_total(entries: list[AccountEntry]) -> None:
    found = book(entries)
    total = summed(found)
    for by in GroupBy:
        groups = grouped(found, by, CITY)
        assert (
            summed([one for one in found if one.hours is not None]).hours_saved_per_year == total.hours_saved_per_year
        )
        assert sum(one.own.hours_saved_per_year or 0.0 for one in groups) == pytest.approx(
            total.hours_saved_per_year or 0.0, abs=1e-6
        )
        assert sum(one.own.measured + one.own.unmeasured for one in groups) == total.measured + total.unmeasured
    assert {one.key: one.rolled_up for one in grouped(found, GroupBy.ORG_UNIT, CITY)}["C"] == total


@settings(max_examples=examples(50))
@given(cities())
def test_whoever_contains_nothing_adds_exactly_its_own_effect(entries: list[AccountEntry]) -> None:
    for one in book(entries):
        if one.entry.measured and not one.entry.parents and not any(one.entry.cycle_id in o.again for o in entries):
            assert one.hours == one.entry.hours_saved_per_year


def test_cycles_that_refer_to_what_is_not_there_are_counted_as_they_are() -> None:
    assert increments({"a": 5.0}, {"a": ["gone"]}, {"a": ["gone"]}) == {"a": 5}
