"""下書き: working copies, one row for each step, beside the journal: saved and discarded without the engine.

Whoever saves holds the cycle's row until it is done, so that nobody writes on what was handed in at that instant. A
submission takes its copy away in the transaction of its event; one that was saved meanwhile stays.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from hashlib import sha256

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Engine
from sqlmodel import Session, col, delete, or_, select, update

from engine.domain.cycle.events import Event, StepSubmitted
from engine.domain.cycle.incoming import LARGEST_DELIVERABLE
from engine.domain.cycle.state import CycleState
from engine.domain.cycle.working_copy import (
    CopyMark,
    WorkingCopy,
    is_left_over,
    refuse_others,
    refuse_unless_writing,
)  # fmt: skip
from engine.domain.deliverables import Deliverable, Deliverables
from engine.domain.errors import FieldError, conflict, invalid_at, not_found, unprocessable
from engine.domain.steps import Step
from engine.store.database import reading, writing
from engine.store.tables import AnswerRow, CycleRow, JournalRow
from engine.store.tables_drafts import WorkingCopyRow

MANY = 400
"""Ids asked about at once: both databases limit how many a query may name."""


class Typed(BaseModel):
    """What stands in a page's controls and cannot be read as the step's form, with what is wrong with it."""

    model_config = ConfigDict(frozen=True)

    texts: dict[str, tuple[str, ...]]
    faults: tuple[FieldError, ...]


class CopyAsked(BaseModel):
    """One save.

    Args:
        by_token_of: who made the token it came with, when that was somebody else.
        command_id: the same id and content once more change nothing.
        seen: what the writer had read; None saves over whatever is there.
        strict: what others did beside the text since then counts too, such as a comment.
        content: the step's form, or what was typed for it.
    """

    model_config = ConfigDict(frozen=True)

    cycle_id: str
    step: Step
    actor: str
    by_token_of: str | None = None
    command_id: str
    seen: CopyMark | None = None
    strict: bool = True
    deliverable: Deliverable | None = None
    typed: Typed | None = None


class WorkingCopies:
    """Saves and discards what is being written.

    Args:
        now: tells the time, aware.
    """

    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now

    def save(self, asked: CopyAsked) -> CopyMark:
        """Keeps what was written in place of what was kept before; gives the new mark.

        Raises:
            DomainError: `unknown_cycle`; not the owner's, or not theirs to write now; `another_step`;
                `revision_differs`: somebody was faster; `deliverable_too_large`; `idempotency_key_reused`, also
                when what was saved under the id was discarded.
        """
        deliverable = asked.deliverable.model_dump_json(by_alias=True) if asked.deliverable is not None else None
        typed = asked.typed.model_dump_json() if asked.typed is not None else None
        size = max(len((one or "").encode()) for one in (deliverable, typed))
        if size > LARGEST_DELIVERABLE:
            raise invalid_at("", "deliverable_too_large", kilobytes=str(-(-size // 1000)))
        fingerprint = sha256(f"{deliverable}\n{typed}".encode()).hexdigest()
        with writing(self._engine) as session:
            state = _held(session, asked.cycle_id)
            row = session.get(WorkingCopyRow, (asked.cycle_id, asked.step.value))
            if row is not None and row.command_id == asked.command_id:
                if row.fingerprint != fingerprint:
                    raise unprocessable("idempotency_key_reused", key=asked.command_id)
                return CopyMark(cycle=state.revision, draft=row.revision)
            refuse_unless_writing_own(state, asked.actor)
            if state.step is not asked.step:
                raise conflict("another_step", step=state.step.value)
            CopyMark.of(state, _copy(row)).refuse_unless(_seen_now(session, state, asked.seen, strict=asked.strict))
            if row is None:
                row = WorkingCopyRow(
                    cycle_id=asked.cycle_id, step=asked.step.value, revision=0, at_revision=0, command_id="",
                    fingerprint="", saved_at=self._now(), saved_by=asked.actor,
                )  # fmt: skip
                session.add(row)
            row.revision += 1
            row.at_revision = state.revision
            row.command_id = asked.command_id
            row.fingerprint = fingerprint
            row.saved_at = self._now()
            row.saved_by = asked.actor
            row.by_token_of = asked.by_token_of
            row.deliverable = deliverable or row.deliverable  # what could be read last stays beside what cannot be
            row.typed = typed
            return CopyMark(cycle=state.revision, draft=row.revision)

    def left_over(self, state: CycleState) -> tuple[WorkingCopy, ...]:
        """What was saved while its step was handed in, once the step is over: no form shows it any more."""
        with reading(self._engine) as session:
            rows = session.exec(select(WorkingCopyRow).where(WorkingCopyRow.cycle_id == state.cycle_id)).all()
        return tuple(one for one in map(_copy, rows) if one is not None and is_left_over(one, state))

    def discard(
        self,
        cycle_id: str,
        actor: str,
        seen: CopyMark | None = None,
        *,
        strict: bool = True,
        step: Step | None = None,
    ) -> None:
        """Takes a text away that was written and not handed in; without any nothing happens, whatever was seen.

        The row stays without it, so that no later copy has the number of an earlier one.

        Args:
            cycle_id: whose.
            actor: who wants it; only the owner may.
            seen: the copy that they mean.
            strict: see `CopyAsked`.
            step: one that is over; without, the current one.

        Raises:
            DomainError: `unknown_cycle`, `owner_only`, or `revision_differs`: somebody was faster.
        """
        with writing(self._engine) as session:
            state = _held(session, cycle_id)
            refuse_others(state, actor)
            meant = (step or state.step).value
            copy = _copy(session.get(WorkingCopyRow, (cycle_id, meant)))
            if copy is not None:
                CopyMark.of(state, copy).refuse_unless(_seen_now(session, state, seen, strict=strict))
            nothing = {"deliverable": None, "typed": None, "fingerprint": ""}  # a late repeat brings nothing back
            mine = (col(WorkingCopyRow.cycle_id) == cycle_id, col(WorkingCopyRow.step) == meant)
            session.exec(update(WorkingCopyRow).where(*mine).values(nothing))
            session.exec(  # answers that are kept for a repeat hold the text too, also those of advisers and heads
                delete(AnswerRow).where(
                    col(AnswerRow.body).contains(f'"id":"{cycle_id}"'),
                    col(AnswerRow.body).contains('"draft":{"revision":'),
                )
            )

    def written(self, cycle_id: str, command_id: str) -> Step | None:
        """The step whose last save had this id, also when it was handed in since."""
        mine = (col(WorkingCopyRow.cycle_id) == cycle_id, col(WorkingCopyRow.command_id) == command_id)
        with reading(self._engine) as session:
            found = session.exec(select(WorkingCopyRow.step).where(*mine)).first()
        return Step(found) if found is not None else None

    def last_save(self, cycle_id: str, step: Step) -> str | None:
        """The id of the last save, empty when it was discarded; None when nothing was ever written."""
        with reading(self._engine) as session:
            row = session.get(WorkingCopyRow, (cycle_id, step.value))
        if row is None:
            return None
        return row.command_id if row.fingerprint else ""


def refuse_unless_writing_own(state: CycleState, actor: str) -> None:
    """Whether a person may save; what is closed is closed for everybody.

    Raises:
        DomainError: `owner_only`, `cycle_closed`, `on_hold` or `in_review`.
    """
    if state.status.is_open:
        refuse_others(state, actor)
    refuse_unless_writing(state)


def kept_copies(session: Session, steps: Mapping[str, Step]) -> dict[str, WorkingCopy]:
    """The working copy of each of some cycles for one step, where there is any."""
    wanted, found = sorted(steps), dict[str, WorkingCopy]()
    text = or_(col(WorkingCopyRow.deliverable).is_not(None), col(WorkingCopyRow.typed).is_not(None))
    for start in range(0, len(wanted), MANY):
        names = col(WorkingCopyRow.cycle_id).in_(wanted[start : start + MANY])
        for row in session.exec(select(WorkingCopyRow).where(names, text)).all():
            copy = _copy(row)
            if copy is not None and steps[row.cycle_id] == copy.step:
                found[row.cycle_id] = copy
    return found


def hand_in_copies(session: Session, cycle_id: str, events: Iterable[Event]) -> None:
    """Takes away the texts that these events hold now; a newer one was not handed in and stays."""
    for event in events:
        if isinstance(event.data, StepSubmitted) and event.data.draft is not None:
            handed_in = (
                col(WorkingCopyRow.cycle_id) == cycle_id,
                col(WorkingCopyRow.step) == event.data.step.value,
                col(WorkingCopyRow.revision) <= event.data.draft,
            )
            session.exec(update(WorkingCopyRow).where(*handed_in).values(deliverable=None, typed=None))


def _held(session: Session, cycle_id: str) -> CycleState:
    """The cycle, which nobody moves until this transaction is over."""
    text = session.exec(select(CycleRow.state).where(CycleRow.id == cycle_id).with_for_update()).first()
    if text is None:
        raise not_found("unknown_cycle", cycle=cycle_id)
    return CycleState.model_validate_json(text)


def _seen_now(session: Session, state: CycleState, seen: CopyMark | None, *, strict: bool) -> CopyMark | None:
    """What was seen, brought to today's revision when nothing since has touched the text."""
    if seen is None or strict or seen.cycle >= state.revision:
        return seen
    since = (col(JournalRow.cycle_id) == state.cycle_id, col(JournalRow.seq) > seen.cycle)
    return seen.after(session.exec(select(JournalRow.type).where(*since)).all(), state)


def _is_kept(row: WorkingCopyRow) -> bool:
    return row.deliverable is not None or row.typed is not None


def _copy(row: WorkingCopyRow | None) -> WorkingCopy | None:
    """What a row keeps; None when its text was discarded."""
    if row is None or not _is_kept(row):
        return None
    step = Step(row.step)
    typed = Typed.model_validate_json(row.typed) if row.typed is not None else None
    model = Deliverables.MODELS[step]
    return WorkingCopy(
        cycle_id=row.cycle_id, step=step, revision=row.revision, at_revision=row.at_revision, saved_at=row.saved_at,
        saved_by=row.saved_by, by_token_of=row.by_token_of,
        deliverable=model.model_validate_json(row.deliverable) if row.deliverable is not None else None,
        typed=typed.texts if typed else None, faults=typed.faults if typed else (),
    )  # fmt: skip
