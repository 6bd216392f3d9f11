"""下書き: what an owner writes of a step until they hand it in; read strictly from JSON, a form or a file.

A program's draft is typed: it may be incomplete, never wrong. A page keeps what was typed as it is, beside the last
that could be read, as long as it is text at all.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from api.auth import Caller
from api.container import Desk
from api.services.cycles.cycles import state_there, there
from engine.contracts.lists import Lineage
from engine.domain.cycle.incoming import MOST, faults, normal
from engine.domain.cycle.state import CycleState
from engine.domain.cycle.working_copy import CopyMark, WorkingCopy
from engine.domain.deliverables import Deliverable, Deliverables, step_of
from engine.domain.errors import FieldError, invalid
from engine.domain.model_faults import validated
from engine.domain.steps import Step
from engine.domain.text import forbidden
from engine.store.directory.working_copies import CopyAsked, Typed


@dataclass(frozen=True)
class DraftWriter:
    """Who writes, and what they had before them.

    Attributes:
        command: the id of this save; the same once more changes nothing.
        seen: what they insist on having seen; None saves over whatever is there.
        strict: what others did beside the text since then counts too. A page that somebody writes in for an hour
            does not mind a comment.
    """

    caller: Caller
    desk: Desk
    command: str
    seen: CopyMark | None
    strict: bool = True


def save(cycle: str, given: Mapping[str, Any], writer: DraftWriter) -> Lineage:
    """Keeps a program's working copy; gives the cycle with it.

    Raises:
        DomainError: `unknown_cycle`; wrong fields; see `WorkingCopies.save`.
    """
    state = state_there(cycle, writer.caller, writer.desk)
    known = writer.desk.working_copies.written(cycle, writer.command)  # a repeat, though the step may have moved on
    step = known or state.step
    keep(state, read_deliverable(step, given), writer)
    return there(cycle, writer.caller, writer.desk)


def keep(state: CycleState, deliverable: Deliverable, writer: DraftWriter) -> CopyMark:
    """Keeps a working copy that was read already; gives its mark.

    Raises:
        DomainError: see `WorkingCopies.save`.
    """
    asked = _asked(state, writer).model_copy(update={"deliverable": deliverable, "step": step_of(deliverable)})
    return writer.desk.working_copies.save(asked)


def keep_typed(
    state: CycleState, texts: Mapping[str, Sequence[str]], wrong: Sequence[FieldError], writer: DraftWriter
) -> CopyMark:
    """Keeps the texts of a page's controls, by name, although they cannot be read as the form: `wrong` says why.

    Raises:
        DomainError: they are no text that may be written; see `WorkingCopies.save`.
    """
    plain = plain_of(texts)
    signs = [
        FieldError(pointer="/" + name.replace(".", "/"), code="bad_value", params={"why": "sign", "sign": sign})
        for name, several in plain.items()
        for one in several
        if (sign := forbidden(one)) is not None
    ]
    if signs:
        raise invalid(*signs[:MOST])
    typed = Typed(texts=plain, faults=tuple(wrong))
    return writer.desk.working_copies.save(_asked(state, writer).model_copy(update={"typed": typed}))


def plain_of(texts: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """A page's texts as they are kept: with normal line ends."""
    return {name: tuple(normal(one) for one in several) for name, several in texts.items()}


def left_over(state: CycleState, caller: Caller, desk: Desk) -> tuple[WorkingCopy, ...]:
    """What the owner wrote for steps that are over and never handed in; nobody else is told of it."""
    return desk.working_copies.left_over(state) if caller.id == state.owner else ()


def discard(  # noqa: PLR0913 - what is meant has several sides
    cycle: str, caller: Caller, desk: Desk, *, seen: CopyMark | None, strict: bool = True, step: Step | None = None
) -> None:
    """Takes away what was written and not handed in; `step`: of one that is over.

    Raises:
        DomainError: `unknown_cycle`; see `WorkingCopies.discard`.
    """
    state_there(cycle, caller, desk)
    desk.working_copies.discard(cycle, caller.id, seen, strict=strict, step=step)


def read_deliverable(step: Step, given: Mapping[str, Any]) -> Deliverable:
    """The step's deliverable; it may be incomplete, but it holds no unknown field.

    Raises:
        DomainError: `invalid_fields`, each with its pointer.
    """
    plain = normal(dict(given))
    _refuse(plain)
    try:
        found: Deliverable = Deliverables.MODELS[step].model_validate_json(json.dumps(plain), extra="forbid")
    except ValidationError as error:
        raise validated(error) from error
    _refuse(found)
    return found


def _asked(state: CycleState, writer: DraftWriter) -> CopyAsked:
    return CopyAsked(
        cycle_id=state.cycle_id, step=state.step, actor=writer.caller.id, by_token_of=writer.caller.by_token_of,
        command_id=writer.command, seen=writer.seen, strict=writer.strict,
    )  # fmt: skip


def _refuse(value: object) -> None:
    wrong = faults(value)
    if wrong:
        raise invalid(*wrong[:MOST])
