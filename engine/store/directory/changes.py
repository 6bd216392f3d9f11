"""Documents on their way into force: at once, in an emergency, or after a second one has agreed.

The rules are `engine.domain.administration`; here a document, its fact, the end of what waited, and whoever is told
are written in one transaction.
"""

from collections.abc import Callable

from pydantic import BaseModel
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from engine.contracts.documents import ORGANISATION, POLICY, ROADMAP, AskedDocument, DocumentPut, SeenChange
from engine.domain.access.imports import may_adopt, may_replace
from engine.domain.administration.changes import (
    DocumentStanding,
    must_agree,
    must_be_their_own,
    must_withdraw,
    standing_of,
)
from engine.domain.errors import DomainError, conflict
from engine.domain.ledger.facts import ChangeOutcome
from engine.domain.organisation.first_city import FORM
from engine.domain.organisation.organisation import Organisation
from engine.domain.roadmap import Edition
from engine.store import authority
from engine.store.database import reading, writing
from engine.store.directory.change_rows import ChangeDesk, document_of
from engine.store.directory.directory import Directory, newest_of, written
from engine.store.hash_chain import lock
from engine.store.tables import CycleRow, DocumentRow, ProposedChangeRow

CLOSED_SHOWN = 20
"""Changes that are over and still listed."""


class Changes:
    """Of one database; every method blocks.

    Args:
        engine: of the database.
        directory: what is in force.
        is_sample: whether an organisation says exactly what the sample city says.
    """

    def __init__(self, engine: Engine, directory: Directory, is_sample: Callable[[Organisation], bool]) -> None:
        self._engine = engine
        self._directory = directory
        self._is_sample = is_sample

    def look(self, asked: AskedDocument) -> DocumentPut:
        """What would become of it; changes nothing.

        Raises:
            DomainError: it may not be put in force at all.
        """
        with reading(self._engine) as session:
            desk = ChangeDesk(session, self._directory)
            self._must_be_allowed(session, desk, asked.name, asked.document)
            return _judged(session, desk, asked)

    def put(self, asked: AskedDocument) -> DocumentPut:
        """Puts it in force, or lets it wait; what is in force already stays as it is.

        Raises:
            DomainError: an organisation under a name that is kept, or that leaves nobody to look after it; an edition
                that is adopted and would change; `change_waits`: another one of its kind waits, and this one is no
                emergency.
        """
        with writing(self._engine) as session:
            lock(session)
            desk = ChangeDesk(session, self._directory)
            if asked.emergency is not None:
                must_be_their_own(asked.by, by_token_of=asked.by_token_of)
            self._must_be_allowed(session, desk, asked.name, asked.document)
            judged = _judged(session, desk, asked)
            content = written(asked.document, desk.facts.organisation)
            newest = newest_of(session, asked.kind)
            if newest is not None and newest.content == content:
                return DocumentPut(DocumentStanding.AT_ONCE, (), newest.number)
            waiting = session.exec(select(ProposedChangeRow).where(ProposedChangeRow.kind == asked.kind)).first()
            if waiting is not None:
                if asked.emergency is None and waiting.content == content:
                    return DocumentPut(judged.standing, judged.changes, None, desk.seen(waiting.id, asked.by).change)
                if asked.emergency is None:
                    raise conflict("change_waits", name=waiting.name)
                desk.not_made(waiting, ChangeOutcome.OVERTAKEN, asked.by, asked.emergency)
            base = (newest.number or 0) if newest is not None else 0
            if judged.standing is DocumentStanding.WAITS:
                change = desk.waits(asked, content, base)
                return DocumentPut(judged.standing, judged.changes, None, desk.seen(change, asked.by).change)
            emergency = asked.emergency if judged.standing is DocumentStanding.EMERGENCY else None
            number = desk.in_force(asked, content, emergency=emergency)
            if emergency is not None:
                desk.tell_of_emergency(number, asked, content, base, judged.changes)
            return DocumentPut(judged.standing, judged.changes, number)

    def seen(self, person: str) -> list[SeenChange]:
        """Those that wait and that a person may see, then the last that are over."""
        with reading(self._engine) as session:
            desk = ChangeDesk(session, self._directory)
            found = [desk.shown(one, person) for one in desk.every() if desk.may_read(one, person)]
        over = [one for one in found if one.change.outcome is not None]
        return [one for one in found if one.change.outcome is None] + over[:CLOSED_SHOWN]

    def one(self, change_id: str, person: str) -> SeenChange:
        """One of them.

        Raises:
            DomainError: `unknown_change`: there is none, or it is not theirs to see.
        """
        with reading(self._engine) as session:
            return ChangeDesk(session, self._directory).seen(change_id, person)

    def agree(self, change_id: str, person: str, *, by_token_of: str | None) -> SeenChange:
        """A second one agrees: it is in force.

        Raises:
            DomainError: `unknown_change`, why this person may not, or why the document may not any more.
        """
        with writing(self._engine) as session:
            lock(session)
            desk = ChangeDesk(session, self._directory)
            must_agree(desk.seen(change_id, person).change, person, desk.facts, by_token_of=by_token_of)
            row = session.get_one(ProposedChangeRow, change_id)
            self._must_be_allowed(session, desk, row.name, document_of(row))
            desk.takes_effect(row, ChangeOutcome.AGREED, person)
            return desk.seen(change_id, person)

    def withdraw(self, change_id: str, person: str, reason: str | None, *, by_token_of: str | None) -> SeenChange:
        """It is not made.

        Raises:
            DomainError: `unknown_change`, or why this person may not.
        """
        with writing(self._engine) as session:
            lock(session)
            desk = ChangeDesk(session, self._directory)
            must_withdraw(desk.seen(change_id, person).change, person, desk.facts, by_token_of=by_token_of)
            desk.not_made(session.get_one(ProposedChangeRow, change_id), ChangeOutcome.WITHDRAWN, person, reason)
            return desk.seen(change_id, person)

    def take_due(self) -> list[str]:
        """Those whose day has come take effect, or end where they may not any more; gives their ids."""
        with reading(self._engine) as session:
            waiting = session.exec(select(ProposedChangeRow.id).order_by(col(ProposedChangeRow.proposed_at))).all()
        return [one for one in waiting if self._take_one(one)]

    def _take_one(self, change_id: str) -> bool:
        with writing(self._engine) as session:
            lock(session)
            row = session.get(ProposedChangeRow, change_id)
            if row is None:  # somebody was quicker
                return False
            desk = ChangeDesk(session, self._directory)
            if not desk.is_due(change_id):
                return False
            try:
                self._must_be_allowed(session, desk, row.name, document_of(row))
                desk.takes_effect(row, ChangeOutcome.DUE, authority.SYSTEM)
            except DomainError as error:
                desk.not_made(row, ChangeOutcome.OVERTAKEN, authority.SYSTEM, error.refusal.code)
            return True

    def _must_be_allowed(self, session: Session, desk: ChangeDesk, name: str, document: BaseModel) -> None:
        if isinstance(document, Organisation):
            facts = desk.facts
            may_replace(document, facts.organisation, name, facts.today, sample=self._is_sample(document))
        elif isinstance(document, Edition):
            rows = session.exec(select(DocumentRow).where(DocumentRow.kind == ROADMAP, DocumentRow.name == name))
            may_adopt(document, [Edition.model_validate_json(row.content) for row in rows])


def _judged(session: Session, desk: ChangeDesk, asked: AskedDocument) -> DocumentPut:
    newest = newest_of(session, asked.kind)
    changes = desk.changes_of(asked.kind, asked.document)
    if asked.kind == POLICY:  # until something has begun, nobody is decided over by another one than before
        first = newest is None and session.exec(select(CycleRow.id).limit(1)).first() is None
    else:
        first = newest is None or (asked.kind == ORGANISATION and newest.name == FORM)
    return DocumentPut(
        standing_of(first=first, changes=bool(changes), emergency=asked.emergency is not None), changes
    )
