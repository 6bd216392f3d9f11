"""Dates as an office writes them: 年度, 和暦 beside the western year, and how long ago."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from engine.language.eras import ERAS, era_day, first_year
from engine.language.refusals import Language

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


_LONG_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True)
class Days:
    """Writes dates for one reader; instants are shown in the office's zone."""

    language: Language
    zone: ZoneInfo
    by_era: bool = True
    """In Japanese: years by era (令和8年) or western ones (2026年)."""

    def local(self, at: datetime | date) -> datetime | date:
        """An instant as the office's clock shows it; a date stays one."""
        return at.astimezone(self.zone) if isinstance(at, datetime) else at

    def day(self, at: datetime | date) -> str:
        """`R8.11.24(2026)` or `24 Nov 2026`."""
        local = self.local(at)
        day = local.date() if isinstance(local, datetime) else local
        if self.language == "en":
            return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
        if not self.by_era:
            return f"{day.year}.{day.month}.{day.day}"
        era = next(((letter, begins.year) for begins, letter, _ in ERAS if day >= begins), None)
        return f"{era[0]}{day.year - era[1] + 1}.{day.month}.{day.day}({day.year})" if era else day.isoformat()

    def long(self, at: datetime | date) -> str:
        """Where there is room: `令和8年11月24日` or `24 November 2026`."""
        local = self.local(at)
        day = local.date() if isinstance(local, datetime) else local
        if self.language == "en":
            return f"{day.day} {_LONG_MONTHS[day.month - 1]} {day.year}"
        return era_day(day) if self.by_era else f"{day.year}年{day.month}月{day.day}日"

    def month(self, at: date) -> str:
        """A month among others: `11月` or `Nov`."""
        return _MONTHS[at.month - 1] if self.language == "en" else f"{at.month}月"

    def past(self, due: date, now: datetime) -> bool:
        """Whether a due day has gone by on the office's calendar."""
        return due < now.astimezone(self.zone).date()

    def moment(self, at: datetime) -> str:
        """The day and the time to the minute."""
        local = at.astimezone(self.zone)
        return f"{self.day(at)} {local:%H:%M}"

    def iso(self, at: datetime | date) -> str:
        """For `<time datetime>`."""
        local = self.local(at)
        return local.isoformat(timespec="minutes") if isinstance(local, datetime) else local.isoformat()

    def fiscal_year(self, at: datetime | date) -> str:
        """`令和8年度(2026)` or `FY2026`; a fiscal year begins on 1 April."""
        local = self.local(at)
        year = local.year if local.month >= 4 else local.year - 1
        if self.language == "en":
            return f"FY{year}"
        return f"{_era_year(year)}年度({year})" if self.by_era else f"{year}年度"

    def ago(self, at: datetime, now: datetime | None = None) -> str:
        """How long something has lasted: `3日前` or `3 days ago`."""
        past = (now or datetime.now(UTC)) - at
        number, ja, en = _largest(past)
        if number == 0:
            return "たった今" if self.language == "ja" else "just now"
        return f"{number}{ja}前" if self.language == "ja" else f"{number} {en}{'s' if number > 1 else ''} ago"

    def lasted(self, at: datetime, now: datetime | None = None) -> bool:
        """Whether it is longer ago than *just now*."""
        return _largest((now or datetime.now(UTC)) - at)[0] > 0

    def span(self, seconds: float) -> str:
        """How long something takes, roughly, as people say it: `1時間以内`, `約5時間`, `約3日`."""
        hours, days = round(seconds / 3600), round(seconds / 86400)
        if hours < 1:
            return "1時間以内" if self.language == "ja" else "less than an hour"
        if hours < 24:
            return f"約{hours}時間" if self.language == "ja" else f"about {hours} hour{'s' if hours > 1 else ''}"
        return f"約{days}日" if self.language == "ja" else f"about {days} day{'s' if days > 1 else ''}"

    def stamp(self, at: datetime | date) -> str:
        """The day as a date stamp has it: `8.11.25` in the era's years, or `25 Nov`."""
        local = self.local(at)
        if self.language == "en":
            return f"{local.day} {_MONTHS[local.month - 1]}"
        return self.day(at).partition("(")[0].lstrip("RHS").removeprefix("20")

    def left(self, at: datetime, now: datetime | None = None) -> str:
        """How long is left, or by how much it is late: `あと3日`, `2日超過`."""
        rest = at - (now or datetime.now(UTC))
        late = rest < timedelta(0)
        number, ja, en = _largest(-rest if late else rest)
        if self.language == "ja":
            return f"{number}{ja}超過" if late else f"あと{number}{ja}"
        plural = "s" if number != 1 else ""
        return f"{number} {en}{plural} late" if late else f"{number} {en}{plural} left"


def _era_year(year: int) -> str:
    april = date(year, 4, 1)
    begins, name = next(((begins, name) for begins, _, name in ERAS if april >= begins), (None, ""))
    if year == 2019:
        begins, name = ERAS[0][0], ERAS[0][2]
    if begins is None:
        return str(year)
    return f"{name}{first_year(year - begins.year + 1)}"


def _largest(span: timedelta) -> tuple[int, str, str]:
    minutes = int(span.total_seconds() // 60)
    if minutes >= 24 * 60:
        return minutes // (24 * 60), "日", "day"
    if minutes >= 60:
        return minutes // 60, "時間", "hour"
    return minutes, "分", "minute"
