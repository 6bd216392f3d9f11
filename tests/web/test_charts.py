import re

import pytest

from api.web.format.charts import bars, columns
from api.web.format.gettext import translations


def test_a_chart_says_what_it_shows_and_carries_no_style() -> None:
    drawn = bars([("柱<1>", 3.0), ("柱2", 6.0)], 'Hours "saved"')
    assert drawn.startswith('<svg role="img" aria-label="Hours &#34;saved&#34;"')
    assert "style=" not in drawn
    assert "<1>" not in drawn


def test_the_first_row_stands_on_top_and_bars_are_as_long_as_their_values() -> None:
    drawn = bars([("one", 3.0), ("two", 6.0)], "x")
    found = re.findall(r'y="([\d.]+)" width="([\d.]+)" height="[\d.]+" fill="currentColor"', drawn)
    upper, lower = sorted((float(y), float(width)) for y, width in found)
    assert lower[1] == pytest.approx(2 * upper[1], rel=0.01)
    tops = {name: float(re.findall(rf'y="([\d.]+)"[^>]*>{name}<', drawn)[0]) for name in ("one", "two")}
    assert tops["one"] < tops["two"]


def test_rows_of_one_name_keep_a_bar_each() -> None:
    assert bars([("same", 1.0), ("same", 2.0)], "x").count("<rect") == 3  # and the background


@pytest.mark.parametrize("rows", [[], [("none", 0.0)]])
def test_nothing_to_see_is_no_picture(rows: list[tuple[str, float]]) -> None:
    assert bars(rows, "x") == ""


def test_columns_stand_in_the_order_of_the_rows_and_are_as_high_as_their_values() -> None:
    drawn = columns([("Jan", 2.0), ("Feb", 0.0), ("Mar", 4.0)], "Months", "#123456")
    found = re.findall(r'x="([\d.]+)" y="[\d.]+" width="[\d.]+" height="([\d.]+)" fill="#123456"', drawn)
    heights = [float(height) for _, height in sorted(found, key=lambda one: float(one[0]))]
    assert heights[0] == pytest.approx(heights[-1] / 2, rel=0.01)
    assert columns([("Jan", 0.0)], "x") == ""


@pytest.mark.parametrize("count", [0, 1, 2, 11])
def test_japanese_counts_in_one_form(count: int) -> None:
    said = translations("ja").ngettext("%(num)s result measured", "%(num)s results measured", count)
    assert said == "測定済み %(num)s 件"
