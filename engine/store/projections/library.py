"""The case library in SQL: one row and one indexed text for each case, made from the journal with the cycle's row."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Engine, Table, insert, text
from sqlmodel import Session, SQLModel, col, delete, func, select

from engine.contracts.lists import CaseFilter
from engine.domain.access.reading import Clearance, may_read
from engine.domain.cycle.state import CycleState
from engine.domain.spread.cases import figures_of, texts_of
from engine.domain.spread.similar_cases import Likeness, Rarity, similar, words_asked
from engine.store.database import reading
from engine.store.projections import search_index as search
from engine.store.readable import readable, readable_ids
from engine.store.tables import CaseSheetRow, CycleRow

SHEETS: Table = SQLModel.metadata.tables["case_sheet"]
CANDIDATES = 30
"""Cases that are compared in full with what is being imagined."""
MARGIN = 20
"""Ranked cases that are looked at beyond those asked for, since some of them may not be read."""
MOST_TERMS = 20_000
"""Tokens whose frequency is kept at most."""


class Found(BaseModel):
    """A case in a list: its cycle, its row's figures, and how well it matches."""

    model_config = ConfigDict(frozen=True)

    state: CycleState
    score: float | None
    shared_at: datetime


def project(session: Session, state: CycleState) -> None:
    """Puts the cycle on its shelf once it has ended; an open cycle costs nothing."""
    row = case_row(state)
    if row is None:
        return
    session.exec(delete(CaseSheetRow).where(col(CaseSheetRow.cycle_id) == state.cycle_id))
    session.connection().execute(insert(SHEETS), row)
    title, body = content(state)
    search.index(session, state.cycle_id, title, body)


def take_away(session: Session, cycle_id: str) -> None:
    """Takes a cycle off its shelf: it goes on, because the decision that ended it was taken back."""
    session.exec(delete(CaseSheetRow).where(col(CaseSheetRow.cycle_id) == cycle_id))
    search.forget(session, cycle_id)


def empty(session: Session) -> None:
    """Throws the library away; the journal stays."""
    session.exec(delete(CaseSheetRow))
    search.empty(session)


def refill(session: Session) -> None:
    """The library from the cycles' rows: for a database from before there was one."""
    ended = select(CycleRow.state).where(col(CycleRow.status).in_(("completed", "rejected")))
    for state in session.exec(ended).all():
        project(session, CycleState.model_validate_json(state))


def case_row(state: CycleState) -> dict[str, Any] | None:
    """The row of a case; None when the cycle is not in the library."""
    figures = figures_of(state)
    if figures is None:
        return None
    return {
        "cycle_id": state.cycle_id,
        "number": search.number_of(state.cycle_id),
        "initiative_id": state.initiative_id,
        "kind": state.kind.value,
        "pillar": state.pillar.value if state.pillar else None,
        "startup": state.startup,
        "org_unit": state.org_unit,
        "org_scope": state.org_scope.value,
        "work_scope": state.work_scope.value,
        "adopted_from": state.adopted_from,
        "standing": figures.standing.value,
        "public_level": figures.public_level.value,
        "verdict": figures.verdict.value if figures.verdict else None,
        "difficulty": figures.difficulty,
        "worse": figures.worse,
        "minutes_saved_per_case": figures.minutes_saved_per_case,
        "cases_per_year": figures.cases_per_year,
        "shared_at": figures.shared_at,
        "fiscal_year": figures.fiscal_year,
    }


def has_strays(session: Session) -> bool:
    """Whether the index holds more texts than there are cases."""
    return search.size(session) > session.exec(select(func.count()).select_from(CaseSheetRow)).one()


def content(state: CycleState) -> tuple[str, str]:
    """Title and text of a case, as they are searched."""
    title, *rest = texts_of(state)
    return title, "\n".join(rest)


class Library:
    """Reads the cases."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._shelf: tuple[int, datetime | None] | None = None
        self._seen_in: dict[str, int] = {}

    def newest(
        self, wanted: CaseFilter, limit: int, clearance: Clearance, after: tuple[datetime, str] | None = None
    ) -> list[Found]:
        """Up to `limit` cases, newest first, those beyond `after` only."""
        query = select(CaseSheetRow, CycleRow.state).join(CycleRow, col(CycleRow.id) == col(CaseSheetRow.cycle_id))
        for name, value in wanted.model_dump(exclude_none=True).items():
            query = query.where(getattr(CaseSheetRow, name) == value)
        if after is not None:
            at, name = after
            query = query.where(
                (col(CaseSheetRow.shared_at) < at)
                | ((col(CaseSheetRow.shared_at) == at) & (col(CaseSheetRow.cycle_id) < name))
            )
        query = query.order_by(col(CaseSheetRow.shared_at).desc(), col(CaseSheetRow.cycle_id).desc()).limit(limit)
        with reading(self._engine) as session:
            query = query.where(readable(clearance))
            return [_found(state, None, row.shared_at) for row, state in session.exec(query).all()]

    def matching(
        self, q: str, wanted: CaseFilter, limit: int, clearance: Clearance, after: tuple[float, str] | None = None
    ) -> list[Found]:
        """Up to `limit` cases that hold every word of `q`, the best match first, those beyond `after` only.

        The index does not know who may read, so a few more are ranked than are asked for.
        """
        asked = search.phrases(q)
        if not asked:
            return []
        found: dict[str, float] = {}
        with reading(self._engine) as session:
            expression, most = search.expression(session, asked), limit + MARGIN
            while True:
                scores = _ranked(session, expression, wanted, most, after)
                there = readable_ids(session, clearance, scores)
                found |= {name: score for name, score in scores.items() if name in there}
                if len(scores) < most or len(found) >= limit:
                    return _whole(session, dict(list(found.items())[:limit]))
                name, score = list(scores.items())[-1]
                after = (score, name)

    def similar(self, cycle: CycleState, clearance: Clearance) -> list[tuple[CycleState, Likeness]]:
        """The cases most like what `cycle` imagines (`similar_cases.similar`), among those that may be read.

        Only the best matches of the index are compared in full.
        """
        asked = words_asked(cycle, search.tokens)
        if not asked:
            return []
        with reading(self._engine) as session:
            any_of = search.expression(session, [search.Phrase((token,)) for token in asked], all_of=False)
            sql = (
                f"WITH m AS MATERIALIZED ({search.matching(session)}) "  # noqa: S608 - as above
                "SELECT s.cycle_id FROM m, case_sheet s WHERE s.number = m.number AND s.cycle_id <> :name "
                "ORDER BY m.score DESC, s.cycle_id LIMIT :limit"
            )
            given = {"match": any_of, "name": cycle.cycle_id, "limit": CANDIDATES}
            names = [row[0] for row in session.execute(text(sql), given).all()]
            shelf = session.exec(select(func.count(), func.max(CaseSheetRow.shared_at))).one()
            rarity = Rarity(seen_in=self._frequencies(session, asked, shelf), cases=shelf[0])
            found = session.exec(select(CycleRow.state).where(col(CycleRow.id).in_(names), readable(clearance))).all()
        return similar(cycle, (CycleState.model_validate_json(one) for one in found), asked, search.tokens, rarity)

    def _frequencies(
        self, session: Session, terms: Sequence[str], shelf: tuple[int, datetime | None]
    ) -> dict[str, int]:
        """In how many cases each token occurs, kept for as long as no case is added to the shelf."""
        if self._shelf != shelf or len(self._seen_in) > MOST_TERMS:
            self._shelf, self._seen_in = shelf, {}
        seen_in = self._seen_in
        seen_in |= search.frequencies(session, [term for term in terms if term not in seen_in])
        return {term: seen_in[term] for term in terms}

    def case(self, case_id: str, clearance: Clearance) -> CycleState | None:
        """The cycle of a case; None when it is not in the library for who asks."""
        with reading(self._engine) as session:
            if session.get(CaseSheetRow, case_id) is None:
                return None
            state = CycleState.model_validate_json(session.get_one(CycleRow, case_id).state)
        return state if may_read(clearance, state) else None


def _ranked(
    session: Session, expression: str, wanted: CaseFilter, limit: int, after: tuple[float, str] | None
) -> dict[str, float]:
    """Up to `limit` names with their scores, the best first, whoever may read them."""
    given: dict[str, Any] = {"match": expression, "limit": limit}
    conditions = ["s.number = m.number"]
    for name, value in wanted.model_dump(exclude_none=True).items():
        conditions.append(f"s.{name} = :{name}")
        given[name] = value
    if after is not None:
        given |= {"score": after[0], "name": after[1]}
        conditions.append("(m.score < :score OR (m.score = :score AND s.cycle_id < :name))")
    sql = (
        f"WITH m AS MATERIALIZED ({search.matching(session)}) "  # noqa: S608 - names are ours, values are bound
        "SELECT s.cycle_id, m.score FROM m, case_sheet s "
        f"WHERE {' AND '.join(conditions)} ORDER BY m.score DESC, s.cycle_id DESC LIMIT :limit"
    )
    return {row[0]: row[1] for row in session.execute(text(sql), given).all()}


def _whole(session: Session, scores: dict[str, float]) -> list[Found]:
    """The cases with what they say, in the same order."""
    rows = session.exec(
        select(CaseSheetRow, CycleRow.state)
        .join(CycleRow, col(CycleRow.id) == col(CaseSheetRow.cycle_id))
        .where(col(CaseSheetRow.cycle_id).in_(scores))
    ).all()
    found = {row.cycle_id: _found(state, scores[row.cycle_id], row.shared_at) for row, state in rows}
    return [found[name] for name in scores]


def _found(state: str, score: float | None, shared_at: datetime) -> Found:
    return Found(state=CycleState.model_validate_json(state), score=score, shared_at=shared_at)
