"""Starting what a file asks for: the whole of it is planned first, then each is started under an id of its own.

Used by the command line and by HTTP; a crash half way is mended by the same file again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from itertools import islice

from api.auth import Caller
from api.container import Desk
from api.gateway import Gateway
from engine.domain.organisation.organisation import Duty
from engine.exchange.initiative_import import Planned, Planner

AT_ONCE = 16
"""Starts that wait for the engine side by side."""


def planner_of(caller: Caller, desk: Desk) -> Planner:
    """Plans what a person's file asks for: rows of others are an administrator's to start."""
    return Planner(caller.facts, desk.reader, caller=caller.id, for_others=Duty.ADMIN in caller.duties)


async def start_all(
    planned: Iterable[Planned],
    gateway: Gateway,
    *,
    actor: str | None,
    by_token_of: str | None = None,
    advance: Callable[[int], None] = lambda _: None,
) -> int:
    """Starts every `new` one; those that are there already stay as they are.

    Args:
        planned: the rows, none of them `wrong`.
        gateway: the door to the engine.
        actor: who starts them; None for their owners.
        by_token_of: who made the token they came with.
        advance: told how many rows are done.

    Returns:
        How many were started.

    Raises:
        EngineAwayError: the engine stopped answering; some are started, and the same file again starts the rest.
    """
    rows, started = iter(planned), 0
    while batch := await asyncio.to_thread(lambda: list(islice(rows, AT_ONCE))):
        starts = [_start(one, gateway, actor, by_token_of) for one in batch if one.opened is not None]
        await asyncio.gather(*starts)
        started += len(starts)
        advance(len(batch))
    return started


def _start(one: Planned, gateway: Gateway, actor: str | None, by: str | None) -> Awaitable[object]:
    opened = one.opened
    if opened is None:
        raise ValueError(one.outcome)
    said = opened.model_dump_json(include={"title", "org_scope", "org_unit", "work_scope", "owner"})
    owner = actor or opened.owner
    return gateway.start(opened, actor=owner, by_token_of=by, command_id=one.key, fingerprint=said)
