"""Bars and columns, drawn on the server by leather as SVG in the ink of the page. Each has its table beside it."""

import re
from collections.abc import Sequence
from unicodedata import east_asian_width

import leather
from markupsafe import Markup, escape

WIDTH, HIGH, ROW, AROUND = 640, 220, 34, 76
LENGTH = re.compile(r'"(-?[0-9.]{6,}(?:E-?[0-9]+)?|0E-[0-9]+)"')
AIR = 24
"""Pixels for the half of the last number that stands right of its line."""
SQUARE = 14
"""Pixels of a Japanese sign beside the bars."""
LONGEST = 16
"""Signs of a name that fit beside its bar."""

leather.theme.background_color = "none"
leather.theme.axis_title_color = leather.theme.label_color = leather.theme.title_color = "currentColor"
leather.theme.tick_font_family = leather.theme.title_font_family = "inherit"
leather.theme.tick_color = "currentColor"
leather.theme.zero_color = "currentColor"
leather.theme.margin = 0.015


def bars(rows: Sequence[tuple[str, float]], label: str, colour: str = "currentColor") -> Markup:
    """Horizontal bars, the first row on top; empty when there is nothing to draw.

    Args:
        rows: name and value; a negative value's bar goes to the left.
        label: what the picture shows, for those who do not see it.
        colour: of the bars.
    """
    if not any(value for _, value in rows):
        return Markup("")
    height = AROUND + ROW * len(rows)
    chart = leather.Chart()
    names = _distinct([_short(name) for name, _ in rows])
    values = [value for _, value in rows]
    chart.add_bars(list(zip(values, names, strict=True)), fill_color=colour)
    low, high = min(0.0, *values), max(0.0, *values)
    if low == high:
        high = 1.0
    chart.set_x_scale(leather.Linear(low, high))
    return _picture(chart, height, label, _wider(names))


def columns(rows: Sequence[tuple[str, float]], label: str, colour: str = "currentColor") -> Markup:
    """Upright bars in the order of the rows, such as months; empty when there is nothing to draw.

    Args:
        rows: name and value; names must differ.
        label: what the picture shows, for those who do not see it.
        colour: of the columns.
    """
    if not any(value for _, value in rows):
        return Markup("")
    chart = leather.Chart()
    chart.add_columns(list(rows), fill_color=colour)
    values = [value for _, value in rows]
    chart.set_y_scale(leather.Linear(min(0.0, *values), max(0.0, *values)))
    return _picture(chart, HIGH, label)


def _picture(chart: leather.Chart, height: int, label: str, left: int = 0) -> Markup:
    """The drawing with its name and air for its labels; lengths with two digits, since leather writes twenty."""
    drawn = str(chart.to_svg(width=WIDTH, height=height)).removeprefix("<svg ")
    drawn = LENGTH.sub(lambda found: f'"{_length(found[1])}"', drawn)
    view = f"{-left} 0 {WIDTH + left + AIR} {height}"
    head = f'<svg role="img" aria-label="{escape(label)}" class="chart" viewBox="{view}" '
    return Markup(head + drawn)  # noqa: S704 - leather escapes what it is given


def _length(text: str) -> str:
    return f"{round(float(text), 2) + 0.0:g}"


def _wider(names: Sequence[str]) -> int:
    """Pixels that Japanese names need beyond what leather, which counts every sign as a Latin one, leaves them."""
    narrow: int = leather.theme.tick_font_char_width
    needed = max(sum(SQUARE if east_asian_width(sign) in "WFA" else narrow for sign in name) for name in names)
    return max(0, needed - narrow * max(map(len, names)))


def _distinct(names: Sequence[str]) -> list[str]:
    """Rows of one name would share one bar, so each of them gets its number."""
    return [f"{name} {index}" if names.count(name) > 1 else name for index, name in enumerate(names, start=1)]


def _short(name: str) -> str:
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"
