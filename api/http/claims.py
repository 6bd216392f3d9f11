"""A key of a page's form, claimed for its content before anything is done; equal ones wait for the first."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from api.gateway import EngineAwayError
from engine.domain.errors import conflict
from engine.store.faults import DatabaseBusyError
from engine.store.registers.claims import Claims, KeptAnswer, Key

PATIENCE = 20.0
"""Seconds that an equal form waits for the first one."""
LOOKS_DEAD = 8.0
"""Seconds after which a form that has not been answered is taken over by an equal one."""
LOOK_AGAIN = 0.1


@dataclass(frozen=True)
class FormClaim:
    """That one form is being done; ends by what it led to, or is let go of."""

    claims: Claims
    key: Key

    async def led_to(self, said: str) -> None:
        """Keeps what an equal form is told. A database that is away is none of the answer's business."""
        await self._quietly(lambda: self.claims.keep(self.key, KeptAnswer(303, said, "")))

    async def let_go(self, *, undone: bool) -> None:
        """What did nothing leaves the key free; what is in doubt keeps it for the same content."""
        await self._quietly(lambda: self.claims.forget(self.key) if undone else self.claims.release(self.key))

    async def _quietly(self, act: Callable[[], object]) -> None:
        with suppress(SQLAlchemyError, DatabaseBusyError):  # an equal form takes it over, under the same command id
            await asyncio.shield(asyncio.to_thread(act))


async def claim_form(database: Engine, person: str, name: str, fingerprint: str) -> FormClaim | str:
    """The claim; or what an equal form, which was done before, had led to.

    Raises:
        DomainError: `form_sent_already`: the key was used for another content.
        EngineAwayError: `form_under_way`: an equal one is still being done.
    """
    key = Key(person, f"page {name}", fingerprint, uuid4().hex)
    claims, began = Claims(database), time.monotonic()
    while True:
        waited = time.monotonic() - began
        found = await asyncio.to_thread(claims.claim, key, take_over=waited > LOOKS_DEAD)
        if isinstance(found, KeptAnswer):
            return found.headers
        if found == "other_content":
            raise conflict("form_sent_already")
        if found == "ours":
            return FormClaim(claims, key)
        if waited > PATIENCE:
            raise EngineAwayError("form_under_way")
        await asyncio.sleep(LOOK_AGAIN)
