"""Years as offices write them (和暦): 令和8年 for 2026. Must not know what is dated."""

from datetime import date

ERAS = ((date(2019, 5, 1), "R", "令和"), (date(1989, 1, 8), "H", "平成"), (date(1926, 12, 25), "S", "昭和"))
"""First day, letter and name, the newest first."""


def era_day(day: date) -> str:
    """`令和8年11月24日`, the first year as 元年; before the eras that are known, the western year."""
    era = next(((name, begins.year) for begins, _, name in ERAS if day >= begins), None)
    year = f"{era[0]}{first_year(day.year - era[1] + 1)}" if era else str(day.year)
    return f"{year}年{day.month}月{day.day}日"


def first_year(year: int) -> str:
    """A year of an era; its first is 元."""
    return "元" if year == 1 else str(year)
