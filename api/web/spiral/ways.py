"""How a way runs from one spiral to another: out along the seam at the top, around, and in along the other's seam.

Nothing is crossed on the way: down to a spiral below it goes around its own, up to one above around that one.
"""

from math import acos, atan2, cos, pi, sin

from api.web.spiral.geometry import Point

TOP = -pi / 2
APART = 12.0
"""From a spiral's outermost edge to a way around it."""


class DrawnPlace:
    """A spiral as a way sees it: the circle around it, and where on its seam the way begins or ends."""

    def __init__(self, centre: Point, radius: float, seam: float, beyond: float = APART) -> None:
        self.centre = centre
        self.orbit = radius + beyond
        self.at = Point(x=centre.x, y=centre.y - seam)
        self.gate = Point(x=centre.x, y=centre.y - self.orbit)

    def on_orbit(self, angle: float) -> Point:
        """The place on the circle around it."""
        return Point(x=self.centre.x + self.orbit * cos(angle), y=self.centre.y + self.orbit * sin(angle))

    def touching(self, point: Point, *, leaving: bool) -> tuple[float, bool]:
        """Where a line to or from `point` touches the circle, and whether the way runs clockwise; the shorter of two.

        Returns:
            The angle, and True for clockwise.
        """
        x, y = point.x - self.centre.x, point.y - self.centre.y
        distance = max((x * x + y * y) ** 0.5, self.orbit + 1e-6)
        towards, lean = atan2(y, x), acos(self.orbit / distance)
        right, left = towards - lean, towards + lean  # where a line leaves clockwise, and where anticlockwise
        if not leaving:
            right, left = left, right
        clockwise = (right - TOP if leaving else TOP - right) % (2 * pi)
        back = (TOP - left if leaving else left - TOP) % (2 * pi)
        return (right, True) if clockwise <= back else (left, False)


def way(source: DrawnPlace, target: DrawnPlace) -> str:
    """The way as the `d` of an SVG path."""
    begin, end = f"M{_xy(source.at)}L{_xy(source.gate)}", f"L{_xy(target.at)}"
    below = target.gate.y - source.centre.y
    if below > source.orbit * 0.5:
        angle, clockwise = source.touching(target.gate, leaving=True)
        leave = source.on_orbit(angle)
        along = angle + (pi / 2 if clockwise else -pi / 2)
        reach = ((target.gate.x - leave.x) ** 2 + (target.gate.y - leave.y) ** 2) ** 0.5 * 0.6
        lean = Point(x=leave.x + reach * cos(along), y=leave.y + reach * sin(along))
        above = Point(x=target.gate.x, y=target.gate.y - min(reach, 24.0))
        curve = f"C{_xy(lean)} {_xy(above)} {_xy(target.gate)}"
        return begin + _arc(source, TOP, angle, clockwise=clockwise) + curve + end
    if source.gate.y - target.centre.y > target.orbit * 0.5:
        angle, clockwise = target.touching(source.gate, leaving=False)
        return begin + f"L{_xy(target.on_orbit(angle))}" + _arc(target, angle, TOP, clockwise=clockwise) + end
    high = min(source.gate.y, target.gate.y) - 18.0
    arch = f"C{source.gate.x:.1f} {high:.1f} {target.gate.x:.1f} {high:.1f} {_xy(target.gate)}"
    return begin + arch + end


def _arc(place: DrawnPlace, first: float, last: float, *, clockwise: bool) -> str:
    sweep = ((last - first) if clockwise else (first - last)) % (2 * pi)
    return f"A{place.orbit:.1f} {place.orbit:.1f} 0 {int(sweep > pi)} {int(clockwise)} {_xy(place.on_orbit(last))}"


def _xy(point: Point) -> str:
    return f"{point.x:.1f} {point.y:.1f}"
