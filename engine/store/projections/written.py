"""The tables of what people wrote into a cycle, as pages show it: comments, and submissions with what became of them.

Like the other projections: a function of a cycle's events and nothing else. An earlier release that works beside this
one, while releases change, writes none of these rows; whoever reads them sees by the state whether all are there.
"""

from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Table, bindparam, insert, update
from sqlmodel import Session, SQLModel

from engine.domain.cycle.attachments import Attachment, Attachments
from engine.domain.cycle.events import Commented
from engine.domain.cycle.versions import Version, VersionChange, change_on, versions_on
from engine.domain.cycle.walk import Passage
from engine.domain.deliverables import Deliverables
from engine.domain.steps import Step
from engine.store.tables_written import CommentRow, SubmissionRow

TABLES = (CommentRow, SubmissionRow)
COMMENTS: Table = SQLModel.metadata.tables["comment"]
SUBMISSIONS: Table = SQLModel.metadata.tables["submission"]
_FILES = TypeAdapter[Attachments](tuple[Attachment, ...])
_COMMENT, _SUBMIT = insert(COMMENTS), insert(SUBMISSIONS)
_CHANGE = update(SUBMISSIONS).where(
    SUBMISSIONS.c.cycle_id == bindparam("cycle"), SUBMISSIONS.c.n == bindparam("number")
)


def write_down(session: Session, passages: Sequence[Passage]) -> None:
    """Adds what was written on this way, and what became of the newest submission."""
    database = session.connection()
    if said := comment_rows(passages):
        database.execute(_COMMENT, said)
    for passage in passages:
        cycle = passage.after.cycle_id
        match change_on(passage):
            case Version() as one:
                database.execute(_SUBMIT, _row(cycle, one))
            case VersionChange() as change:
                given = {"cycle": cycle, "number": passage.after.round}
                database.execute(_CHANGE, given | _changed(change))
            case None:
                pass


def comment_rows(passages: Sequence[Passage]) -> list[dict[str, Any]]:
    """One row for each comment on the way."""
    return [
        {"cycle_id": after.cycle_id, "seq": event.seq, "at": event.at, "by": event.actor, "text": event.data.text}
        for _, event, after in passages
        if isinstance(event.data, Commented)
    ]


def submission_rows(passages: Sequence[Passage]) -> list[dict[str, Any]]:
    """One row for each submission of a cycle of which this is the whole way."""
    return [_row(passages[0].after.cycle_id, one) for one in versions_on(passages)]


def version_in(row: SubmissionRow) -> Version:
    """The submission in a row."""
    plain = row.model_dump(exclude={"cycle_id", "deliverable", "attachments"})
    model = Deliverables.MODELS[Step(row.step)]
    read = {
        "deliverable": model.model_validate_json(row.deliverable),
        "attachments": _FILES.validate_json(row.attachments),
    }
    return Version.model_validate(plain | read)


def _row(cycle_id: str, one: Version) -> dict[str, Any]:
    return {
        "cycle_id": cycle_id,
        "n": one.n,
        "step": one.step.value,
        "round": one.round,
        "submitted_at": one.submitted_at,
        "by": one.by,
        "hash": one.hash,
        "message": one.message,
        "deliverable": one.deliverable.model_dump_json(by_alias=True),
        **_changed(one),
    }


def _changed(one: Version | VersionChange) -> dict[str, Any]:
    return {
        "outcome": one.outcome.value,
        "outcome_at": one.outcome_at,
        "outcome_by": one.outcome_by,
        "attachments": _FILES.dump_json(one.attachments).decode(),
    }
