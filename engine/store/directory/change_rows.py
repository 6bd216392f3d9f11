"""One transaction about a document that changes who decides: its row, its facts, and whoever is told."""

import hashlib
from datetime import timedelta
from uuid import uuid4

from pydantic import BaseModel, ValidationError
from sqlmodel import Session, col, select

from engine.contracts.documents import ORGANISATION, POLICY, AskedDocument, SeenChange
from engine.domain.administration.changes import change_of, is_due, must_read, seconds
from engine.domain.administration.deciders import DeciderChange, concerns, decider_changes, heads_concerned
from engine.domain.errors import DomainError, conflict, not_found
from engine.domain.ledger.facts import ChangeClosed, ChangeOutcome
from engine.domain.notices.changes import change_notices, told_where_they_were
from engine.domain.notices.recipients import Notice, NoticeKind
from engine.domain.organisation.carry_over import carried
from engine.domain.organisation.organisation import Organisation
from engine.domain.review.facts import Facts
from engine.domain.review.policy import Policy
from engine.store import authority
from engine.store.directory.directory import Directory, newest_of
from engine.store.ledger_rows import CHANGES, entry_of
from engine.store.notice_rows import add, notice_row
from engine.store.tables import DocumentRow, LedgerRow, ProposedChangeRow
from engine.store.tables_outgoing import NoticeRow

DAY = timedelta(days=1)
_KINDS: dict[str, type[BaseModel]] = {ORGANISATION: Organisation, POLICY: Policy}


class ChangeDesk:
    """Reads and writes about changes in one session, which holds the lock when it writes."""

    def __init__(self, session: Session, directory: Directory) -> None:
        self._session = session
        self._now = directory.now()
        self.facts: Facts = directory.facts(session)

    def changes_of(self, kind: str, document: BaseModel) -> tuple[DeciderChange, ...]:
        """By what a document would change who decides today."""
        if isinstance(document, Organisation):
            document = carried(document, self.facts.organisation)
        before = {ORGANISATION: self.facts.organisation, POLICY: self.facts.policy}.get(kind)
        return decider_changes(before, document, self.facts.today, self.facts.policy)

    def every(self) -> list[SeenChange]:
        """All there ever were, the newest first."""
        query = select(LedgerRow.stream).where(LedgerRow.type == "change_proposed")
        streams = self._session.exec(query.order_by(col(LedgerRow.position).desc())).all()
        return [found for one in streams if (found := self._seen(one.partition("/")[2])) is not None]

    def seen(self, change_id: str, person: str) -> SeenChange:
        """One that the person may see; raises `unknown_change`."""
        found = self._seen(change_id)
        if found is None or not self.may_read(found, person):
            raise not_found("unknown_change", change=change_id)
        return self.shown(found, person)

    def shown(self, one: SeenChange, person: str) -> SeenChange:
        """What a person sees of a change: a head their own places only, since a transfer is secret at first."""
        facts = self.facts
        if person == one.change.proposed_by or person in seconds(facts):
            return one
        mine = tuple(place for place in one.changes if concerns(place, person, facts.organisation, facts.today))
        return SeenChange(one.change, mine)

    def is_due(self, change_id: str) -> bool:
        """Whether the day of one that waits has come; one whose facts are gone is looked at too, and ends."""
        found = self._seen(change_id)
        return found is None or is_due(found.change, self._now, self.facts.today)

    def may_read(self, one: SeenChange, person: str) -> bool:
        """Whether a person sees a change; who was told of it does so when it is over too."""
        facts = self.facts
        kinds = (NoticeKind.CHANGE_PROPOSED, NoticeKind.CHANGE_IN_EMERGENCY)
        told = [f"{CHANGES}/{one.change.change_id}/{kind.value}/{person}" for kind in kinds]
        if self._session.exec(select(NoticeRow.id).where(col(NoticeRow.id).in_(told))).first() is not None:
            return True
        try:
            must_read(one.change, person, facts, heads_concerned(one.changes, facts.organisation, facts.today))
        except DomainError:
            return False
        return True

    def waits(self, asked: AskedDocument, content: str, base: int) -> str:
        """A document waits from now on, until tomorrow at the latest; gives the change's id."""
        row = ProposedChangeRow(
            id=uuid4().hex[:12], kind=asked.kind, name=asked.name, content=content, base=base,
            proposed_by=asked.by, proposed_at=self._now, takes_effect=self.facts.today + DAY,
        )  # fmt: skip
        self._session.add(row)
        self._session.flush()
        authority.note_proposed(self._session, row, asked.by_token_of)
        self._tell(row, NoticeKind.CHANGE_PROPOSED, row.proposed_by, row.takes_effect.isoformat())
        return row.id

    def takes_effect(self, row: ProposedChangeRow, outcome: ChangeOutcome, by: str) -> None:
        """What waited is in force.

        Raises:
            DomainError: `change_overtaken`: it would replace another document than it was compared with.
        """
        newest, found = newest_of(self._session, row.kind), self._seen(row.id)
        digest = hashlib.sha256(row.content.encode()).hexdigest()
        if newest is None or newest.number != row.base or found is None or digest != found.change.sha256:
            raise conflict("change_overtaken", name=row.name)
        asked = AskedDocument(row.kind, row.name, document_of(row), row.proposed_by)
        number = self.in_force(asked, row.content, change=row.id)
        self._end(row, ChangeClosed(outcome=outcome, number=number), NoticeKind.CHANGE_IN_FORCE, by)

    def not_made(self, row: ProposedChangeRow, outcome: ChangeOutcome, by: str, reason: str | None) -> None:
        """What waited is withdrawn or overtaken."""
        self._end(row, ChangeClosed(outcome=outcome, reason=reason), NoticeKind.CHANGE_NOT_MADE, by)

    def in_force(
        self, asked: AskedDocument, content: str, *, emergency: str | None = None, change: str | None = None
    ) -> int:
        """Puts a document in force, as `written` spells it; gives its number."""
        row = DocumentRow(
            kind=asked.kind, name=asked.name, content=content, imported_at=self._now, imported_by=asked.by
        )
        self._session.add(row)
        self._session.flush()
        authority.note_document(self._session, row, emergency=emergency, change=change)
        return row.number or 0

    def tell_of_emergency(
        self, number: int, asked: AskedDocument, content: str, base: int, changes: tuple[DeciderChange, ...]
    ) -> None:
        """Tells whoever would have been asked that nobody was, and why; it stands among the changes."""
        row = ProposedChangeRow(
            id=uuid4().hex[:12], kind=asked.kind, name=asked.name, content=content, base=base,
            proposed_by=asked.by, proposed_at=self._now, takes_effect=self.facts.today,
        )  # fmt: skip
        authority.note_proposed(self._session, row, asked.by_token_of)
        fact = ChangeClosed(outcome=ChangeOutcome.EMERGENCY, reason=asked.emergency, number=number)
        authority.note_closed(self._session, row.id, fact, asked.by, self._now)
        told = self._notices(NoticeKind.CHANGE_IN_EMERGENCY, changes, asked.name, asked.emergency or "", asked.by)
        if isinstance(asked.document, Organisation):
            told = told_where_they_were(told, self.facts.organisation, asked.document)
        name = f"{CHANGES}/{row.id}/{NoticeKind.CHANGE_IN_EMERGENCY.value}"
        add(self._session, (notice_row(one, name, self._now) for one in told))

    def _end(self, row: ProposedChangeRow, fact: ChangeClosed, kind: NoticeKind, by: str) -> None:
        authority.note_closed(self._session, row.id, fact, by, self._now)
        self._tell(row, kind, by, fact.reason or "")
        self._session.delete(row)
        self._session.flush()

    def _seen(self, change_id: str) -> SeenChange | None:
        query = select(LedgerRow).where(LedgerRow.stream == f"{CHANGES}/{change_id}").order_by(col(LedgerRow.seq))
        change = change_of([entry_of(row) for row in self._session.exec(query).all()])
        row = self._session.get(ProposedChangeRow, change_id)
        return None if change is None else SeenChange(change, self._waiting(row))

    def _waiting(self, row: ProposedChangeRow | None) -> tuple[DeciderChange, ...]:
        """By what a document that waits changes who decides; nothing where it cannot be read."""
        try:
            return self.changes_of(row.kind, document_of(row)) if row is not None else ()
        except DomainError:
            return ()

    def _tell(self, row: ProposedChangeRow, kind: NoticeKind, by: str, words: str) -> None:
        """Tells whom a change that waited concerns, and whoever proposed it."""
        told = self._notices(kind, self._waiting(row), row.name, words, by)
        own = change_notices(kind, [row.proposed_by], name=row.name, words=words, by=self._named(by))
        name = f"{CHANGES}/{row.id}/{kind.value}"
        add(self._session, (notice_row(one, name, self._now) for one in (*told, *own)))

    def _notices(
        self, kind: NoticeKind, changes: tuple[DeciderChange, ...], name: str, words: str, by: str
    ) -> tuple[Notice, ...]:
        facts = self.facts
        people = {*heads_concerned(changes, facts.organisation, facts.today), *seconds(facts)}
        known = [one for one in people if facts.organisation.person(one) is not None]
        return change_notices(kind, known, name=name, words=words, by=self._named(by))

    def _named(self, by: str) -> tuple[str, str]:
        person = self.facts.organisation.person(by)
        return by, person.name if person is not None else by


def document_of(row: ProposedChangeRow) -> BaseModel:
    """The document that waits.

    Raises:
        DomainError: `change_overtaken`: it was altered while it waited, or is of a version that is read no more.
    """
    try:
        return _KINDS[row.kind].model_validate_json(row.content)
    except (KeyError, ValidationError) as error:
        raise conflict("change_overtaken", name=row.name) from error
