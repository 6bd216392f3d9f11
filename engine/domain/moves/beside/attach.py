"""Adding and removing files: append-only while in review (docs/field/deciding.md)."""

import re
from collections.abc import Iterable

from engine.domain.cycle import commands as c
from engine.domain.cycle.attachments import (
    LARGEST,
    MOST,
    TYPES,
    UNKNOWN_TYPE,
    AttachmentAdded,
    AttachmentRemoved,
    safe_name,
    standing,
)
from engine.domain.cycle.recorder import Record
from engine.domain.cycle.state import CycleState
from engine.domain.errors import FieldError, conflict, forbidden, invalid, not_found
from engine.domain.moves.handler import WORDS, Handler, Situation, Try, always
from engine.domain.moves.looking_up import with_grants
from engine.domain.moves.table.cells import TableRow, across, cell, done
from engine.domain.moves.table.moves import Move
from engine.domain.moves.table.rows import HELD, IN_REVIEW, OWNERS, SLEEPING
from engine.domain.steps import CycleStatus, StepStatus

_SHA256 = re.compile(r"[0-9a-f]{64}")


def attach(record: Record, body: c.Attach) -> None:
    """Puts a file beside the current step: the owner at any time, while in review also who may decide now."""
    state = record.state
    may_decide = any(one.person_id == record.actor and one.post in state.open_posts() for one in body.grants)
    if record.actor != state.owner and not may_decide:
        raise forbidden("not_yours_to_attach", owner=state.owner)
    if state.review is None:
        _not_asleep(state)
    _well_formed(body)
    files = standing(state.attachments)
    if len(files) >= MOST:
        raise conflict("too_many_files", limit=str(MOST))
    name = safe_name(body.name)
    twin = next((one for one in standing(files, state.step) if (one.sha256, one.name) == (body.sha256, name)), None)
    if twin is not None:
        raise conflict("attached_already", n=str(twin.n))
    record.add(
        AttachmentAdded(
            n=len(state.attachments) + 1,
            name=name,
            size=body.size,
            sha256=body.sha256,
            media_type=body.media_type if body.media_type in TYPES else UNKNOWN_TYPE,
            step=state.step,
        )
    )


def detach(record: Record, body: c.Detach) -> None:
    """Takes a file back, while the step is a draft. Versions that were handed in with it keep it."""
    state = record.state
    found = next((one for one in state.attachments if one.n == body.n), None)
    if found is None:
        raise not_found("unknown_attachment", n=str(body.n))
    if record.actor != state.owner:
        raise forbidden("owner_only", owner=state.owner)
    if found.by != record.actor:
        raise forbidden("not_your_attachment", by=found.by)
    _not_asleep(state)
    if state.step_status is StepStatus.IN_REVIEW or found.step is not state.step:
        raise conflict("attachment_stays", step=found.step.value)
    if found.removed_at is not None:
        raise conflict("attachment_removed", n=str(body.n))
    record.add(AttachmentRemoved(n=body.n))


def _not_asleep(state: CycleState) -> None:
    if state.status is CycleStatus.ON_HOLD:
        raise conflict("on_hold", until=state.hold.until.isoformat() if state.hold else "")


def _well_formed(body: c.Attach) -> None:
    errors = []
    if not body.name.strip():
        errors.append(FieldError(pointer="/name", code="missing"))
    if not 0 < body.size <= LARGEST:
        errors.append(FieldError(pointer="/size", code="out_of_range", params={"limit": str(LARGEST)}))
    if not _SHA256.fullmatch(body.sha256):
        errors.append(FieldError(pointer="/sha256", code="bad_value"))
    if errors:
        raise invalid(*errors)


def _standing(situation: Situation) -> Iterable[Try]:
    for file in standing(situation.state.attachments):
        yield Move.DETACH, c.Detach(n=file.n)


_ADDED = done("attachment_added")
_REVIEWED = cell("not_yours_to_attach", owner=_ADDED, decider=_ADDED)
_ATTACH = TableRow(
    "attach",
    across(
        cell("not_yours_to_attach", owner=_ADDED),
        cells={
            IN_REVIEW: _REVIEWED,
            HELD: _REVIEWED,
            SLEEPING: cell("not_yours_to_attach", owner="on_hold"),
        },
    ),
)
_DETACH = TableRow(
    "detach",
    across(
        cell(OWNERS, owner=done("attachment_removed")),
        cells={
            IN_REVIEW: cell(OWNERS, owner="attachment_stays"),
            HELD: cell(OWNERS, owner="on_hold"),
            SLEEPING: cell("unknown_attachment"),
        },
    ),
    lacking="unknown_attachment",
)
_A_FILE = c.Attach(name=WORDS, size=1, sha256="0" * 64)
HANDLERS = (
    Handler(c.Attach, attach, {Move.ATTACH: _ATTACH}, always((Move.ATTACH, _A_FILE)), with_grants),
    Handler(c.Detach, detach, {Move.DETACH: _DETACH}, _standing),
)
