from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from api.web.spiral.timeline import MOST_TICKS, SHORTEST, WIDTH, Life, timeline
from engine.domain.analytics.timeline import Stretch, Who
from engine.domain.steps import Step

TOKYO = ZoneInfo("Asia/Tokyo")
BEGIN = datetime(2026, 4, 1, 0, 0, tzinfo=UTC)


def stretch(who: Who, first: float, last: float) -> Stretch:
    day = timedelta(days=1)
    return Stretch(who=who, step=Step.IMAGINE, since=BEGIN + first * day, until=BEGIN + last * day)


def life(*stretches: Stretch) -> Life:
    return Life(cycle_id="c", name="題", stretches=stretches)


def test_bars_are_as_long_as_the_time_they_stand_for() -> None:
    line = timeline([life(stretch("owner", 0, 1), stretch("approver", 1, 4))], TOKYO)
    owner, approver = line.rows[0].bars
    assert approver.width == pytest.approx(3 * owner.width)
    assert approver.x == pytest.approx(owner.x + owner.width)
    assert approver.x + approver.width == pytest.approx(WIDTH)


def test_all_rows_share_one_axis() -> None:
    line = timeline([life(stretch("owner", 0, 5)), life(stretch("owner", 5, 10))], TOKYO)
    assert [row.bars[0].x for row in line.rows] == [0, pytest.approx(WIDTH / 2)]


def test_days_are_summed_by_who_had_them() -> None:
    row = timeline([life(stretch("owner", 0, 1), stretch("approver", 1, 2), stretch("owner", 2, 4))], TOKYO).rows[0]
    assert (row.owner_days, row.approver_days, row.held_days) == (3, 1, 0)


def test_a_decision_within_minutes_can_still_be_seen() -> None:
    line = timeline([life(stretch("approver", 0, 0.0001), stretch("owner", 0.0001, 300))], TOKYO)
    assert line.rows[0].bars[0].width == SHORTEST


@pytest.mark.parametrize(("days", "step"), [(5, 1), (60, 7), (300, 28), (4000, 31)])
def test_the_axis_names_days_then_weeks_then_months_and_never_too_many(days: int, step: int) -> None:
    ticks = timeline([life(stretch("owner", 0, days))], TOKYO).ticks
    assert 1 < len(ticks) <= MOST_TICKS + 1
    gaps = {(later.day - earlier.day).days for earlier, later in pairwise(ticks)}
    assert min(gaps) >= step


def test_the_axis_begins_days_at_the_offices_midnight() -> None:
    ticks = timeline([life(stretch("owner", 0, 3))], TOKYO).ticks
    assert ticks[0].x == pytest.approx(WIDTH * 15 / 72)  # 0:00 UTC is 9:00 in the office, 15 hours before midnight


def test_nothing_has_happened_yet_is_an_empty_axis() -> None:
    assert timeline([], TOKYO).rows == ()
