"""Every row that a cycle's events amount to, in all tables made from them: `verify` expects it, `rebuild` writes it.

Plain values in the tables' own columns, so that they can be written and compared many at a time. Must not know what
they are wanted for.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, Table, insert
from sqlmodel import Session

from engine.domain.analytics.history import chronicle_of
from engine.domain.cycle.state import CycleState
from engine.domain.cycle.walk import Passage
from engine.store.projections import decisions, history, library, written
from engine.store.projections import search_index as search
from engine.store.projections.cycles import (
    CYCLES,
    PARENTS,
    READERS,
    READING,
    WAITING,
    cycle_columns,
    parent_rows,
    reader_rows,
    waiting_rows,
)
from engine.store.projections.reading_list import reading_rows

TABLES: tuple[Table, ...] = (
    CYCLES, PARENTS, WAITING, READING, READERS, *history.TABLES, library.SHEETS, decisions.DECISIONS,
    decisions.ATTACHMENTS, written.COMMENTS, written.SUBMISSIONS,
)  # fmt: skip
"""In the order in which they are filled and compared."""
Rows = dict[Table, list[dict[str, Any]]]


def key_of(table: Table) -> Column[str]:
    """The column that says whose row it is."""
    return table.c.id if table is CYCLES else table.c.cycle_id


def rows_of(passages: Sequence[Passage]) -> Rows:
    """All rows of a cycle of which these passages are the whole life; the index of texts is not among them."""
    state = passages[-1].after
    sheet = library.case_row(state)
    return {
        CYCLES: [cycle_columns(state)],
        PARENTS: parent_rows(state),
        WAITING: waiting_rows(state),
        READING: reading_rows(state),
        READERS: reader_rows(state),
        **history.rows(chronicle_of(passages)),
        library.SHEETS: [] if sheet is None else [sheet],
        decisions.DECISIONS: decisions.rows(passages),
        decisions.ATTACHMENTS: decisions.attachment_rows(state),
        written.COMMENTS: written.comment_rows(passages),
        written.SUBMISSIONS: written.submission_rows(passages),
    }


def texts_of(states: Sequence[CycleState]) -> dict[str, tuple[str, str]]:
    """Title and text, by cycle, of those that are cases in the library."""
    return {one.cycle_id: library.content(one) for one in states if library.case_row(one) is not None}


def write(session: Session, rows: Rows, texts: dict[str, tuple[str, str]]) -> None:
    """Puts rows of many cycles, which are not there yet, into their tables, and their texts into the index."""
    for table in TABLES:
        if of_table := rows.get(table):
            session.connection().execute(insert(table), of_table)
    search.fill(session, texts)
