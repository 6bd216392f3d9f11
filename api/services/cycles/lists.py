"""Lists of cycles and initiatives, each with only what the person who asks may read, and what they may do with it."""

from typing import Literal, assert_never

from api.auth import Caller
from api.container import Desk
from api.http.paging import Page, encoded, key_of, next_key, next_of, number_of
from api.schemas.cycle import CycleView, EventView, InitiativeView, initiative_view
from api.services.cycles import inbox
from api.services.cycles.cycles import all_seen_by, moves_in, note_readings, spiral_there, state_there
from engine.contracts.lists import CycleFilter, CycleKey, Lineage
from engine.domain.access.reading import reads_drafts, without_draft
from engine.domain.steps import CycleStatus
from engine.domain.upcasters import told

Part = Literal["mine", "others", "ended"]
"""One's own cycles by whose turn it is: one's own, somebody else's, nobody's any more."""


def cycles(  # noqa: PLR0913 - a page of a list
    wanted: CycleFilter,
    caller: Caller,
    desk: Desk,
    *,
    waiting_for: str | None,
    overdue: bool,
    limit: int,
    cursor: str | None,
) -> Page[CycleView]:
    """Cycles, the newest first; `me` as owner, or as whom they wait for, is the caller."""
    more: dict[str, object] = {"owner": caller.id if wanted.owner == "me" else wanted.owner}
    if waiting_for is not None:
        more["ids"] = frozenset(one.cycle_id for one in inbox.waiting(waiting_for, caller, desk))
    if overdue:
        more["overdue_at"] = desk.directory.now()
    found = desk.reader.cycles(wanted.model_copy(update=more), limit + 1, caller.clearance, key_of(cursor))
    note_readings(found[:limit], caller, desk)
    items = all_seen_by(caller, found[:limit], desk)
    return Page[CycleView].model_construct(items=items, next_cursor=next_of(found, limit))


def is_begun(caller: Caller, desk: Desk) -> bool:
    """Whether there is any cycle that the caller may read."""
    return bool(desk.reader.cycles(CycleFilter(), 1, caller.clearance))


def own_counts(caller: Caller, desk: Desk) -> dict[Part, int]:
    """How many cycles of one's own each part holds."""
    counts: dict[Part, int] = {"mine": 0, "others": 0, "ended": 0}
    for (waits_for, status), count in desk.reader.desk(caller.id).items():
        is_open = CycleStatus(status).is_open
        counts["mine" if waits_for == "owner" else "others" if is_open else "ended"] += count
    return counts


def own(part: Part, caller: Caller, desk: Desk, *, limit: int, after: CycleKey | None = None) -> list[Lineage]:
    """Cycles of one's own, the newest first."""
    match part:
        case "mine":
            wanted = CycleFilter(owner=caller.id, waits_for=("owner",))
        case "others":
            wanted = CycleFilter(owner=caller.id, waits_for=("approver", "none"), is_open=True)
        case "ended":
            wanted = CycleFilter(owner=caller.id, is_open=False)
        case _:
            assert_never(part)
    return desk.reader.cycles(wanted, limit, caller.clearance, after)


def initiatives(
    wanted: CycleFilter, caller: Caller, desk: Desk, *, limit: int, cursor: str | None
) -> Page[InitiativeView]:
    """Initiatives, the newest first; what is wanted is asked of the first cycle of each that the caller may read."""
    begun = desk.reader.begun(wanted, limit + 1, caller.clearance, key_of(cursor))
    spirals = desk.reader.initiatives((name for name, _ in begun[:limit]), caller.clearance)
    account = desk.account.bookings_of(spirals, caller.facts.policy.utc_offset_minutes)
    for spiral in spirals.values():
        note_readings(spiral.lineages, caller, desk)
    moves = moves_in((one for spiral in spirals.values() for one in spiral.lineages), caller, desk)
    items = [initiative_view(name, spiral, caller.facts, moves, account) for name, spiral in spirals.items()]
    return Page[InitiativeView].model_construct(items=items, next_cursor=next_key([key for _, key in begun], limit))


def initiative(name: str, caller: Caller, desk: Desk) -> InitiativeView:
    """One initiative as a whole, with what it has brought.

    Raises:
        DomainError: `unknown_initiative`.
    """
    spiral = spiral_there(name, caller, desk)
    account = desk.account.bookings_of([name], caller.facts.policy.utc_offset_minutes)
    return initiative_view(name, spiral, caller.facts, moves_in(spiral.lineages, caller, desk), account)


def events(cycle: str, caller: Caller, desk: Desk, *, limit: int, cursor: str | None) -> Page[EventView]:
    """The journal of one cycle; what was being written only for who may read that.

    Raises:
        DomainError: `unknown_cycle`.
    """
    drafts = reads_drafts(caller.clearance, state_there(cycle, caller, desk))
    rows = desk.reader.events(cycle, number_of(cursor), limit + 1)
    items = [
        EventView(
            seq=row.seq, at=row.at, actor=row.actor, on_behalf_of=row.on_behalf_of, type=row.type,
            by_token_of=content.get("by_token_of"), hash=row.hash,
            data=content["data"] if drafts else without_draft(content["data"]),
        )
        for row, content in ((row, told(row.content)) for row in rows[:limit])
    ]  # fmt: skip
    following = encoded((items[-1].seq,)) if len(rows) > limit else None
    return Page[EventView].model_construct(items=items, next_cursor=following)
