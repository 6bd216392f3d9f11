"""The event log as OCEL 2.0 (JSON): events about initiatives, cycles, submissions, persons, posts and cases."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from engine.domain.cycle import events as e
from engine.domain.cycle.events import SYSTEM, Event
from engine.domain.cycle.state import CycleState
from engine.domain.steps import CycleStatus, Step
from engine.exchange.eventlog.eventlog import EventLogEntry, entries
from engine.exchange.eventlog.pseudonyms import Pseudonyms

Histories = Callable[[], Iterable[tuple[CycleState, Sequence[Event]]]]
STRING, INTEGER, FLOAT = "string", "integer", "float"
OBJECT_TYPES: dict[str, dict[str, str]] = {
    "initiative": {"pillar": STRING, "startup": STRING, "governance": STRING},
    "cycle": {
        "kind": STRING, "org_scope": STRING, "work_scope": STRING, "org_unit": STRING, "status": STRING,
        "turn": INTEGER, "hours_saved_per_year": FLOAT, "yen_per_year": FLOAT,
    },
    "submission": {"step": STRING, "round": INTEGER, "content_hash": STRING},
    "person": {},
    "post": {},
    "case": {"public_level": STRING},
}  # fmt: skip
EVENT_ATTRIBUTES = {"action": STRING, "step": STRING, "lifecycle": STRING, "role": STRING, "round": INTEGER}


def ocel(histories: Histories, pseudonyms: Pseudonyms | None = None) -> Iterator[bytes]:
    """The log in chunks; `histories` is asked twice, because objects stand before events.

    Objects: `initiative`, `cycle` (part of one, grown out of others), `submission` (one round of one step), `person`,
    `post`, `case` (a shared result). Qualifiers say how each takes part.
    """
    activities: set[str] = set()
    cycles: set[str] = set()
    for state, events in histories():
        cycles.add(state.cycle_id)
        activities |= {one.activity for one in _entries(state, events, pseudonyms)}
    types = [{"name": name, "attributes": _attributes(names)} for name, names in OBJECT_TYPES.items()]
    event_types = [{"name": name, "attributes": _attributes(EVENT_ATTRIBUTES)} for name in sorted(activities)]
    yield f'{{"objectTypes": {json.dumps(types)},\n"eventTypes": {json.dumps(event_types)},\n"objects": ['.encode()
    yield from _joined(_objects(histories(), cycles, pseudonyms))
    yield b'],\n"events": ['
    yield from _joined(one for state, events in histories() for one in _events(state, events, pseudonyms))
    yield b"]}\n"


def _entries(state: CycleState, events: Sequence[Event], pseudonyms: Pseudonyms | None) -> Iterator[EventLogEntry]:
    return entries(state.cycle_id, state.owner, events, pseudonyms)


def _objects(
    histories: Iterable[tuple[CycleState, Sequence[Event]]], cycles: set[str], pseudonyms: Pseudonyms | None
) -> Iterator[dict[str, Any]]:
    seen: set[str] = set()
    for state, events in histories:
        found = [_initiative(state), _cycle(state, cycles, pseudonyms), *_submissions(state, events), *_case(state)]
        for entry in _entries(state, events, pseudonyms):
            names = {"person": [entry.resource, entry.on_behalf_of or SYSTEM], "post": [entry.role]}
            found += [
                _object(f"{kind}:{one}", kind) for kind, ids in names.items() for one in ids if _names(kind, one)
            ]
        found.append(_object(f"person:{_person(state.owner, pseudonyms)}", "person"))
        for one in found:
            if one["id"] not in seen:
                seen.add(one["id"])
                yield one


def _names(kind: str, value: str) -> bool:
    return value != SYSTEM if kind == "person" else "@" in value


def _initiative(state: CycleState) -> dict[str, Any]:
    values = {
        "pillar": state.pillar.value if state.pillar else None, "startup": state.startup,
        "governance": state.governance.value,
    }  # fmt: skip
    return _object(f"initiative:{state.initiative_id}", "initiative", values, state.created_at)


def _cycle(state: CycleState, cycles: set[str], pseudonyms: Pseudonyms | None) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(state, name) for name in ("kind", "org_scope", "work_scope", "status")}
    values |= {"org_unit": state.org_unit, "turn": state.turn}
    values["hours_saved_per_year"] = state.effects.hours_saved_per_year
    values["yen_per_year"] = state.effects.yen_per_year
    to = [(f"initiative:{state.initiative_id}", "part of"),
          (f"person:{_person(state.owner, pseudonyms)}", "owned by"),
          *((f"cycle:{parent}", "grown out of") for parent in state.parents if parent in cycles)]  # fmt: skip
    return _object(f"cycle:{state.cycle_id}", "cycle", values, state.updated_at, to)


def _submissions(state: CycleState, events: Sequence[Event]) -> Iterator[dict[str, Any]]:
    for event in events:
        if isinstance(event.data, e.StepSubmitted):
            values = {
                "step": event.data.step, "round": event.data.round, "content_hash": event.data.content_hash,
            }  # fmt: skip
            to = [(f"cycle:{state.cycle_id}", "of")]
            yield _object(_submission(state, event.data.round), "submission", values, event.at, to)


def _case(state: CycleState) -> Iterator[dict[str, Any]]:
    if state.status is CycleStatus.COMPLETED and state.deliverables.share.case is not None:
        level = state.deliverables.share.public_level
        to = [(f"cycle:{state.cycle_id}", "result of")]
        yield _object(f"case:{state.cycle_id}", "case", {"public_level": level}, state.updated_at, to)


def _events(state: CycleState, events: Sequence[Event], pseudonyms: Pseudonyms | None) -> Iterator[dict[str, Any]]:
    rounds = {event.data.round for event in events if isinstance(event.data, e.StepSubmitted)}
    case = {one["id"] for one in _case(state)}
    for entry in _entries(state, events, pseudonyms):
        to = [(f"initiative:{state.initiative_id}", "of"), (f"cycle:{state.cycle_id}", "in")]
        if entry.round in rounds:
            to.append((_submission(state, entry.round or 0), "submits" if entry.action == "submit" else "about"))
        if entry.resource != SYSTEM:
            to.append((f"person:{entry.resource}", "proxy" if entry.on_behalf_of else "actor"))
        if entry.on_behalf_of:
            to.append((f"person:{entry.on_behalf_of}", "on behalf of"))
        if "@" in entry.role:
            to.append((f"post:{entry.role}", "decides as"))
        if entry.step is Step.SHARE or entry.action == "complete":
            to += [(one, "shares") for one in sorted(case)]
        values = {
            "action": entry.action, "step": entry.step, "lifecycle": entry.lifecycle, "role": entry.role,
            "round": entry.round,
        }  # fmt: skip
        yield {
            "id": entry.id,
            "type": entry.activity,
            "time": _time(entry.at),
            "attributes": [{"name": name, "value": value} for name, value in values.items() if value is not None],
            "relationships": _relationships(to),
        }


def _object(
    name: str,
    kind: str,
    values: dict[str, Any] | None = None,
    at: datetime | None = None,
    to: Sequence[tuple[str, str]] = (),
) -> dict[str, Any]:
    attributes = [
        {"name": key, "time": _time(at), "value": value}
        for key, value in (values or {}).items()
        if value is not None and at is not None
    ]
    return {"id": name, "type": kind, "attributes": attributes, "relationships": _relationships(to)}


def _relationships(to: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"objectId": name, "qualifier": qualifier} for name, qualifier in to]


def _attributes(names: dict[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "type": kind} for name, kind in names.items()]


def _submission(state: CycleState, number: int) -> str:
    return f"submission:{state.cycle_id}/{number}"


def _person(person: str, pseudonyms: Pseudonyms | None) -> str:
    return pseudonyms.of(person) if pseudonyms else person


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _joined(found: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    for index, one in enumerate(found):
        text = json.dumps(one, ensure_ascii=False)
        yield (f",\n{text}" if index else f"\n{text}").encode()
