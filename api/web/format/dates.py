"""Dates as an office writes them: 年度, 和暦 beside the western year, and how long ago."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date

from api.web.format.gettext import N_, ngettext, said
from engine.language.catalogues import Language
from engine.language.eras import ERAS, era_day, first_year


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
            return format_date(day, "d MMM y", locale="en")
        if not self.by_era:
            return f"{day.year}.{day.month}.{day.day}"
        era = next(((letter, begins.year) for begins, letter, _ in ERAS if day >= begins), None)
        return f"{era[0]}{day.year - era[1] + 1}.{day.month}.{day.day}({day.year})" if era else day.isoformat()

    def long(self, at: datetime | date) -> str:
        """Where there is room: `令和8年11月24日` or `24 November 2026`."""
        local = self.local(at)
        day = local.date() if isinstance(local, datetime) else local
        if self.language == "en":
            return format_date(day, "d MMMM y", locale="en")
        return era_day(day) if self.by_era else format_date(day, "long", locale="ja")

    def month(self, at: date) -> str:
        """A month among others: `11月` or `Nov`."""
        return format_date(at, "LLL", locale=self.language)

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
        days, hours, minutes = _parts((now or datetime.now(UTC)) - at)
        if days:
            return ngettext("%(number)s day ago", "%(number)s days ago", days, self.language)
        if hours:
            return ngettext("%(number)s hour ago", "%(number)s hours ago", hours, self.language)
        if minutes:
            return ngettext("%(number)s minute ago", "%(number)s minutes ago", minutes, self.language)
        return said(N_("just now"), self.language)

    def lasted(self, at: datetime, now: datetime | None = None) -> bool:
        """Whether it is longer ago than *just now*."""
        return any(_parts((now or datetime.now(UTC)) - at))

    def span(self, seconds: float) -> str:
        """How long something takes, roughly, as people say it: `1時間以内`, `約5時間`, `約3日`."""
        hours, days = round(seconds / 3600), round(seconds / 86400)
        if hours < 1:
            return said(N_("less than an hour"), self.language)
        if hours < 24:
            return ngettext("about %(number)s hour", "about %(number)s hours", hours, self.language)
        return ngettext("about %(number)s day", "about %(number)s days", days, self.language)

    def stamp(self, at: datetime | date) -> str:
        """The day as a date stamp has it: `8.11.25` in the era's years, or `25 Nov`."""
        local = self.local(at)
        if self.language == "en":
            return format_date(local, "d MMM", locale="en")
        return self.day(at).partition("(")[0].lstrip("RHS").removeprefix("20")

    def left(self, at: datetime, now: datetime | None = None) -> str:
        """How long is left, or by how much it is late: `あと3日`, `2日超過`."""
        rest = at - (now or datetime.now(UTC))
        late = rest < timedelta(0)
        days, hours, minutes = _parts(-rest if late else rest)
        if days and late:
            return ngettext("%(number)s day late", "%(number)s days late", days, self.language)
        if days:
            return ngettext("%(number)s day left", "%(number)s days left", days, self.language)
        if hours and late:
            return ngettext("%(number)s hour late", "%(number)s hours late", hours, self.language)
        if hours:
            return ngettext("%(number)s hour left", "%(number)s hours left", hours, self.language)
        if late:
            return ngettext("%(number)s minute late", "%(number)s minutes late", minutes, self.language)
        return ngettext("%(number)s minute left", "%(number)s minutes left", minutes, self.language)


def _era_year(year: int) -> str:
    april = date(year, 4, 1)
    begins, name = next(((begins, name) for begins, _, name in ERAS if april >= begins), (None, ""))
    if year == 2019:
        begins, name = ERAS[0][0], ERAS[0][2]
    if begins is None:
        return str(year)
    return f"{name}{first_year(year - begins.year + 1)}"


def _parts(span: timedelta) -> tuple[int, int, int]:
    """Whole days, whole hours and whole minutes of a span, each of the whole of it."""
    minutes = int(span.total_seconds() // 60)
    return minutes // (24 * 60), minutes // 60, minutes
