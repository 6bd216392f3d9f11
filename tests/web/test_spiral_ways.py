"""The ways between spirals: they end where they should and run around, never across."""

import re
from math import cos, hypot, pi, sin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.web.spiral.geometry import GAP, Point, Spiral
from api.web.spiral.layout import drawn
from api.web.spiral.ways import TOP, DrawnPlace, way
from engine.domain.lineage.edges import EdgeKind
from engine.domain.steps import CycleStatus, Step
from tests.web.test_spiral_drawing import numbers, ring

radii = st.floats(min_value=40, max_value=400)


def place(x: float, y: float, radius: float = 100.0) -> DrawnPlace:
    return DrawnPlace(Point(x=x, y=y), radius, radius / 2)


def ends(path: str) -> tuple[tuple[float, float], tuple[float, float]]:
    found = numbers(path)
    return (found[0], found[1]), (found[-2], found[-1])


@pytest.mark.parametrize(("x", "y"), [(0, 300), (250, 300), (-250, 300), (400, 0), (-400, 0), (0, -300), (300, -400)])
def test_a_way_begins_and_ends_on_the_seams_and_comes_in_from_above(x: float, y: float) -> None:
    source, target = place(0, 0), place(x, y)
    path = way(source, target)
    assert ends(path) == ((0.0, -50.0), (float(x), y - 50.0))
    *_, before = re.findall(r"(-?[\d.]+) (-?[\d.]+)(?=L[^L]*$)", path)
    assert tuple(float(one) for one in before) == (float(x), y - target.orbit), "straight down the seam at last"


@given(radii, st.floats(min_value=-600, max_value=600), st.floats(min_value=10, max_value=400))
def test_down_to_a_spiral_below_it_leaves_its_own_circle_where_it_touches_it(
    radius: float, x: float, further: float
) -> None:
    source = DrawnPlace(Point(x=0, y=0), radius, radius)
    target = DrawnPlace(Point(x=x, y=2 * radius + 100 + further), 60, 30)
    angle, clockwise = source.touching(target.gate, leaving=True)
    leave = source.on_orbit(angle)
    ahead = Point(x=target.gate.x - leave.x, y=target.gate.y - leave.y)
    assert cos(angle) * ahead.x + sin(angle) * ahead.y == pytest.approx(0, abs=1e-6 * ahead.distance)
    turned = (angle - TOP if clockwise else TOP - angle) % (2 * pi)
    assert turned <= pi + 0.6, "the shorter way around"


def test_up_to_a_spiral_above_it_goes_around_that_one() -> None:
    path = way(place(-200, 500), place(0, 0))
    (arc,) = re.findall(r"A([\d.]+) [\d.]+ 0 [01] [01] (-?[\d.]+) (-?[\d.]+)", path)
    assert [float(one) for one in arc] == [112.0, 0.0, -112.0]
    touching = [float(one) for one in re.findall(r"L(-?[\d.]+) (-?[\d.]+)A", path)[0]]
    assert hypot(*touching) == pytest.approx(112, abs=0.1)


def test_branches_stand_below_the_main_spiral_and_ways_beside_each_other() -> None:
    rings = [ring("1", rank=5)] + [ring(f"1.{n}", ("1", EdgeKind.RETRY), rank=1) for n in range(4)]
    rings.insert(1, ring("2", ("1", EdgeKind.EXPAND), rank=5))
    rings.insert(2, ring("3", ("2", EdgeKind.EXPAND), rank=5))
    drawing = drawn(rings)
    main, *others = drawing.spirals
    assert all(one.centre.y - one.radius > main.centre.y + main.radius for one in others)
    around = [re.findall(r"A([\d.]+) ", one.path)[0] for one in drawing.connectors]
    assert len(set(around)) == len(around)


@given(st.lists(st.floats(min_value=8, max_value=60), min_size=1, max_size=8))
def test_the_trail_winds_outward_in_the_free_space_beside_the_band(widths: list[float]) -> None:
    spiral = Spiral(widths)
    values = numbers(spiral.trail(spiral.turns))
    points = list(zip(values[::2], values[1::2], strict=True))
    on_curve = [points[0], *points[3::3]]
    reach = [hypot(*one) for one in on_curve]
    assert reach[-1] == pytest.approx(spiral.outside(spiral.turns - 1, 1.0, GAP / 2).distance, abs=0.2)
    for turn in range(spiral.turns):
        assert hypot(*on_curve[turn * 8]) == pytest.approx(spiral.outside(turn, 0, GAP / 2).distance, abs=0.2)


@pytest.mark.parametrize(
    ("step", "status", "x", "y"),
    [(Step.IMAGINE, CycleStatus.ACTIVE, 1, -1), (Step.TRANSFORM, CycleStatus.ACTIVE, 1, 1),
     (Step.REALISE, CycleStatus.ON_HOLD, -1, 1), (Step.SHARE, CycleStatus.ACTIVE, -1, -1)],
)  # fmt: skip
def test_the_trail_ends_in_the_quarter_where_the_work_stands(step: Step, status: CycleStatus, x: int, y: int) -> None:
    (spiral,) = drawn([ring("a"), ring("b", ("a", EdgeKind.EXPAND), step=step, status=status)]).spirals
    *_, last_x, last_y = numbers(spiral.trail)
    assert last_x * x > 0
    assert last_y * y > 0


def test_a_text_on_a_quarter_stands_upright() -> None:
    spiral = Spiral([20, 26])
    for number in range(4):
        values = numbers(spiral.reading(0, number))
        assert values[0] < values[-2], "from left to right"
