"""Due dates as a calendar (RFC 5545): what a person's calendar program shows. Must not know HTTP."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta

from pydantic import BaseModel, ConfigDict

from engine.contracts.lists import Waiting
from engine.domain.cycle.state import CycleState
from engine.domain.days import fault
from engine.language.catalogues import Language

PRODUCT = "-//DX Spiral//DX Spiral//JA"


class Due(BaseModel):
    """One date. `uid` stays the same while the date moves; `sequence` grows with every change of the cycle."""

    model_config = ConfigDict(frozen=True)

    uid: str
    summary: str
    on: date | datetime
    sequence: int
    changed: datetime
    cycle_id: str


def decisions(waiting: Iterable[Waiting], language: Language) -> Iterator[Due]:
    """What waits for the person's decision."""
    for one in waiting:
        said = f"決裁: {one.title}" if language == "ja" else f"Decide: {one.title}"
        yield _due(one, f"{one.cycle_id}-decision-{one.round}", said, one.due_at)


def own(states: Iterable[CycleState], person: str, language: Language) -> Iterator[Due]:
    """Conditions, milestones, and the end of holds and sleep, of open cycles."""
    ja = language == "ja"
    for state in states:
        for condition in state.open_conditions():
            if condition.owner == person:
                said = f"条件: {condition.text}" if ja else f"Condition: {condition.text}"
                yield _due(state, f"{state.cycle_id}-condition-{condition.n}", said, condition.due)
        if state.owner != person or not state.status.is_open:
            continue
        for number, milestone in enumerate(state.deliverables.imagine.milestones):
            if milestone.due is not None:
                yield _due(state, f"{state.cycle_id}-milestone-{number}", f"{milestone.name or ''} ({state.title})",
                           milestone.due)  # fmt: skip
        if state.hold is not None:
            said = f"見直し: {state.title}" if ja else f"Review: {state.title}"
            yield _due(state, f"{state.cycle_id}-hold", said, state.hold.until)


def calendar(dues: Iterable[Due], language: Language) -> bytes:
    """The feed; a day is an all-day entry, an instant is in UTC.

    Days too far away are left out: `9999-12-31` in an old record means that there is none, and has no day after it.
    """
    from icalendar import Calendar  # noqa: PLC0415 - a start need not wait for the library of calendars
    from icalendar import Event as Entry  # noqa: PLC0415 - as above

    made = Calendar()
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", "DXスパイラル" if language == "ja" else "DX Spiral")
    for due in (one for one in dues if fault(one.on) is None):
        entry = Entry()
        entry.add("uid", f"{due.uid}@dx-spiral")
        entry.add("sequence", due.sequence)
        entry.add("dtstamp", due.changed.astimezone(UTC))
        entry.add("summary", due.summary)
        entry.add("description", due.cycle_id)
        entry.add("transp", "TRANSPARENT")
        if isinstance(due.on, datetime):
            entry.add("dtstart", due.on.astimezone(UTC))
        else:
            entry.add("dtstart", due.on)
            entry.add("dtend", due.on + timedelta(days=1))
        made.add_component(entry)
    return bytes(made.to_ical())


def _due(state: CycleState | Waiting, uid: str, summary: str, on: date | datetime) -> Due:
    return Due(
        uid=uid, summary=summary, on=on, sequence=state.revision, changed=state.updated_at, cycle_id=state.cycle_id
    )
