"""Who may read a cycle is said by its level (docs/field/reading.md): the command, the event, and what it changes.

The levels say how far; who they mean on a day is `engine.domain.access.reading`.
"""

from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from engine.domain.base import Frozen
from engine.domain.cycle.beside import BesideEvent
from engine.domain.text import CODE

MOST_READERS = 100
"""People that an owner names at most; more are an office."""


class Visibility(StrEnum):
    """How far a cycle may be read, the widest first: 庁内 · 関係者 · 限定."""

    OFFICE = "office"
    CONCERNED = "concerned"
    RESTRICTED = "restricted"

    @property
    def rank(self) -> int:
        """0 (everyone) to 2 (few)."""
        return list(Visibility).index(self)


class SetVisibility(Frozen):
    """Says who may read the cycle from now on.

    Args:
        level: the new one.
        readers: person ids who may read besides; None leaves them as they are.
        reason: needed when more people may read than before.
        leads: the actor is the head of the owner's unit today.
    """

    type: Literal["set_visibility"] = "set_visibility"
    level: Visibility
    readers: tuple[Annotated[str, CODE], ...] | None = Field(default=None, max_length=MOST_READERS)
    reason: str | None = None
    leads: bool = False


class VisibilitySet(BesideEvent):
    """Who may read the cycle was changed; `readers` are all who are named now."""

    SETS: ClassVar = {"visibility": "level", "readers": "readers"}
    type: Literal["visibility_set"] = "visibility_set"
    version: Literal[1] = 1
    level: Visibility
    before: Visibility
    readers: tuple[str, ...] = ()
    reason: str | None = None
