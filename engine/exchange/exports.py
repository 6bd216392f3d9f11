"""One door to every export: what, as which format, filtered how. Must not know HTTP or the command line."""

from collections.abc import Iterator
from typing import assert_never

from engine.exchange.errors import FileError
from engine.exchange.eventlog.ocel import ocel
from engine.exchange.eventlog.pseudonyms import Pseudonyms
from engine.exchange.eventlog.xes import xes
from engine.exchange.export_rows import Gathering
from engine.exchange.kinds import Format, What
from engine.exchange.records import (
    CaseRecord,
    EffectRecord,
    EventRecord,
    ExchangeRecord,
    InitiativeRecord,
    write_records,
)
from engine.language.catalogues import both


def model_of(what: What) -> type[ExchangeRecord]:
    """The records of what is exported."""
    match what:
        case What.INITIATIVES:
            return InitiativeRecord
        case What.CASES:
            return CaseRecord
        case What.EFFECTS:
            return EffectRecord
        case What.EVENTS:
            return EventRecord
        case _:
            assert_never(what)


def file_name(what: What, file_format: Format) -> str:
    """What to call the file; OCEL is JSON."""
    return f"{what.value}.jsonocel" if file_format is Format.OCEL else f"{what.value}.{file_format.value}"


def export(
    what: What,
    file_format: Format,
    gathering: Gathering,
    *,
    bom: bool = False,
    pseudonyms: Pseudonyms | None = None,
) -> Iterator[bytes]:
    """The file, in chunks.

    Raises:
        FileError: the format does not hold this, or only events can be under other names.
    """
    if not what.can_be(file_format):
        raise FileError(what.value, *both("{value} holds events only", value=file_format.value))
    if pseudonyms is not None and what is not What.EVENTS:
        raise FileError(what.value, *both("only events can be under pseudonyms"))
    if file_format is Format.XES:
        return xes(gathering.histories(), pseudonyms)
    if file_format is Format.OCEL:
        return ocel(gathering.histories, pseudonyms)
    return write_records(what.value, model_of(what), records(what, gathering, pseudonyms), file_format, bom=bom)


def records(what: What, gathering: Gathering, pseudonyms: Pseudonyms | None = None) -> Iterator[ExchangeRecord]:
    """The records of one kind."""
    match what:
        case What.INITIATIVES:
            return gathering.initiatives()
        case What.CASES:
            return gathering.cases()
        case What.EFFECTS:
            return gathering.effects()
        case What.EVENTS:
            return gathering.events(pseudonyms)
        case _:
            assert_never(what)
