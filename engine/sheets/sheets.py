"""The decision sheet (決裁書) and the case sheet (事例シート) as a neutral model that PDF and pages render.

Must not know how a sheet is drawn; every word comes from `labels` and `words`.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta, timezone
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from engine.exchange.cells import shown
from engine.language.catalogues import Language
from engine.language.enums import word
from engine.language.eras import era_day
from engine.language.fields import label

NOT_GIVEN = {"ja": "―", "en": "—"}


class Line(BaseModel):
    """A label and what stands there; `depth` 1 belongs to the line above."""

    model_config = ConfigDict(frozen=True)

    label: str
    text: str
    depth: int = 0


class Grid(BaseModel):
    """Rows under a heading."""

    model_config = ConfigDict(frozen=True)

    heading: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Section(BaseModel):
    """A part of a sheet: lines, then a grid if there is one."""

    model_config = ConfigDict(frozen=True)

    title: str
    lines: tuple[Line, ...] = ()
    grid: Grid | None = None


class Sheet(BaseModel):
    """A sheet to print.

    Args:
        title: what kind of sheet, such as 決裁書.
        subject: 件名.
        language: of labels and words.
        number: what it is filed under, shown on every page.
        sections: from top to bottom.
    """

    model_config = ConfigDict(frozen=True)

    title: str
    subject: str
    language: Language
    number: str
    sections: tuple[Section, ...]


class Speech:
    """How values are said in one language, at the office's clock."""

    def __init__(self, language: Language, offset: int) -> None:
        self.language = language
        self._zone = timezone(timedelta(minutes=offset))

    def choose(self, ja: str, en: str) -> str:
        """The text in the sheet's language."""
        return ja if self.language == "ja" else en

    def line(self, field: str, value: object, depth: int = 0) -> Line:
        """A labelled value."""
        return Line(label=label(field, self.language), text=self.value(value), depth=depth)

    def value(self, value: object) -> str:
        """A value in words; nothing given shows as such."""
        match value:
            case None | "" | ():
                return NOT_GIVEN[self.language]
            case StrEnum():
                return word(value, self.language)
            case bool() | int() | float():
                return self._number(value)
            case datetime():
                return self.moment(value)
            case date():
                return self.day(value)
            case _:
                return self._text(value)

    def _number(self, value: float) -> str:
        if isinstance(value, bool):
            return self.choose("はい" if value else "いいえ", "yes" if value else "no")
        return f"{value:,.10g}"

    def _text(self, value: object) -> str:
        if isinstance(value, tuple):
            return self.choose("、", ", ").join(self.value(one) for one in value)
        return shown(value) if isinstance(value, str) else str(value)

    def moment(self, at: datetime) -> str:
        """A time at the office."""
        local = at.astimezone(self._zone)
        return f"{self.day(local.date())} {local:%H:%M}"

    def day(self, day: date) -> str:
        """A day."""
        return era_day(day) if self.language == "ja" else day.isoformat()


def lines_of(model: BaseModel, path: str, speech: Speech, depth: int = 0) -> Iterator[Line]:
    """Everything in a model that is given, in field order; parts of lists are numbered."""
    for name, field in type(model).model_fields.items():
        value, here = getattr(model, name), f"{path}.{field.alias or name}"
        if value is None or value in ("", ()):
            continue
        if isinstance(value, BaseModel):
            yield Line(label=label(here, speech.language), text="", depth=depth)
            yield from lines_of(value, here, speech, depth + 1)
        elif isinstance(value, tuple) and isinstance(value[0], BaseModel):
            yield from _numbered(value, here, speech, depth)
        elif isinstance(value, tuple) and not isinstance(value[0], StrEnum):
            for number, one in enumerate(value, start=1):
                yield Line(label=f"{label(here, speech.language)} {number}", text=speech.value(one), depth=depth)
        else:
            yield speech.line(here, value, depth)


def _numbered(parts: Iterable[BaseModel], here: str, speech: Speech, depth: int) -> Iterator[Line]:
    for number, part in enumerate(parts, start=1):
        yield Line(label=f"{label(here, speech.language)} {number}", text="", depth=depth)
        yield from lines_of(part, here, speech, depth + 1)
