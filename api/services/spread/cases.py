"""The case library: what was shared, found again by words and filters."""

from api.auth import Caller
from api.container import Desk
from api.http.paging import Page, encoded, key_of, rank_of
from api.schemas.case import CaseLine, CaseView, case_line, case_view
from api.services.cycles.cycles import state_there
from api.services.operations.accesses import note_reading
from engine.contracts.lists import CaseFilter
from engine.domain.cycle.state import CycleState
from engine.domain.errors import not_found
from engine.domain.spread.similar_cases import Likeness
from engine.store.projections.search_index import phrases


def found(  # noqa: PLR0913 - a page of a list
    caller: Caller, desk: Desk, *, q: str, wanted: CaseFilter, limit: int, cursor: str | None
) -> Page[CaseLine]:
    """One page of cases, the best match or the newest first."""
    if q.strip():
        cases = desk.library.matching(q, wanted, limit + 1, caller.clearance, rank_of(cursor))
    else:
        cases = desk.library.newest(wanted, limit + 1, caller.clearance, key_of(cursor))
    following, asked = None, phrases(q)
    if len(cases) > limit:
        last = cases[limit - 1]
        place = last.shared_at.isoformat() if last.score is None else last.score
        following = encoded((place, last.state.cycle_id))
    return Page[CaseLine](items=[case_line(one, asked) for one in cases[:limit]], next_cursor=following)


def similar(cycle: str, caller: Caller, desk: Desk) -> tuple[tuple[CycleState, Likeness], ...]:
    """The five cases most like what a cycle imagines, each with why: shared words, metrics, pillar.

    Raises:
        DomainError: `unknown_cycle`.
    """
    return similar_to(state_there(cycle, caller, desk), caller, desk)


def similar_to(state: CycleState, caller: Caller, desk: Desk) -> tuple[tuple[CycleState, Likeness], ...]:
    """Like `similar`, of a cycle that somebody has seen that they may read."""
    return tuple(desk.library.similar(state, caller.clearance))


def sheet(case: str, caller: Caller, desk: Desk) -> CaseView:
    """One case whole.

    Raises:
        DomainError: `unknown_case`.
    """
    state = desk.library.case(case, caller.clearance)
    if state is None:
        raise not_found("unknown_case", case=case)
    note_reading(state, caller, desk)
    return case_view(state)
