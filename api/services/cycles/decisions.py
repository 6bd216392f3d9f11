"""Deciding many matters at once: one function for programs and pages, so that both have the same rules."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy.exc import SQLAlchemyError

from api.auth import Caller
from api.container import Desk
from api.gateway import EngineAwayError
from api.http.responses import command_id
from engine.domain.cycle import commands as c
from engine.domain.errors import Category, DomainError, Refusal
from engine.domain.moves.weighty import is_weighty
from engine.domain.review.review import Action
from engine.store.faults import DatabaseBusyError, is_away

AT_ONCE = 8
"""Decisions of one list that are under way together."""
MANY = 100
"""Decisions of one list at most."""


@dataclass(frozen=True)
class Deciding:
    """One of many decisions."""

    cycle_id: str
    round: int
    action: Action
    reason: str | None = None


@dataclass(frozen=True)
class DecisionOutcome:
    """What became of it: done, or refused with the reason; `again` when the same may be tried again."""

    cycle_id: str
    refusal: Refusal | None = None
    again: bool = False


def weighs(cycle: str, desk: Desk) -> bool:
    """Whether a decision about the cycle weighs so much that it is asked again who gives it, after a pause."""
    state = desk.directory.state(cycle)
    return state is not None and is_weighty(state)


async def decide_many(
    asked: Sequence[Deciding], caller: Caller, desk: Desk, key: str | None
) -> list[DecisionOutcome]:
    """Decides each of them; one that fails does not stop the others.

    Args:
        asked: at most `MANY`; of those for one cycle only the first is taken.
        caller: who decides.
        desk: the application's.
        key: the same key and list again do nothing twice; None for a list that is not repeated.
    """
    turns, away = asyncio.Semaphore(AT_ONCE), asyncio.Event()
    key = key or uuid4().hex

    async def one(index: int, item: Deciding) -> DecisionOutcome:
        body = c.Decide(action=item.action, round=item.round, reason=item.reason)
        name = command_id(caller, f"{key}/{index}")
        command = c.Command(id=name, actor=caller.id, by_token_of=caller.by_token_of, body=body)
        async with turns:
            return await _one(item.cycle_id, command, desk, away)

    async def twice(item: Deciding) -> DecisionOutcome:
        return DecisionOutcome(item.cycle_id, Refusal(code="stands_twice_in_list", category=Category.CONFLICT))

    seen: set[str] = set()
    work = []
    for index, item in enumerate(asked):
        work.append(twice(item) if item.cycle_id in seen else one(index, item))
        seen.add(item.cycle_id)
    return await asyncio.gather(*work)


async def _one(cycle_id: str, command: c.Command, desk: Desk, away: asyncio.Event) -> DecisionOutcome:
    """Gives one command. Once `away` is set the rest is not even tried, so that the answer comes in time."""
    code = "engine_away"
    try:
        if not away.is_set():
            await desk.gateway.command(cycle_id, command)
            return DecisionOutcome(cycle_id)
    except DomainError as error:
        return DecisionOutcome(cycle_id, error.refusal)
    except EngineAwayError as error:
        code = error.code
    except (SQLAlchemyError, DatabaseBusyError) as error:
        if not is_away(error):
            raise
        code = "database_away"
    if code in {"engine_away", "database_away"}:
        away.set()
    return DecisionOutcome(cycle_id, Refusal(code=code, category=Category.INVALID), again=True)
