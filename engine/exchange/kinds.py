"""What can be exported, and as which format. Loads nothing, so that the command line knows the words at once."""

from enum import StrEnum
from typing import assert_never


class Format(StrEnum):
    """What a table can be written as; the last two are for the events only."""

    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"
    XES = "xes"
    OCEL = "ocel"

    @property
    def media_type(self) -> str:
        """As HTTP says it."""
        match self:
            case Format.CSV:
                return "text/csv; charset=utf-8"
            case Format.XLSX:
                return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
            case Format.JSON | Format.OCEL:
                return "application/json"
            case Format.XES:
                return "application/xml"
            case _:
                assert_never(self)


class What(StrEnum):
    """What can be exported."""

    INITIATIVES = "initiatives"
    CASES = "cases"
    EFFECTS = "effects"
    EVENTS = "events"

    def can_be(self, file_format: Format) -> bool:
        """Whether it can be written so: event logs hold events."""
        return self is What.EVENTS or file_format not in (Format.XES, Format.OCEL)
