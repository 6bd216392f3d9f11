"""What waits for a person: how much, what, and what they could pull up; columns only, never a cycle's whole state."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from functools import lru_cache
from threading import Lock
from typing import NamedTuple

from sqlalchemy import ColumnElement, Engine, and_, not_, or_, tuple_
from sqlmodel import Session, col, func, select

from engine.contracts.lists import Waiting
from engine.domain.access.reading import Clearance
from engine.domain.organisation.organisation import Grant, Organisation, PostRef
from engine.domain.organisation.remits import NOTHING, Remit, remit_of
from engine.domain.review.authority import superiors
from engine.domain.review.facts import Facts
from engine.domain.steps import Step
from engine.store.database import reading
from engine.store.readable import is_readable, readable
from engine.store.tables import CycleRow, WaitingRow

Pair = tuple[str, str]
"""A post, and the owner of what lies there: nobody decides their own work."""
After = tuple[datetime, str]
"""Due time and cycle of the last matter seen."""


class _Standings:
    """Who may pull up, asked once for each post and owner while organisation and day stay the same."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._of: tuple[Organisation, date] | None = None
        self._superiors: dict[Pair, tuple[Grant, ...]] = {}

    def superiors(self, pairs: Iterable[Pair], facts: Facts, person: str) -> dict[Pair, Grant]:
        """The pairs that this person could pull up, with their grant."""
        found: dict[Pair, Grant] = {}
        with self._lock:
            self._keep_for(facts)
            for pair in pairs:
                if pair not in self._superiors:
                    post = PostRef.parse(pair[0])
                    self._superiors[pair] = superiors(post, facts.organisation, facts.today, pair[1])
                for one in self._superiors[pair]:
                    if one.person_id == person:
                        found[pair] = one
        return found

    def _keep_for(self, facts: Facts) -> None:
        if self._of is None or self._of[0] is not facts.organisation or self._of[1] != facts.today:
            self._of = (facts.organisation, facts.today)
            self._superiors = {}


class Work:
    """Reads what waits."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._standings = _Standings()

    def count(self, person_id: str, facts: Facts) -> int:
        """How many cycles wait for this person's decision today."""
        mine = remit_of(person_id, facts.organisation, facts.today)
        if mine == NOTHING:
            return 0
        with reading(self._engine) as session:
            rows = session.execute(_HERE.where(_lies_with(mine)))
            return len({cycle for cycle, post, owner in rows if mine.holds(post, owner)})

    def inbox(self, person_id: str, facts: Facts) -> list[Waiting]:
        """What waits for this person today, the most urgent first."""
        mine = remit_of(person_id, facts.organisation, facts.today)
        if mine == NOTHING:
            return []
        with reading(self._engine) as session:
            rows = _rows(session, _lies_with(mine))
        found: dict[str, Waiting] = {}
        for row, grant in _granted(rows, person_id, facts):
            why = "proxy" if grant.why == "proxy" else row.why
            known = found.get(row.cycle_id)
            if known is None or (known.why != "post" and why == "post"):
                found[row.cycle_id] = _waiting(row, grant, why)
        return list(found.values())

    def below_count(self, person_id: str, facts: Facts, clearance: Clearance) -> int:
        """How much a superior could pull up today."""
        with reading(self._engine) as session:
            where, _ = self._below(session, person_id, facts)
            there = is_readable(clearance, col(WaitingRow.cycle_id))
            return session.exec(select(func.count()).select_from(WaitingRow).where(where, there)).one()

    def below(
        self,
        person_id: str,
        facts: Facts,
        clearance: Clearance,
        limit: int | None = None,
        after: After | None = None,
    ) -> list[Waiting]:
        """What a superior could pull up (引上げ) today, the most urgent first; shown only when they ask for it."""
        with reading(self._engine) as session:
            where, mine = self._below(session, person_id, facts)
            if after is not None:
                due, cycle = col(WaitingRow.due_at), col(WaitingRow.cycle_id)
                where = and_(where, or_(due > after[0], and_(due == after[0], cycle > after[1])))
            rows = _rows(session, and_(where, readable(clearance)), limit)
        grants = ((row, mine[row.post, row.owner]) for row in rows)
        return [_waiting(row, grant, grant.why) for row, grant in grants]

    def _below(self, session: Session, person_id: str, facts: Facts) -> tuple[ColumnElement[bool], dict[Pair, Grant]]:
        """The condition on what can be pulled up: the posts, without the few owners for whom they are no superior."""
        every = _pairs(session, WaitingRow.why == "post")
        mine = self._standings.superiors(every, facts, person_id)
        posts = {post for post, _ in mine}
        others: dict[str, set[str]] = {}
        for post, owner in every:
            if post in posts and (post, owner) not in mine:
                others.setdefault(owner, set()).add(post)
        where = and_(
            col(WaitingRow.why) == "post", col(WaitingRow.pull_up).is_(True), col(WaitingRow.post).in_(posts)
        )
        if others:
            where = and_(where, not_(or_(*(_of(owner, at) for owner, at in others.items()))))
        return where, mine


@lru_cache(maxsize=1024)
def _lies_with(mine: Remit) -> ColumnElement[bool]:
    """The condition on what may be theirs to decide; a few owners at their posts for whom it is not are still in."""
    at, owner = col(WaitingRow.post), col(WaitingRow.owner)
    return or_(at.in_(sorted(mine.posts)), tuple_(at, owner).in_(sorted(mine.for_some)))


def _granted(rows: Iterable["_Row"], person: str, facts: Facts) -> Iterator[tuple["_Row", Grant]]:
    """The matters that are a person's to decide, with what lets them; asked once for each post and owner."""
    known: dict[Pair, tuple[Grant, ...]] = {}
    for row in rows:
        pair = row.post, row.owner
        if pair not in known:
            post = (PostRef.parse(row.post),)
            known[pair] = facts.organisation.acts_for(person, post, facts.today, excluding=row.owner)
        for grant in known[pair]:
            yield row, grant


def _of(owner: str, posts: set[str]) -> ColumnElement[bool]:
    return and_(col(WaitingRow.owner) == owner, col(WaitingRow.post).in_(posts))


_HERE = select(WaitingRow.cycle_id, WaitingRow.post, WaitingRow.owner)


def _pairs(session: Session, *where: ColumnElement[bool] | bool) -> list[Pair]:
    found = session.exec(select(WaitingRow.post, WaitingRow.owner).where(*where).distinct())
    return [(post, owner) for post, owner in found]


class _Row(NamedTuple):
    """A matter, with what lists show of its cycle."""

    cycle_id: str
    post: str
    owner: str
    why: str
    round: int
    since: datetime
    due_at: datetime
    step: str
    title: str
    org_unit: str
    revision: int
    updated_at: datetime


_COLUMNS = (
    WaitingRow.cycle_id, WaitingRow.post, WaitingRow.owner, WaitingRow.why, WaitingRow.round, WaitingRow.since,
    WaitingRow.due_at, CycleRow.step, CycleRow.title, CycleRow.org_unit, CycleRow.revision, CycleRow.updated_at,
)  # fmt: skip


def _rows(session: Session, where: ColumnElement[bool], limit: int | None = None) -> list[_Row]:
    query = select(*_COLUMNS).join(CycleRow, col(CycleRow.id) == col(WaitingRow.cycle_id))  # type: ignore[call-overload]
    ordered = query.where(where).order_by(col(WaitingRow.due_at), col(WaitingRow.cycle_id), col(WaitingRow.post))
    return [_Row._make(row) for row in session.execute(ordered.limit(limit))]


def _waiting(row: _Row, grant: Grant, why: str) -> Waiting:
    return Waiting.model_construct(
        cycle_id=row.cycle_id,
        round=row.round,
        step=Step(row.step),
        title=row.title,
        org_unit=row.org_unit,
        owner=row.owner,
        revision=row.revision,
        updated_at=row.updated_at,
        grant=grant,
        why=why,
        since=row.since,
        due_at=row.due_at,
    )
