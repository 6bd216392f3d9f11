import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data.shipped import published_cases
from engine.domain.deliverables import Imagine, Realise, Transform
from engine.domain.deliverables.required import Profile, missing
from engine.domain.effects.account import increments
from engine.domain.effects.measured import measured, reduction_percent
from engine.domain.units import canonical, out_of_range, same_unit
from tests.support import city

CASES = {case.key: case for case in published_cases()}


@pytest.mark.parametrize(
    ("before", "after", "percent"), [(424 * 60 + 44, 88 * 60 + 18, 79.2), (85 * 60, 14 * 60 + 10, 83.3)]
)
def test_the_published_reductions_come_out(before: float, after: float, percent: float) -> None:
    assert reduction_percent(before, after) == percent
    assert reduction_percent(0, after) is None


@pytest.mark.parametrize("key", CASES)
def test_every_published_case_is_complete_and_gives_the_published_figures(key: str) -> None:
    case = CASES[key]
    handed_in = case.deliverables
    for part in (handed_in.imagine, handed_in.transform, handed_in.realise, handed_in.share):
        assert list(missing(part, Profile.FULL)) == []
    effects = measured(handed_in.imagine, handed_in.transform, handed_in.realise, None)
    (metric,) = effects.metrics
    assert effects.hours_saved_per_year == case.expected.hours_saved_per_year
    assert metric.actual is not None
    assert reduction_percent(metric.baseline, metric.actual) == case.expected.reduction_percent


def test_the_prefecture_saved_2768_hours_a_year_and_goes_on_to_20_tasks() -> None:
    case = CASES["ibaraki-pref"]
    (following,) = case.deliverables.share.next
    assert case.expected.hours_saved_per_year == 2768
    assert following.kind == "expand"
    assert "20業務" in (following.reason or "")


def test_unmeasured_is_unknown_and_worse_is_negative() -> None:
    assert measured(city.imagine(), city.transform(), None, None).hours_saved_per_year is None
    worse = measured(city.imagine(), city.transform(), city.realise(45), 2000)
    assert (worse.hours_saved_per_year, worse.yen_per_year) == (-250.0, -500_000.0)
    assert worse.metrics[0].reached is False


def test_hours_are_not_yen_unless_the_policy_names_a_rate_or_costs_are_known() -> None:
    assert measured(city.imagine(), Transform(), city.realise(), None).yen_per_year is None
    assert measured(city.imagine(), Transform(), city.realise(), 1000).yen_per_year == 300_000
    costly = Imagine.model_validate({"as_is": {"minutes_per_case": 5, "running_cost_yen": 900}})
    actual = Realise.model_validate({"actual": {"minutes_per_case": 5, "cases_per_year": 1}})
    assert measured(costly, Transform(cost_running_yen=400), actual, None).yen_per_year == 500


@st.composite
def lineages(draw: st.DrawFn) -> tuple[dict[str, float | None], dict[str, list[str]]]:
    names = [f"c{number}" for number in range(draw(st.integers(1, 12)))]
    values = st.one_of(st.none(), st.integers(-500, 500).map(float))
    own = {name: draw(values) for name in names}
    parents = {
        name: draw(st.lists(st.sampled_from(names[:index]), max_size=3, unique=True)) if index else []
        for index, name in enumerate(names)
    }
    return own, parents


@given(lineages())
def test_increments_add_up_as_a_naive_recount_does_however_the_spiral_branches_and_merges(
    lineage: tuple[dict[str, float | None], dict[str, list[str]]],
) -> None:
    own, parents = lineage
    naive: dict[str, float] = {}

    def contained(name: str) -> set[str]:
        found = set(parents[name])
        for parent in parents[name]:
            found |= contained(parent)
        return found

    for name, value in own.items():  # names are in the order in which they began
        if value is not None:
            naive[name] = value - sum(naive.get(inner, 0.0) for inner in contained(name))
    found = increments(own, parents)
    assert {name: value for name, value in found.items() if value is not None} == pytest.approx(naive)
    assert {name for name, value in found.items() if value is None} == {n for n, v in own.items() if v is None}


def test_a_larger_cycle_adds_only_what_it_saves_beyond_the_smaller_ones_it_contains() -> None:
    own = {"a": 100.0, "b": 60.0, "ab": 400.0, "same": None}
    assert increments(own, {"ab": ["a", "b"], "same": ["ab"]}) == {"a": 100, "b": 60, "ab": 240, "same": None}


def test_usual_spellings_of_a_unit_are_the_same_and_a_share_of_a_hundred_stays_one() -> None:
    assert same_unit("分/件", "minutes per case")
    assert same_unit("％", "percent")
    assert not same_unit("分", "円")
    assert canonical("人日") == "人日"
    assert (out_of_range(101, "%"), out_of_range(100, "%"), out_of_range(101, "分")) == (True, False, False)
