import re
from math import hypot

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.web.spiral.colours import bead, fits
from api.web.spiral.geometry import GAP, HOLE, Point, Spiral
from api.web.spiral.layout import drawn, effect_state, quarter_state, spirals_of, width_of
from api.web.spiral.model import EffectState, Parent, QuarterState, Ring
from engine.domain.lineage.edges import EdgeKind
from engine.domain.scope import OrgScope, WorkScope
from engine.domain.steps import CycleKind, CycleStatus, Step, StepStatus

widths = st.lists(st.floats(min_value=8, max_value=60), min_size=1, max_size=12)


def ring(name: str, *parents: tuple[str, EdgeKind], rank: int = 1, **more: object) -> Ring:
    plain: dict[str, object] = {
        "cycle_id": name, "initiative_id": "i", "title": "題", "kind": CycleKind.START,
        "org_scope": list(OrgScope)[rank - 1], "work_scope": WorkScope.TASK, "status": CycleStatus.COMPLETED,
        "step": Step.SHARE, "step_status": StepStatus.IN_REVIEW, "waits_for": "none",
        "parents": tuple(Parent(cycle_id=one, link=link) for one, link in parents),
    }  # fmt: skip
    return Ring.model_validate(plain | more)


def numbers(path: str) -> list[float]:
    return [float(one) for one in re.findall(r"-?\d+\.\d", path)]


@given(widths)
def test_one_turn_passes_into_the_next_without_a_step(given_widths: list[float]) -> None:
    spiral = Spiral(given_widths)
    for turn in range(spiral.turns - 1):
        end, begin = spiral.middle(turn, 1.0), spiral.middle(turn + 1, 0.0)
        assert hypot(end.x - begin.x, end.y - begin.y) < 1e-6


@given(widths)
def test_turns_never_touch_each_other(given_widths: list[float]) -> None:
    spiral = Spiral(given_widths)
    for turn in range(spiral.turns - 1):
        for part in (0.0, 0.25, 0.5, 0.75):
            outer_edge = spiral.outside(turn, part, 0).distance
            following = spiral.middle(turn + 1, part).distance
            width = given_widths[turn + 1] if part == 0 else max(given_widths[turn + 1 : turn + 3])
            assert following - width / 2 - outer_edge > -1e-6 or following > outer_edge


@given(widths)
def test_everything_lies_inside_the_circle_that_is_said_to_hold_it(given_widths: list[float]) -> None:
    spiral = Spiral(given_widths)
    for turn in range(spiral.turns):
        for quarter in range(4):
            values = numbers(spiral.quarter(turn, quarter))
            ends = [Point(x=x, y=y) for x, y in zip(values[::2], values[1::2], strict=True)]
            # a control point may lie outside the curve, the curve's own points never do
            assert all(one.distance <= spiral.radius * 1.06 for one in ends)


def test_a_curve_follows_the_true_spiral_closely() -> None:
    spiral = Spiral([16, 22, 28])
    values = numbers(spiral.line(1, 0.0, 0.25))
    start, *controls = list(zip(values[::2], values[1::2], strict=True))
    for piece in range(2):
        a, b, c = controls[piece * 3 : piece * 3 + 3]
        x = (start[0] + 3 * a[0] + 3 * b[0] + c[0]) / 8
        y = (start[1] + 3 * a[1] + 3 * b[1] + c[1]) / 8
        true = spiral.middle(1, (piece + 0.5) / 8)
        assert hypot(x - true.x, y - true.y) < 0.15
        start = c


def test_the_middle_stays_open_and_the_first_turn_begins_at_the_top() -> None:
    top = Spiral([20]).middle(0, 0.0)
    assert top.x == pytest.approx(0, abs=1e-9)
    assert top.y == pytest.approx(-(HOLE + 10))
    assert Spiral([20, 20]).middle(1, 0.0).y == pytest.approx(-(HOLE + 10 + 20 + GAP))


def test_a_spiral_without_a_turn_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Spiral([])


def test_a_ring_grows_with_its_scope() -> None:
    assert width_of(ring("a", rank=1)) < width_of(ring("a", rank=2)) < width_of(ring("a", rank=5))
    assert width_of(ring("a")) < width_of(ring("a", work_scope=WorkScope.PROGRAMME))


def test_the_longest_line_winds_in_one_spiral_and_branches_begin_their_own() -> None:
    rings = [
        ring("1"),
        ring("1.1", ("1", EdgeKind.RETRY)),
        ring("1.2", ("1", EdgeKind.EXPAND), rank=2),
        ring("1.2.1", ("1.2", EdgeKind.EXPAND), rank=3),
    ]
    assert [[one.cycle_id for one in line] for line in spirals_of(rings)] == [["1", "1.2", "1.2.1"], ["1.1"]]


def test_an_adoption_and_a_merge_are_spirals_of_their_own_with_a_way_between() -> None:
    rings = [
        ring("1"),
        ring("1.1", ("1", EdgeKind.EXPAND), ("m", EdgeKind.JOIN), rank=2),
        ring("m", initiative_id="other"),
        ring("x", ("1", EdgeKind.ADOPT), initiative_id="copy"),
    ]
    drawing = drawn(rings)
    assert [[one.ring.cycle_id for one in spiral.rings] for spiral in drawing.spirals] == [["1", "1.1"], ["m"], ["x"]]
    assert {(one.source, one.target, one.link) for one in drawing.connectors} == {
        ("m", "1.1", EdgeKind.JOIN),
        ("1", "x", EdgeKind.ADOPT),
    }


def test_spirals_do_not_overlap_and_stay_inside_the_box() -> None:
    rings = [ring("1", rank=5)] + [ring(f"1.{n}", ("1", EdgeKind.EXPAND), rank=1 + n % 5) for n in range(1, 13)]
    drawing = drawn(rings)
    for index, one in enumerate(drawing.spirals):
        assert one.centre.x - one.radius >= 0
        assert one.centre.x + one.radius <= drawing.width
        assert one.centre.y - one.radius >= 0
        assert one.centre.y + one.radius <= drawing.height
        for other in drawing.spirals[index + 1 :]:
            apart = hypot(one.centre.x - other.centre.x, one.centre.y - other.centre.y)
            assert apart >= one.radius + other.radius


def test_every_ring_is_drawn_exactly_once_with_four_quarters() -> None:
    rings = [ring("1")] + [ring(f"{n}", (f"{n - 1}", EdgeKind.EXPAND), rank=min(5, n)) for n in range(2, 40)]
    drawing = drawn(rings)
    found = [one.ring.cycle_id for spiral in drawing.spirals for one in spiral.rings]
    assert sorted(found) == sorted(one.cycle_id for one in rings)
    assert all(len(one.quarters) == 4 for spiral in drawing.spirals for one in spiral.rings)


def test_nothing_to_draw_is_an_empty_drawing() -> None:
    assert drawn([]).spirals == ()


@pytest.mark.parametrize(
    ("changes", "step", "shown"),
    [
        ({}, Step.SHARE, QuarterState.DONE),
        ({"status": CycleStatus.ACTIVE, "step": Step.REALISE}, Step.TRANSFORM, QuarterState.DONE),
        ({"status": CycleStatus.ACTIVE, "step": Step.REALISE}, Step.SHARE, QuarterState.AHEAD),
        ({"status": CycleStatus.ACTIVE, "step": Step.REALISE}, Step.REALISE, QuarterState.OWNER),
        (
            {"status": CycleStatus.ACTIVE, "step": Step.REALISE, "waits_for": "approver"},
            Step.REALISE,
            QuarterState.APPROVER,
        ),
        (
            {"status": CycleStatus.ACTIVE, "step": Step.REALISE, "waits_for": "approver", "overdue": True},
            Step.REALISE,
            QuarterState.OVERDUE,
        ),
        ({"status": CycleStatus.ON_HOLD, "step": Step.IMAGINE}, Step.IMAGINE, QuarterState.HELD),
        ({"status": CycleStatus.REJECTED, "step": Step.REALISE}, Step.REALISE, QuarterState.ENDED),
        ({"status": CycleStatus.REJECTED, "step": Step.REALISE}, Step.IMAGINE, QuarterState.DONE),
    ],
)
def test_a_quarter_says_who_has_it(changes: dict[str, object], step: Step, shown: QuarterState) -> None:
    assert quarter_state(ring("a", **changes), step) is shown


def test_the_signs_of_an_effect_differ_and_none_is_a_triangle() -> None:
    signs = {bead(state, 0, 0) for state in EffectState}
    assert len(signs) == 4
    assert not any(one.count("l") == 1 for one in signs), "▲ means minus in a Japanese budget"


def test_a_text_fits_by_the_width_of_its_signs() -> None:
    assert fits("一人", 22)
    assert not fits("一人", 21)
    assert fits("two", 22)


def test_an_unmeasured_effect_is_never_shown_as_none_or_as_worse() -> None:
    assert [effect_state(one) for one in (None, 0.0, -1.0, 1.0)] == [
        EffectState.UNMEASURED,
        EffectState.SAME,
        EffectState.WORSE,
        EffectState.BETTER,
    ]
