from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from api.web.format.dates import Days

JA, EN = Days("ja", ZoneInfo("Asia/Tokyo")), Days("en", ZoneInfo("Asia/Tokyo"))


@pytest.mark.parametrize(
    ("day", "ja", "en"),
    [
        (date(2026, 11, 25), "令和8年11月25日", "25 November 2026"),
        (date(2019, 5, 1), "令和元年5月1日", "1 May 2019"),
        (date(2019, 4, 30), "平成31年4月30日", "30 April 2019"),
        (date(1900, 1, 2), "1900年1月2日", "2 January 1900"),
    ],
)
def test_a_day_is_written_out_where_there_is_room(day: date, ja: str, en: str) -> None:
    assert (JA.long(day), EN.long(day)) == (ja, en)


def test_an_instant_is_the_office_s_day() -> None:
    assert JA.long(datetime(2026, 11, 24, 15, tzinfo=UTC)) == "令和8年11月25日"
