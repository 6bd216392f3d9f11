"""The event log as XES (IEEE 1849-2016): a case is a cycle; events are named by step and action."""

import re
from collections.abc import Iterable, Iterator, Sequence
from xml.sax.saxutils import quoteattr

from engine.domain.cycle.events import Event
from engine.domain.cycle.state import CycleState
from engine.exchange.eventlog.eventlog import EventLogEntry, entries
from engine.exchange.eventlog.pseudonyms import Pseudonyms

_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
EXTENSIONS = (
    ("Concept", "concept", "http://www.xes-standard.org/concept.xesext"),
    ("Time", "time", "http://www.xes-standard.org/time.xesext"),
    ("Lifecycle", "lifecycle", "http://www.xes-standard.org/lifecycle.xesext"),
    ("Organizational", "org", "http://www.xes-standard.org/org.xesext"),
)
_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849.2016" xes.features="" xmlns="http://www.xes-standard.org/">
"""
_GLOBALS = """  <global scope="trace">
    <string key="concept:name" value=""/>
  </global>
  <global scope="event">
    <string key="concept:name" value=""/>
    <date key="time:timestamp" value="1970-01-01T00:00:00+00:00"/>
    <string key="lifecycle:transition" value="complete"/>
    <string key="org:resource" value=""/>
    <string key="org:role" value=""/>
  </global>
  <classifier name="Activity" scope="event" keys="concept:name"/>
  <classifier name="Activity and lifecycle" scope="event" keys="concept:name lifecycle:transition"/>
  <string key="concept:name" value="DX Spiral"/>
  <string key="lifecycle:model" value="standard"/>
"""


def xes(
    histories: Iterable[tuple[CycleState, Sequence[Event]]], pseudonyms: Pseudonyms | None = None
) -> Iterator[bytes]:
    """The log, one chunk a trace.

    Args:
        histories: cycles with all their events.
        pseudonyms: other names for persons; titles, which people wrote, are then left out.
    """
    extensions = "".join(
        f'  <extension name="{name}" prefix="{prefix}" uri="{uri}"/>\n' for name, prefix, uri in EXTENSIONS
    )
    yield (_HEAD + extensions + _GLOBALS).encode()
    for state, events in histories:
        yield _trace(state, list(entries(state.cycle_id, state.owner, events, pseudonyms)), pseudonyms)
    yield b"</log>\n"


def _trace(state: CycleState, found: Sequence[EventLogEntry], pseudonyms: Pseudonyms | None) -> bytes:
    named = [
        ("concept:name", state.cycle_id), ("title", None if pseudonyms else state.title),
        ("initiative", state.initiative_id), ("kind", state.kind.value), ("org_scope", state.org_scope.value),
        ("work_scope", state.work_scope.value), ("org_unit", state.org_unit),
        ("pillar", state.pillar.value if state.pillar else None), ("startup", state.startup),
        ("governance", state.governance.value), ("status", state.status.value),
    ]  # fmt: skip
    lines = ["  <trace>", *(_string(key, value, 4) for key, value in named if value)]
    lines.append(f'    <int key="turn" value="{state.turn}"/>')
    if state.effects.hours_saved_per_year is not None:
        lines.append(f'    <float key="hours_saved_per_year" value="{state.effects.hours_saved_per_year!r}"/>')
    lines += [line for entry in found for line in _event(entry)]
    return "\n".join([*lines, "  </trace>\n"]).encode()


def _event(entry: EventLogEntry) -> Iterator[str]:
    yield "    <event>"
    yield _string("concept:name", entry.activity, 6)
    yield f'      <date key="time:timestamp" value="{entry.at.isoformat(timespec="milliseconds")}"/>'
    yield _string("lifecycle:transition", entry.lifecycle, 6)
    yield _string("org:resource", entry.resource, 6)
    yield _string("org:role", entry.role, 6)
    yield _string("concept:instance", entry.id, 6)
    yield _string("action", entry.action, 6)
    if entry.step is not None:
        yield _string("step", entry.step.value, 6)
    if entry.round is not None:
        yield f'      <int key="round" value="{entry.round}"/>'
    if entry.on_behalf_of:
        yield _string("on_behalf_of", entry.on_behalf_of, 6)
    yield "    </event>"


def _string(key: str, value: str, indent: int) -> str:
    return f"{' ' * indent}<string key={quoteattr(key)} value={quoteattr(_legal(value))}/>"


def _legal(text: str) -> str:
    """Without what no XML may hold, not even escaped (XML 1.0, 2.2): one old title with it spoils the whole file."""
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)
