"""Whatever can change and is looked up: organisation, absences, policy, roadmap, holidays, today.

Documents are immutable and numbered, so a process keeps the one it read until a newer number is there. What a command
needs of them is a rule (`engine.domain.moves.prepare`); here it is only fetched.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Protocol, TypeVar

from pydantic import BaseModel
from sqlalchemy import Engine, bindparam
from sqlalchemy import select as choose
from sqlmodel import Session, SQLModel, col, delete, func, select

from engine.contracts.documents import ORGANISATION, POLICY, ROADMAP
from engine.domain.access.reading import reads
from engine.domain.calendar import local_date
from engine.domain.cycle import commands as c
from engine.domain.cycle.incoming import readable
from engine.domain.cycle.state import CycleState
from engine.domain.cycle.working_copy import CopyMark, handing_in, stands
from engine.domain.errors import conflict, invalid, not_found
from engine.domain.lineage.join import JoinTarget, joining_of
from engine.domain.moves.allowed import NOTHING, Grown, Move, allowed
from engine.domain.moves.prepare import prepared
from engine.domain.notices.recipients import Notice
from engine.domain.organisation.carry_over import carried
from engine.domain.organisation.organisation import Absence, Organisation
from engine.domain.review.facts import Facts
from engine.domain.review.policy import DEFAULT, Policy
from engine.domain.roadmap import Edition
from engine.domain.steps import Step, StepStatus
from engine.store import authority
from engine.store.database import looking, reading, writing
from engine.store.directory.blobs import Blobs
from engine.store.directory.closed_days import closed_from
from engine.store.directory.grown import grown_from
from engine.store.directory.working_copies import MANY, kept_copies
from engine.store.hash_chain import lock
from engine.store.notice_rows import add, notice_row
from engine.store.tables import AbsenceRow, CycleRow, DocumentRow

Model = TypeVar("Model", bound=BaseModel)


class OfficeClock(Protocol):
    """Tells the time; tests step over 1 April with another one."""

    def __call__(self) -> datetime:
        """Now, aware."""
        ...


def utc_now() -> datetime:
    """The machine's clock."""
    return datetime.now(UTC)


class Directory:
    """Reads the newest documents; keeps parsed ones until newer ones are there."""

    def __init__(self, engine: Engine, clock: OfficeClock = utc_now) -> None:
        self._engine = engine
        self.now = clock
        self.blobs = Blobs(engine, clock)
        self._kept: dict[str, tuple[int, BaseModel]] = {}
        self._organisation: tuple[tuple[int, tuple[object, ...], bool], Organisation] | None = None

    def facts(self, session: Session | None = None) -> Facts:
        """Everything as of now."""
        if session is None:
            with reading(self._engine) as own:
                return self.facts(own)
        newest = {row.kind: row.newest for row in session.connection().execute(_NEWEST)}
        policy = self._document(session, POLICY, newest.get(POLICY), Policy) or DEFAULT
        today = local_date(self.now(), policy.utc_offset_minutes)
        return Facts(
            organisation=self._organised(session, newest.get(ORGANISATION), deputies=policy.deputies),
            policy=policy,
            edition=self._document(session, ROADMAP, newest.get(ROADMAP), Edition),
            today=today,
            closed_days=closed_from(policy.holidays_country, today),
        )

    def prepare(self, command: c.Command, state: CycleState, facts: Facts | None = None) -> c.Command:
        """The command with what it needs from the directory: the route, the caller's grants, the cycles that follow.

        Whoever may not read a cycle does nothing with it either: it is not there for them.

        Raises:
            DomainError: `unknown_cycle`, `no_decider`, what could never be written, or wrong fields below `/next` of
                the Share that is being approved.
        """
        command = readable(command)
        body = command.body
        if isinstance(body, c.Attach) and self.blobs.size(body.sha256) != body.size:
            raise not_found("unknown_content", sha256=body.sha256)
        if isinstance(command.body, c.JoinParent):
            return self._joined(command, command.body, state)
        if isinstance(body, c.Retract):
            opened, acted = self.grown(state)
            command = command.model_copy(update={"body": body.model_copy(update={"opened": opened, "acted": acted})})
        known = facts or self.facts()
        if not reads(command.actor, state, known):
            raise not_found("unknown_cycle", cycle=state.cycle_id)
        command = self._with_copy(command, state)
        handed_in = handing_in(state, command.body.taken) if isinstance(command.body, c.Submit) else state
        return prepared(command, state, known, self.targets(handed_in))

    def _with_copy(self, command: c.Command, state: CycleState) -> c.Command:
        """A submission with the owner's working copy; saving past one is refused, since nobody would see it."""
        body = command.body
        if not isinstance(body, c.Submit | c.SaveDraft):
            return command
        with reading(self._engine) as session:
            copy = kept_copies(session, {state.cycle_id: state.step}).get(state.cycle_id)
        copy = copy if stands(copy, state) and command.actor == state.owner else None
        if isinstance(body, c.SaveDraft):
            if copy is not None:
                raise conflict("working_copy_kept", at=copy.saved_at.isoformat())
            return command
        if command.if_draft is not None and state.step_status is not StepStatus.IN_REVIEW:
            now = CopyMark.of(state, copy)
            now.refuse_unless(now.model_copy(update={"draft": command.if_draft}))
        if copy is not None and copy.faults:
            raise invalid(*copy.faults)
        return command.model_copy(update={"body": body.model_copy(update={"taken": copy.taken if copy else None})})

    def allowed(self, state: CycleState, person: str, facts: Facts) -> tuple[Move, ...]:
        """The moves that are open to a person now; see `engine.domain.moves.allowed`."""
        return self.allowed_in((state,), person, facts)[state.cycle_id]

    def allowed_in(self, states: Sequence[CycleState], person: str, facts: Facts) -> dict[str, tuple[Move, ...]]:
        """The same of several cycles, by their ids: what stands elsewhere is looked up for all of them together.

        What has grown from a decision only ever stands against taking it back: it is asked where that is open else.
        """
        at, targets = self.now(), self._targets_of(states)
        found = {one.cycle_id: allowed(one, person, facts, at, targets=targets[one.cycle_id]) for one in states}
        open_else = [one for one in states if Move.RETRACT in found[one.cycle_id]]
        grown = self._grown_from(open_else) if open_else else {}
        for one in open_else:
            if (what := grown[one.cycle_id]) != NOTHING:
                known = targets[one.cycle_id]
                found[one.cycle_id] = allowed(one, person, facts, at, targets=known, grown=what)
        return found

    def grown(self, state: CycleState) -> Grown:
        """What has grown from the last decision elsewhere: cycles, and what somebody did with the case or wrote."""
        return self._grown_from((state,))[state.cycle_id]

    def _grown_from(self, states: Sequence[CycleState]) -> dict[str, Grown]:
        with reading(self._engine) as session:
            return grown_from(session, states)

    def targets(self, state: CycleState) -> tuple[JoinTarget, ...]:
        """The cycles that the Share of `state` wants to join, as they are now."""
        return self._targets_of((state,))[state.cycle_id]

    def _targets_of(self, states: Iterable[CycleState]) -> dict[str, tuple[JoinTarget, ...]]:
        wanted = {one.cycle_id: _joins(one) for one in states}
        every = sorted(set().union(*wanted.values()))
        if not every:
            return dict.fromkeys(wanted, ())
        known: dict[str, JoinTarget] = {}
        with reading(self._engine) as session:
            for start in range(0, len(every), MANY):
                named = col(CycleRow.id).in_(every[start : start + MANY])
                for text in session.exec(select(CycleRow.state).where(named)).all():
                    target = JoinTarget.of(CycleState.model_validate_json(text))
                    known[target.cycle_id] = target
        return {one: tuple(known[join] for join in joins if join in known) for one, joins in wanted.items()}

    def _joined(self, command: c.Command, body: c.JoinParent, state: CycleState) -> c.Command:
        joining = self.state(body.parent)
        if joining is None:
            raise not_found("unknown_cycle", cycle=body.parent)
        found = joining_of(joining, state.cycle_id, body.planned)
        return command.model_copy(update={"body": body.model_copy(update={"joining": found})})

    def state(self, cycle_id: str) -> CycleState | None:
        """The cycle as the journal has it."""
        with looking(self._engine) as database:
            found = database.execute(_STATE, {"cycle": cycle_id}).scalar()
        return None if found is None else CycleState.model_validate_json(found)

    def import_document(self, kind: str, name: str, document: BaseModel, by: str) -> int:
        """Puts a document in force from now on.

        Returns:
            Its number; the number of the one in force when that says exactly the same.
        """
        with writing(self._engine) as session:
            lock(session)
            content = written(document, self.facts(session).organisation)
            newest = newest_of(session, kind)
            if newest is not None and newest.content == content and newest.number is not None:
                return newest.number
            row = DocumentRow(kind=kind, name=name, content=content, imported_at=self.now(), imported_by=by)
            session.add(row)
            session.flush()
            authority.note(session, row, by, row.imported_at)
            return row.number or 0

    def end_absence(self, absence_id: str, by: str, told: Iterable[Notice] = ()) -> None:
        """Ends an absence at once, and tells of it; one that is not there is ended already."""
        with writing(self._engine) as session:
            lock(session)
            row = session.get(AbsenceRow, absence_id)
            if row is not None:
                session.delete(row)
                now = self.now()
                authority.note_ended(session, absence_id, by, now)
                add(session, (notice_row(one, _told_of(row, one), now) for one in told))

    def enter_absence(self, absence_id: str, absence: Absence, by: str, told: Iterable[Notice] = ()) -> AbsenceRow:
        """Notes an absence, and tells of it; the same id again replaces it.

        Raises:
            DomainError: `absence_overlaps` another one of the same person; asked and written in one transaction.
        """
        overlapping = select(AbsenceRow.id).where(
            AbsenceRow.id != absence_id,
            AbsenceRow.person_id == absence.person_id,
            col(AbsenceRow.first) <= absence.last,
            col(AbsenceRow.last) >= absence.first,
        )
        with writing(self._engine) as session:
            lock(session)
            if session.exec(overlapping).first() is not None:
                raise conflict("absence_overlaps")
            session.exec(delete(AbsenceRow).where(col(AbsenceRow.id) == absence_id))
            row = AbsenceRow(
                id=absence_id, person_id=absence.person_id, first=absence.first, last=absence.last,
                proxy=absence.proxy, entered_by=by, entered_at=self.now(),
            )  # fmt: skip
            session.add(row)
            authority.note(session, row, by, row.entered_at)
            add(session, (notice_row(one, _told_of(row, one), row.entered_at) for one in told))
            session.flush()
            session.expunge(row)
            return row

    def _document(self, session: Session, kind: str, number: int | None, model: type[Model]) -> Model | None:
        if number is None:
            return None
        kept = self._kept.get(kind)
        if kept is not None and kept[0] == number and isinstance(kept[1], model):
            return kept[1]
        row = session.get_one(DocumentRow, number)
        document = model.model_validate_json(row.content)
        self._kept[kind] = (number, document)
        return document

    def _organised(self, session: Session, number: int | None, *, deputies: bool) -> Organisation:
        """The organisation with absences; its indexes are kept as long as nothing changes."""
        rows = tuple(session.connection().execute(_ABSENCES).all())
        key = (number or 0, rows, deputies)
        if self._organisation is None or self._organisation[0] != key:
            base = self._document(session, ORGANISATION, number, Organisation) or Organisation()
            absences = tuple(
                Absence(person_id=person, first=first, last=last, proxy=proxy) for person, first, last, proxy in rows
            )
            known = {"absences": absences, "deputies_stand_in": deputies}
            self._organisation = (key, base.model_copy(update=known))
        return self._organisation[1]


def _joins(state: CycleState) -> tuple[str, ...]:
    """The cycles that a Share wants to join, each once; no other step wants any."""
    if state.step is not Step.SHARE:
        return ()
    return tuple(dict.fromkeys(one.join for one in state.deliverables.share.next if one.join))


_ABSENT, _DOCUMENTS, _CYCLES = (SQLModel.metadata.tables[name] for name in ("absence", "document", "cycle"))
_ABSENCES = choose(_ABSENT.c.person_id, _ABSENT.c.first, _ABSENT.c.last, _ABSENT.c.proxy).order_by(
    _ABSENT.c.first, _ABSENT.c.id
)
_NEWEST = choose(_DOCUMENTS.c.kind, func.max(_DOCUMENTS.c.number).label("newest")).group_by(_DOCUMENTS.c.kind)
_STATE = choose(_CYCLES.c.state).where(_CYCLES.c.id == bindparam("cycle"))


def newest_of(session: Session, kind: str) -> DocumentRow | None:
    """The document of a kind that is in force."""
    query = select(DocumentRow).where(DocumentRow.kind == kind).order_by(col(DocumentRow.number).desc())
    return session.exec(query.limit(1)).first()


def written(document: BaseModel, before: Organisation) -> str:
    """A document as it is kept; an organisation with the units that it leaves out."""
    if not isinstance(document, Organisation):
        return document.model_dump_json(by_alias=True)
    return carried(document, before).model_dump_json(by_alias=True, exclude={"absences", "deputies_stand_in"})


def _told_of(row: AbsenceRow, notice: Notice) -> str:
    """The name of what is told: the same days and proxy once more are nothing new."""
    return f"absence/{row.id}/{row.first}/{row.last}/{notice.kind.value}"
