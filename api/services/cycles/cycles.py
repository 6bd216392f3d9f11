"""A cycle as one person sees it today; what they may not read is not there."""

from collections.abc import Callable, Iterable, Sequence

from api.auth import Caller
from api.container import Desk
from api.schemas.cycle import CycleView, cycle_view
from api.services.operations.accesses import note_reading
from engine.contracts.lists import InitiativeCycles, Lineage
from engine.domain.access.entry import kept_out
from engine.domain.access.reading import EVERYTHING, as_seen, clearance_of, may_read
from engine.domain.cycle.state import CycleState
from engine.domain.errors import not_found
from engine.domain.ledger.credentials import service_of
from engine.domain.moves.allowed import Move
from engine.domain.organisation.organisation import Person
from engine.domain.review.mentions import mentioned


def there(cycle: str, caller: Caller, desk: Desk) -> Lineage:
    """The cycle with what grew out of it.

    Raises:
        DomainError: `unknown_cycle`.
    """
    found = desk.reader.cycle(cycle, caller.clearance)
    if found is None:
        raise not_found("unknown_cycle", cycle=cycle)
    note_reading(found.state, caller, desk)
    return found


def state_there(cycle: str, caller: Caller, desk: Desk) -> CycleState:
    """The cycle alone.

    Raises:
        DomainError: `unknown_cycle`.
    """
    found = desk.reader.state(cycle, caller.clearance)
    if found is None:
        raise not_found("unknown_cycle", cycle=cycle)
    note_reading(found, caller, desk)
    return found


def state_if_there(cycle: str, caller: Caller, desk: Desk) -> CycleState | None:
    """Like `state_there`, of a cycle that a page only mentions: None when it is not there for the caller."""
    return desk.reader.state(cycle, caller.clearance)


def not_told(text: str, cycle: str, caller: Caller, desk: Desk) -> tuple[Person, ...]:
    """Whom a comment names with `@` and who is not told of it, because they may not read the cycle."""
    state, facts = desk.directory.state(cycle), caller.facts
    named = (facts.organisation.person(one) for one in mentioned(text, facts.organisation))
    return tuple(
        one
        for one in named
        if one is not None and state is not None and not may_read(clearance_of(one.person_id, facts), state)
    )


def changed(cycle: str, caller: Caller, desk: Desk) -> Lineage | None:
    """The cycle after one's own command, which may be one that keeps it from whoever gave it."""
    found = desk.reader.cycle(cycle, caller.clearance)
    if found is None and (whole := desk.reader.cycle(cycle, EVERYTHING)) is not None:
        return whole.model_copy(update={"state": as_seen(caller.clearance, whole.state)})
    return found


def spiral_there(initiative: str, caller: Caller, desk: Desk) -> InitiativeCycles:
    """The cycles of an initiative that the caller may read, at least one.

    Raises:
        DomainError: `unknown_initiative`.
    """
    found = desk.reader.initiatives([initiative], caller.clearance)[initiative]
    if not found.lineages:
        raise not_found("unknown_initiative", initiative=initiative)
    note_readings(found.lineages, caller, desk)
    return found


def note_readings(lineages: Iterable[Lineage], caller: Caller, desk: Desk) -> None:
    """Writes down which of these, all of which the caller is shown whole, few may read."""
    for one in lineages:
        note_reading(one.state, caller, desk)


def readable_by(caller: Caller, desk: Desk) -> Callable[[frozenset[str]], frozenset[str] | None]:
    """Asked again and again while something is open: which of some cycles the caller may read by then."""

    def readable(cycles: frozenset[str]) -> frozenset[str] | None:
        facts = desk.directory.facts()
        if service_of(caller.id) is None and kept_out(facts.organisation, caller.id, facts.today) is not None:
            return None
        return desk.reader.readable(cycles, clearance_of(caller.id, facts))

    return readable


def moves_in(lineages: Iterable[Lineage], caller: Caller, desk: Desk) -> dict[str, tuple[Move, ...]]:
    """What this person may do now with each of these cycles, by their ids."""
    return desk.directory.allowed_in([one.state for one in lineages], caller.id, caller.facts)


def seen_by(caller: Caller, lineage: Lineage, desk: Desk) -> CycleView:
    """The cycle with what this person may do with it."""
    return all_seen_by(caller, [lineage], desk)[0]


def all_seen_by(caller: Caller, lineages: Sequence[Lineage], desk: Desk) -> list[CycleView]:
    """The cycles, each with what this person may do with it."""
    moves = moves_in(lineages, caller, desk)
    return [cycle_view(one, caller.facts, moves[one.state.cycle_id]) for one in lineages]
