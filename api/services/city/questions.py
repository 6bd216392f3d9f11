"""The question behind figures, with everything looked up that it needs."""

from api.container import Desk
from engine.contracts.documents import ROADMAP
from engine.domain.analytics.query import FiguresQuestion, FiguresWanted, wanted_of
from engine.domain.review.facts import Facts
from engine.domain.roadmap import Edition, same_startup


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
    rows = [row for row in reversed(desk.reader.documents(ROADMAP)) if row.imported_at <= wanted.at]
    editions = [Edition.model_validate_json(row.content) for row in rows]
    return wanted.model_copy(update={"startups": same_startup(question.startup, editions)})
