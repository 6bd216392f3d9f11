"""Starting an initiative, plain or as a copy of what has ended (引用起案)."""

import asyncio

from api.auth import Caller
from api.container import Desk
from api.http.responses import command_id, initiative_id
from api.schemas.cycle import CycleView
from api.schemas.requests import AskedCopy, AskedInitiative
from api.services.cycles.cycles import changed, seen_by, state_there
from api.services.cycles.freshness import shown_at
from engine.domain.cycle.events import CycleOpened
from engine.domain.errors import invalid_at
from engine.domain.lineage.open_cycle import InitiativeAsked, open_copy, open_initiative
from engine.domain.spread.cases import Standing, standing_of


async def start(asked: AskedInitiative, caller: Caller, desk: Desk, key: str | None) -> CycleView:
    """Starts an initiative for a unit where the caller holds a post; gives its first cycle.

    Raises:
        DomainError: `unknown_case` at `/adopted_from`, wrong fields, or a unit that is not theirs.
    """
    if asked.adopted_from is not None and not await asyncio.to_thread(_is_shared, caller, desk, asked.adopted_from):
        raise invalid_at("/adopted_from", "unknown_case", case=asked.adopted_from)
    return await begin(InitiativeAsked.model_validate(asked.model_dump()), caller, desk, key)


async def begin(plain: InitiativeAsked, caller: Caller, desk: Desk, key: str | None) -> CycleView:
    """Like `start`, of nothing that was taken over.

    Raises:
        DomainError: wrong fields, or a unit that is not theirs.
    """
    return await _start(plain, _opened(plain, caller, key), caller, desk, key)


async def copy(cycle: str, asked: AskedCopy, caller: Caller, desk: Desk, key: str | None) -> CycleView:
    """引用起案: starts anew with the drafts of a cycle that has ended; what is not named stays as it was.

    Only the owner takes along what was not handed in: by another's hand it would be on record for ever.
    """
    source = await asyncio.to_thread(state_there, cycle, caller, desk)
    if source.owner != caller.id:
        on_record = await asyncio.to_thread(desk.reader.on_record().state, cycle, caller.clearance)
        source = on_record or source
    same = {name: getattr(source, name) for name in AskedCopy.model_fields}
    plain = InitiativeAsked.model_validate(same | asked.model_dump(exclude_none=True))
    return await _start(plain, open_copy(_opened(plain, caller, key), source), caller, desk, key)


def _opened(plain: InitiativeAsked, caller: Caller, key: str | None) -> CycleOpened:
    facts = caller.facts
    return open_initiative(
        plain,
        initiative_id=initiative_id(caller, key),
        owner=caller.id,
        organisation=facts.organisation,
        edition=facts.edition,
        on=facts.today,
    )


async def _start(
    plain: InitiativeAsked, opened: CycleOpened, caller: Caller, desk: Desk, key: str | None
) -> CycleView:
    starting = desk.gateway.start(
        opened,
        actor=caller.id,
        by_token_of=caller.by_token_of,
        command_id=command_id(caller, key),
        fingerprint=plain.model_dump_json() + (opened.copied_from or ""),
    )
    lineage = await shown_at(
        starting,
        lambda: changed(opened.cycle_id, caller, desk),
        lambda one: one.state.revision,
        desk.settings.database_patience,
    )
    return await asyncio.to_thread(seen_by, caller, lineage, desk)


def _is_shared(caller: Caller, desk: Desk, case: str) -> bool:
    state = desk.library.case(case, caller.clearance)
    return state is not None and standing_of(state) is Standing.SHARED
