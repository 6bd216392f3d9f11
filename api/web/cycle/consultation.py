"""What stands beside a cycle's route on its pages: questions, reading lists, post-reviews, files, similar cases."""

from api.services.spread.cases import similar_to
from api.web.format.gettext import name_of
from api.web.frame.page import Context, MemberVisit
from api.web.frame.people import Someone, post_name, someone, unit_name
from engine.domain.cycle.attachments import Attachment
from engine.domain.cycle.state import CycleState
from engine.domain.cycle.visibility import Visibility
from engine.domain.moves.allowed import Move
from engine.domain.review.authority import reads_for
from engine.domain.review.consultation import Circulation, PostReview, Question
from engine.domain.steps import Step


class ShownQuestion(Context):
    """A question with names."""

    question: Question
    by: Someone


class CirculationReader(Context):
    """One entry of the reading list."""

    entry: Circulation
    post: str
    by: str | None
    mine: bool


class Afterwards(Context):
    """A post-review with names; `mine` while the reader of the page has not read it."""

    review: PostReview
    person: str
    by: str | None
    mine: bool


class File(Context):
    """A file beside the step."""

    file: Attachment
    by: str
    may_remove: bool


class Similar(Context):
    """A case that may help."""

    case_id: str
    title: str
    unit: str


class Beside(Context):
    """Everything beside the route, with what the reader of the page may do."""

    cycle_id: str
    questions: tuple[ShownQuestion, ...]
    may_ask: bool
    may_answer: bool
    readers: tuple[CirculationReader, ...]
    reviews: tuple[Afterwards, ...]
    files: tuple[File, ...]
    may_attach: bool
    similar: tuple[Similar, ...]
    may_resume: bool
    may_copy: bool
    level: Visibility
    levels: tuple[tuple[str, str], ...]
    named: tuple[Someone, ...]
    may_hide: bool


def beside(state: CycleState, visit: MemberVisit) -> Beside:
    """What stands beside this cycle for this reader."""
    facts, language, me = visit.caller.facts, visit.language, visit.caller.id
    organisation, today = facts.organisation, facts.today
    may = visit.moves(state)
    posts = set(reads_for(me, (one.post for one in state.asides.circulation), organisation, today))
    return Beside(
        cycle_id=state.cycle_id,
        questions=tuple(
            ShownQuestion(question=one, by=someone(one.by, facts, language))
            for one in reversed(state.asides.questions)
        ),
        may_ask=Move.ASK in may,
        may_answer=Move.ANSWER_QUESTION in may,
        readers=tuple(
            CirculationReader(
                entry=one,
                post=post_name(one.post, facts, language),
                by=someone(one.read_by, facts, language).name if one.read_by else None,
                mine=one.post in posts and one.read_at is None,
            )
            for one in state.asides.circulation
        ),
        reviews=tuple(
            Afterwards(
                review=one,
                person=someone(one.person, facts, language).name,
                by=someone(one.by, facts, language).name if one.by else None,
                mine=one.person == me and one.read_at is None,
            )
            for one in state.asides.post_reviews
        ),
        files=tuple(
            File(
                file=one,
                by=someone(one.by, facts, language).name,
                may_remove=Move.DETACH in may and one.by == me and one.step is state.step,
            )
            for one in state.attachments
            if one.removed_at is None
        ),
        may_attach=Move.ATTACH in may,
        similar=_similar(state, visit),
        may_resume=Move.RESUME in may,
        may_copy=not state.status.is_open and bool(visit.caller.posts),
        level=state.visibility,
        levels=tuple((one.value, name_of(one, language)) for one in Visibility),
        named=tuple(someone(one, facts, language) for one in state.readers),
        may_hide=Move.SET_VISIBILITY in may,
    )


def _similar(state: CycleState, visit: MemberVisit) -> tuple[Similar, ...]:
    """Only while imagining: later the case is one's own."""
    if state.step is not Step.IMAGINE or not state.status.is_open:
        return ()
    facts, language = visit.caller.facts, visit.language
    return tuple(
        Similar(case_id=one.cycle_id, title=one.title, unit=unit_name(one.org_unit, facts, language))
        for one, _ in similar_to(state, visit.caller, visit.desk)
        if one.cycle_id != state.cycle_id
    )
