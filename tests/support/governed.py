"""A city with two administrators, its clock, and its changes of who decides."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Engine
from sqlmodel import select

from engine.contracts.documents import ORGANISATION, POLICY, AskedDocument, DocumentPut
from engine.domain.organisation.organisation import Duty, Organisation, Post, PostRef, PostRole
from engine.domain.review.policy import Policy
from engine.store.database import reading
from engine.store.directory.changes import Changes
from engine.store.directory.directory import Directory
from engine.store.record import verify as check
from engine.store.tables_outgoing import NoticeRow
from tests.support import city

SECOND = "second"
"""Another administrator."""
WHOLE = city.organisation()
WITH_TWO = WHOLE.model_copy(
    update={
        "people": (*WHOLE.people, WHOLE.people[0].model_copy(update={"person_id": SECOND, "email": "s@example.jp"})),
        "posts": (
            *WHOLE.posts,
            Post(person_id=SECOND, unit_code="C", title="x", role=PostRole.STAFF, duties=(Duty.ADMIN,)),
        ),
    }
)


@dataclass
class Day:
    """The clock of a test."""

    at: datetime = datetime(2026, 11, 27, 3, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


@dataclass
class Governed:
    """A city in force, its clock and its changes."""

    database: Engine
    day: Day
    directory: Directory
    changes: Changes

    def put(self, document: Organisation | Policy, by: str = city.ADMIN, emergency: str | None = None) -> DocumentPut:
        kind = ORGANISATION if isinstance(document, Organisation) else POLICY
        return self.changes.put(AskedDocument(kind, "file", document, by, emergency))

    def heads(self, unit: str = "U") -> tuple[str, ...]:
        facts = self.directory.facts()
        return facts.organisation.holders(PostRef(kind="head", unit=unit), facts.today)

    def told(self, kind: str) -> set[str]:
        with reading(self.database) as session:
            return {row.person_id for row in session.exec(select(NoticeRow)).all() if row.kind == kind}

    def is_whole(self) -> bool:
        return check.verify(self.database).faults == ()


def headed_by(person: str, base: Organisation = WITH_TWO) -> Organisation:
    """The administrator's own wish: to be the head of an office."""
    posts = [one for one in base.posts if (one.unit_code, one.role) != ("U", PostRole.HEAD)]
    head = Post(person_id=person, unit_code="U", title="x", role=PostRole.HEAD)
    return base.model_copy(update={"posts": (*posts, head)})
