"""One spiral as shapes: a band that winds outward, one turn for each cycle, cut into four quarters for the steps.

Pure geometry in SVG coordinates (x to the right, y down, lengths in user units), the centre at (0, 0). Must not
know what a cycle is.

A turn begins at the top and goes clockwise. The band is as wide as the turn's width says and passes smoothly into the
next turn, so the line from the first quarter to the last is one curve: a spiral, not a target.
"""

from collections.abc import Sequence
from math import cos, hypot, pi, sin

from pydantic import BaseModel, ConfigDict

START = -pi / 2
"""The top, where every turn begins."""
QUARTER = pi / 2
HOLE = 46.0
"""Radius of the open middle."""
GAP = 9.0
"""Free space between one turn and the next."""
SLIT = 3.0
"""Free space between two quarters, along the band."""
PIECES = 2
"""Cubic curves for each edge of a quarter; two follow the true spiral closer than a tenth of a unit."""


class Point(BaseModel):
    """A place; x to the right, y down."""

    model_config = ConfigDict(frozen=True)

    x: float
    y: float

    def plus(self, other: "Point", times: float = 1.0) -> "Point":
        """This place moved by a multiple of another."""
        return Point(x=self.x + other.x * times, y=self.y + other.y * times)

    @property
    def distance(self) -> float:
        """From the centre."""
        return hypot(self.x, self.y)


class Spiral:
    """The band of a whole spiral.

    Args:
        widths: the band's width at the start of each turn, outward; at least one.
    """

    def __init__(self, widths: Sequence[float]) -> None:
        if not widths:
            raise ValueError("a spiral has at least one turn")
        self.widths = tuple(widths)
        self._radii = [HOLE + self.widths[0] / 2]
        for here, following in zip(self.widths, (*self.widths[1:], self.widths[-1]), strict=True):
            self._radii.append(self._radii[-1] + (here + following) / 2 + GAP)

    @property
    def turns(self) -> int:
        """How many."""
        return len(self.widths)

    @property
    def radius(self) -> float:
        """Of the circle that holds everything."""
        return self._radii[-1] + self.widths[-1] / 2

    def middle(self, turn: int, part: float) -> Point:
        """The middle of the band at a part (0 to 1) of a turn (from 0)."""
        return self._place(turn, part, 0.0)

    def outside(self, turn: int, part: float, beyond: float) -> Point:
        """A place `beyond` the band's outer edge."""
        return self._place(turn, part, self._width(turn, part) / 2 + beyond)

    def quarter(self, turn: int, number: int) -> str:
        """The outline of one quarter (0 to 3) of a turn, as the `d` of an SVG path."""
        first, last = number / 4, (number + 1) / 4
        slit = SLIT / 2 / (self._radius(turn, first) * 2 * pi)
        first, last = first + slit, last - slit
        outer = self._edge(turn, first, last, +0.5)
        inner = self._edge(turn, last, first, -0.5)
        begin, turning = self._at(turn, first, +0.5), self._at(turn, last, -0.5)
        return f"M{_xy(begin)}{outer}L{_xy(turning)}{inner}Z"

    def line(self, turn: int, first: float, last: float) -> str:
        """The middle of the band between two parts of a turn, as the `d` of an SVG path."""
        return f"M{_xy(self._at(turn, first, 0.0))}{self._edge(turn, first, last, 0.0)}"

    def reading(self, turn: int, number: int) -> str:
        """The middle of a quarter in the direction in which a text on it stands upright, as the `d` of a path."""
        first, last = number / 4, (number + 1) / 4
        if number in {1, 2}:
            first, last = last, first
        return self.line(turn, first, last)

    def length(self, turn: int, number: int) -> float:
        """Of the middle of a quarter."""
        return self._radius(turn, (number + 0.5) / 4) * QUARTER

    def trail(self, last: float) -> str:
        """A line that winds in the free space along the outer edge, from the beginning as far as `last` turns."""
        drawn = [f"M{_xy(self.outside(0, 0.0, GAP / 2))}"]
        for turn in range(self.turns):
            until = min(1.0, last - turn)
            if until <= 0:
                break
            for quarter in range(4):
                begin, end = quarter / 4, min((quarter + 1) / 4, until)
                if begin < end:
                    drawn.append(self._edge(turn, begin, end, 0.5, GAP / 2))
        return "".join(drawn)

    def _edge(self, turn: int, first: float, last: float, side: float, beyond: float = 0.0) -> str:
        step = (last - first) / PIECES
        curves = []
        for piece in range(PIECES):
            begin, end = first + piece * step, first + (piece + 1) * step
            one, other = self._at(turn, begin, side, beyond), self._at(turn, end, side, beyond)
            lean, arrive = self._slope(turn, begin, side, beyond), self._slope(turn, end, side, beyond)
            curves.append(f"C{_xy(one.plus(lean, step / 3))} {_xy(other.plus(arrive, -step / 3))} {_xy(other)}")
        return "".join(curves)

    def _at(self, turn: int, part: float, side: float, beyond: float = 0.0) -> Point:
        return self._place(turn, part, side * self._width(turn, part) + beyond)

    def _place(self, turn: int, part: float, aside: float) -> Point:
        angle, radius = START + part * 2 * pi, self._radius(turn, part) + aside
        return Point(x=radius * cos(angle), y=radius * sin(angle))

    def _slope(self, turn: int, part: float, side: float, beyond: float = 0.0) -> Point:
        """How the edge moves for each whole turn, at a part of one."""
        angle = START + part * 2 * pi
        grows = self._radii[turn + 1] - self._radii[turn] + side * (self._next_width(turn) - self.widths[turn])
        radius = self._radius(turn, part) + side * self._width(turn, part) + beyond
        return Point(
            x=grows * cos(angle) - radius * 2 * pi * sin(angle), y=grows * sin(angle) + radius * 2 * pi * cos(angle)
        )

    def _radius(self, turn: int, part: float) -> float:
        return self._radii[turn] + part * (self._radii[turn + 1] - self._radii[turn])

    def _width(self, turn: int, part: float) -> float:
        return self.widths[turn] + part * (self._next_width(turn) - self.widths[turn])

    def _next_width(self, turn: int) -> float:
        return self.widths[min(turn + 1, self.turns - 1)]


def _xy(point: Point) -> str:
    return f"{point.x:.1f} {point.y:.1f}"
