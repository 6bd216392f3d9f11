"""Files beside what a step hands in: append-only while in review."""

import asyncio
from dataclasses import dataclass

from api.auth import Caller
from api.container import Desk
from api.services.cycles.cycles import state_there
from api.services.cycles.freshness import shown_at
from engine.domain.cycle import commands as c
from engine.domain.cycle.attachments import LARGEST, Attachment, media_type_of
from engine.domain.cycle.state import CycleState
from engine.domain.errors import DomainError, invalid_at, not_found


@dataclass(frozen=True)
class Uploaded:
    """A file as it came; a content longer than `LARGEST` need not be whole."""

    name: str
    content: bytes


async def attach(  # noqa: PLR0913 - a file, where, and by whom
    cycle: str, file: Uploaded, caller: Caller, desk: Desk, *, command: str, revision: int | None = None
) -> tuple[Attachment, CycleState]:
    """Puts a file beside the current step; gives it, and the cycle with it.

    Raises:
        DomainError: empty or too large, or why it may not be there.
    """
    await asyncio.to_thread(state_there, cycle, caller, desk)
    content = file.content
    if not 0 < len(content) <= LARGEST:
        raise invalid_at("/file", "out_of_range", limit=f"1–{LARGEST}")
    blobs = desk.directory.blobs
    sha256 = await asyncio.to_thread(blobs.put, content)
    kind = media_type_of(content, file.name)
    asked = c.Command(
        id=command,
        actor=caller.id,
        by_token_of=caller.by_token_of,
        if_revision=revision,
        body=c.Attach(name=file.name, size=len(content), sha256=sha256, media_type=kind),
    )

    async def attached() -> c.Receipt:
        try:
            receipt = await desk.gateway.command(cycle, asked)
        except DomainError:
            await asyncio.to_thread(blobs.forget, sha256)
            raise
        await asyncio.to_thread(blobs.put, content)  # another upload of the same may have been refused meanwhile
        return receipt

    state = await shown_at(
        attached(), lambda: desk.directory.state(cycle), lambda one: one.revision, desk.settings.database_patience
    )
    return [one for one in state.attachments if one.sha256 == sha256 and one.by == caller.id][-1], state


def content_of(cycle: str, n: int, caller: Caller, desk: Desk) -> tuple[Attachment, bytes]:
    """One file with its content.

    Raises:
        DomainError: `unknown_cycle`, `unknown_attachment`.
    """
    found = next((one for one in state_there(cycle, caller, desk).attachments if one.n == n and one.held), None)
    content = desk.directory.blobs.get(found.sha256) if found is not None else None
    if found is None or content is None:
        raise not_found("unknown_attachment", n=str(n))
    return found, content


async def forget(cycle: str, n: int, desk: Desk) -> None:
    """Throws the content of a file away that was just taken back, unless a version holds it."""
    state = await asyncio.to_thread(desk.directory.state, cycle)
    for taken in (one for one in (state.attachments if state else ()) if one.n == n):
        await asyncio.to_thread(desk.directory.blobs.forget, taken.sha256)
