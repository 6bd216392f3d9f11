"""The question behind figures, with everything looked up that it needs."""

from collections.abc import Sequence

from api.container import Desk
from engine.contracts.documents import ROADMAP
from engine.domain.analytics.query import FiguresQuestion, FiguresWanted, wanted_of
from engine.domain.review.facts import Facts
from engine.domain.roadmap import Edition, same_startup
from engine.store.tables import DocumentRow


def looked_up(question: FiguresQuestion, facts: Facts, desk: Desk) -> FiguresWanted:
    """The question with its day, year, offices, and every code that its startup has had by then."""
    wanted = wanted_of(
        question,
        now=desk.directory.now(),
        offset=facts.policy.utc_offset_minutes,
        organisation=facts.organisation,
        startups=None,
    )
    if question.startup is None:
        return wanted
    editions = editions_of(roadmaps_at(wanted, desk))
    return wanted.model_copy(update={"startups": same_startup(question.startup, editions)})


def roadmaps_at(wanted: FiguresWanted, desk: Desk) -> list[DocumentRow]:
    """The roadmaps that were there at the instant asked for, the oldest first; the last was in force."""
    return [row for row in reversed(desk.reader.documents(ROADMAP)) if row.imported_at <= wanted.at]


def editions_of(rows: Sequence[DocumentRow]) -> list[Edition]:
    """What the documents say, in their order."""
    return [Edition.model_validate_json(row.content) for row in rows]
