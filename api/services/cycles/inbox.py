"""What waits for somebody: decisions, what they could pull up (引上げ), and what is to be read or answered."""

from collections.abc import Sequence
from datetime import UTC

from api.auth import Caller
from api.container import Desk
from api.http.paging import Page, encoded, stand_of
from api.schemas.cycle import InboxItem, inbox_item, reading_item
from api.services.cycles.reading import to_read
from engine.contracts.lists import CycleKey, Waiting


def count(caller: Caller, desk: Desk) -> int:
    """How many decisions wait for the caller."""
    return desk.work.count(caller.id, caller.facts)


def waiting(person: str, caller: Caller, desk: Desk) -> list[Waiting]:
    """The decisions that wait for a person; `me` is the caller."""
    return desk.work.inbox(caller.id if person == "me" else person, caller.facts)


def below_count(caller: Caller, desk: Desk) -> int:
    """How many decisions the caller could pull up."""
    return desk.work.below_count(caller.id, caller.facts, caller.clearance)


def below(caller: Caller, desk: Desk, limit: int | None = None, after: CycleKey | None = None) -> Sequence[Waiting]:
    """The decisions that the caller could pull up, the most urgent first."""
    return desk.work.below(caller.id, caller.facts, caller.clearance, limit, after)


def whole(caller: Caller, desk: Desk, *, pull_up: bool, limit: int, cursor: str | None) -> Page[InboxItem]:
    """Decisions, the most urgent first; with `pull_up` those that could be pulled up; then what is to be read."""
    lists = [
        [inbox_item(one) for one in waiting("me", caller, desk)],
        [inbox_item(one) for one in below(caller, desk)] if pull_up else [],
        [reading_item(one) for one in to_read(caller, desk)],
    ]
    keyed = [(_place(number, one), one) for number, items in enumerate(lists) for one in items]
    after = stand_of(cursor)
    found = [(key, one) for key, one in sorted(keyed, key=lambda pair: pair[0]) if after is None or key > after]
    following = encoded(found[limit - 1][0]) if len(found) > limit else None
    return Page[InboxItem](items=[one for _, one in found[:limit]], next_cursor=following)


def _place(number: int, item: InboxItem) -> tuple[int, str, str]:
    """Where an item stands: decisions before what could be pulled up, before what is to be read."""
    at = (item.due_at or item.since).astimezone(UTC).isoformat(timespec="microseconds")
    return number, at, f"{item.cycle_id} {item.why} {item.n or 0:09}"
