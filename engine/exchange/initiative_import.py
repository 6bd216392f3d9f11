"""Initiatives from a file, planned before one is started: all or nothing, and safe to repeat (ADR 0023).

Every row has an id: its own, or one made from what it says, so the same file again finds what it has started already.
Must not start anything itself.
"""

import base64
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from engine.contracts.lists import CycleFilter
from engine.domain.access.reading import EVERYTHING
from engine.domain.cycle.events import CycleOpened
from engine.domain.cycle.state import CycleState
from engine.domain.errors import DomainError, FieldError
from engine.domain.lineage.open_cycle import InitiativeAsked, open_initiative
from engine.domain.review.facts import Facts
from engine.exchange.records import InitiativeRecord, RecordFault, read_each
from engine.store.queries.cycles import Reader

SHEET = "initiatives"
BATCH = 200
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_ASKED = tuple(InitiativeAsked.model_fields)


class Planned(BaseModel):
    """What a row will do.

    Args:
        row: where it stands in the file, the heading counted.
        initiative_id: its own, or the one made for it; None when the row cannot be read.
        outcome: `new` is to be started; `exists` is there already and left alone; `differs` too, though the file says
            something else of it; `wrong` cannot be started.
        opened: what starts it, for `new`.
        errors: for `wrong`; each pointer names the column.
    """

    model_config = ConfigDict(frozen=True)

    row: int
    initiative_id: str | None
    outcome: Literal["new", "exists", "differs", "wrong"]
    opened: CycleOpened | None = None
    errors: tuple[FieldError, ...] = ()

    @property
    def key(self) -> str:
        """The id of the command that starts it."""
        return f"import/{self.initiative_id}"


class Planner:
    """Plans a file as of one moment.

    Args:
        facts: organisation, roadmap and day.
        reader: what is there already.
        caller: who owns rows without an owner; None when every row must name one.
        for_others: whether rows may name somebody else.
    """

    def __init__(self, facts: Facts, reader: Reader, *, caller: str | None, for_others: bool) -> None:
        self._facts = facts
        self._reader = reader
        self._caller = caller
        self._for_others = for_others

    def plan(self, path: Path, name: str | None = None) -> Iterator[Planned]:
        """Every row, in order; nothing of the file is kept.

        Raises:
            FileError: the file itself cannot be taken.
        """
        rows = read_each(SHEET, InitiativeRecord, path, name=name, back=False)
        seen: Counter[str] = Counter()
        while batch := list(islice(rows, BATCH)):
            named = [
                (row, found, None if isinstance(found, RecordFault) else _id(found, seen)) for row, found in batch
            ]
            there = self._there(one for _, _, one in named if one is not None)
            for row, found, initiative in named:
                yield self._one(row, found, initiative, there, seen)

    def _there(self, ids: Iterable[str]) -> dict[str, CycleState]:
        wanted = frozenset(f"{one}-1" for one in ids)
        found = self._reader.cycles(CycleFilter(ids=wanted), len(wanted), EVERYTHING) if wanted else []
        return {one.state.initiative_id: one.state for one in found}

    def _one(
        self,
        row: int,
        found: InitiativeRecord | RecordFault,
        initiative: str | None,
        there: dict[str, CycleState],
        seen: Counter[str],
    ) -> Planned:
        if isinstance(found, RecordFault) or initiative is None:
            params = found.params | {"given": found.given} if isinstance(found, RecordFault) else {}
            column, code = (found.column or "", found.code) if isinstance(found, RecordFault) else ("", "bad_value")
            return _wrong(row, None, FieldError(pointer=f"/{column}", code=code, params=params))
        seen[f"id {initiative}"] += 1
        if not _ID.fullmatch(initiative):
            return _wrong(row, None, FieldError(pointer="/id", code="bad_value"))
        if seen[f"id {initiative}"] > 1:
            return _wrong(row, initiative, FieldError(pointer="/id", code="stands_twice"))
        state = there.get(initiative)
        if state is not None:
            outcome: Literal["exists", "differs"] = "exists" if _says(found, state, self._caller) else "differs"
            return Planned(row=row, initiative_id=initiative, outcome=outcome)
        return self._new(row, found, initiative)

    def _new(self, row: int, found: InitiativeRecord, initiative: str) -> Planned:
        owner = found.owner or self._caller
        errors = self._owner_errors(owner)
        if errors or owner is None:
            return _wrong(row, initiative, *errors)
        try:
            opened = open_initiative(
                InitiativeAsked.model_validate(found.model_dump(include=set(_ASKED))),
                initiative_id=initiative,
                owner=owner,
                organisation=self._facts.organisation,
                edition=self._facts.edition,
                on=self._facts.today,
            )
        except DomainError as error:
            refusal = error.refusal
            own = refusal.errors or (FieldError(pointer="/org_unit", code=refusal.code, params=refusal.params),)
            return _wrong(row, initiative, *own)
        except ValueError:
            return _wrong(row, initiative, FieldError(pointer="/title", code="too_long", params={"limit": "200"}))
        return Planned(row=row, initiative_id=initiative, outcome="new", opened=opened)

    def _owner_errors(self, owner: str | None) -> tuple[FieldError, ...]:
        if owner is None:
            return (FieldError(pointer="/owner", code="missing"),)
        if self._facts.organisation.person(owner) is None:
            return (FieldError(pointer="/owner", code="unknown_person", params={"person": owner}),)
        if owner != self._caller and not self._for_others:
            return (FieldError(pointer="/owner", code="not_for_others", params={"person": owner}),)
        return ()


def _wrong(row: int, initiative: str | None, *errors: FieldError) -> Planned:
    return Planned(row=row, initiative_id=initiative, outcome="wrong", errors=errors)


def _id(found: InitiativeRecord, seen: Counter[str]) -> str:
    """The row's id; without one, a hash of what it says and how often the file has said so."""
    if found.id:
        return found.id
    said = found.model_dump_json(include={*_ASKED, "owner"})
    seen[said] += 1
    digest = sha256(f"import\n{seen[said]}\n{said}".encode()).digest()
    return f"i{base64.b32encode(digest).decode().lower()[:12]}"


def _says(found: InitiativeRecord, state: CycleState, caller: str | None) -> bool:
    """Whether the row says of an initiative what is true of its first cycle; a pillar may come from the startup."""
    names: Sequence[str] = ("title", "org_scope", "org_unit", "work_scope", "startup", "adopted_from")
    same = all(getattr(found, name) == getattr(state, name) for name in names)
    return same and found.pillar in (None, state.pillar) and (found.owner or caller) == state.owner
