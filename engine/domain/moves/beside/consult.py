"""Moves beside the route: ask and answer, read what circulates, read afterwards what was decided without you."""

from collections.abc import Iterable

from engine.domain.cycle import commands as c
from engine.domain.cycle.recorder import Record, needed_text
from engine.domain.cycle.state import CycleState
from engine.domain.errors import conflict, forbidden, not_found
from engine.domain.moves.handler import WORDS, Handler, Situation, Try, World, always
from engine.domain.moves.looking_up import with_grants
from engine.domain.moves.table.cells import TableRow, across, cell, done
from engine.domain.moves.table.moves import Move
from engine.domain.moves.table.rows import DECIDERS, HELD, IN_REVIEW, SLEEPING, owners
from engine.domain.organisation.organisation import Grant
from engine.domain.review import consultation as a
from engine.domain.review.authority import reads_for
from engine.domain.steps import StepStatus

MOST_QUESTIONS = 200
"""Questions one cycle holds; beyond it people should talk."""


def ask(record: Record, body: c.Ask) -> None:
    """A question to the owner by whoever may decide now; nothing is returned, and the clock goes on."""
    state, review = record.state, record.state.review
    if record.actor == state.owner:
        raise forbidden("own_work")
    if state.step_status is not StepStatus.IN_REVIEW or review is None:
        raise conflict("not_in_review", step=state.step.value)
    usable = [one for one in body.grants if one.person_id == record.actor and review.stage_of(one.post) is not None]
    if not usable:
        raise forbidden("not_your_decision", posts=", ".join(str(post) for post in review.open_posts()))
    if len(state.asides.questions) >= MOST_QUESTIONS:
        raise conflict("too_many_questions", limit=str(MOST_QUESTIONS))
    grant = min(usable, key=lambda one: one.why != "post")
    record.on_behalf_of = grant.on_behalf_of
    record.add(
        a.QuestionAsked(
            n=len(state.asides.questions) + 1,
            step=state.step,
            round=state.round,
            post=grant.post,
            text=needed_text(body.text, "/text"),
        )
    )


def answer_question(record: Record, body: c.AnswerQuestion) -> None:
    """The owner's answer, once."""
    state = record.state
    if record.actor != state.owner:
        raise forbidden("owner_only", owner=state.owner)
    question = next((one for one in state.asides.questions if one.n == body.n), None)
    if question is None:
        raise not_found("unknown_question", n=str(body.n))
    if question.answered_at is not None:
        raise conflict("question_answered_already", n=str(body.n))
    record.add(a.QuestionAnswered(n=body.n, text=needed_text(body.text, "/text"), asked_by=question.by))


def acknowledge(record: Record, body: c.Acknowledge) -> None:
    """閲覧確認: read, for every post of the caller that has it to read; also after the cycle has ended."""
    circulation = record.state.asides.circulation
    mine = [one for one in circulation if one.post in body.posts]
    if not mine:
        raise forbidden("not_circulated_to_you")
    unread = tuple(dict.fromkeys(one.post for one in mine if one.read_at is None))
    if not unread:
        raise conflict("read_already", by=mine[-1].read_by or "")
    record.add(a.CirculationRead(posts=unread))


def post_review(record: Record, body: c.ReadAfterwards) -> None:
    """後閲: only the person it concerns, once, with or without a comment; also after the cycle has ended."""
    due = next((one for one in record.state.asides.post_reviews if one.n == body.n), None)
    if due is None:
        raise not_found("unknown_post_review", n=str(body.n))
    if due.person != record.actor:
        raise forbidden("not_your_post_review", person=due.person)
    if due.retracted_at is not None:
        raise conflict("post_review_over", n=str(body.n))
    if due.read_at is not None:
        raise conflict("post_reviewed_already", n=str(body.n))
    text = body.text.strip() if body.text and body.text.strip() else None
    record.add(a.PostReviewed(n=body.n, text=text))


def owe_post_reviews(record: Record, grant: Grant, state: CycleState) -> None:
    """Notes who reads a decision afterwards: the absent holder, or whoever was passed over by a superior."""
    if state.review is None or not state.review.route.terms.post_review:
        return
    people = (grant.on_behalf_of,) if grant.on_behalf_of else grant.passed_over
    why = "proxy" if grant.on_behalf_of else grant.why
    for person in people:
        if why != "post" and person != record.actor:
            record.add(
                a.PostReviewDue(
                    n=len(record.state.asides.post_reviews) + 1,
                    person=person,
                    post=grant.post,
                    step=state.step,
                    round=state.round,
                    why=why,
                    by=record.actor,
                )
            )


def _circulated(_body: c.Acknowledge, world: World) -> dict[str, object]:
    posts = (one.post for one in world.state.asides.circulation)
    facts = world.facts
    return {"posts": reads_for(world.actor, posts, facts.organisation, facts.today)}


def _questions(situation: Situation) -> Iterable[Try]:
    for question in situation.state.asides.questions:
        yield Move.ANSWER_QUESTION, c.AnswerQuestion(n=question.n, text=WORDS)


def _reviews(situation: Situation) -> Iterable[Try]:
    for review in situation.state.asides.post_reviews:
        yield Move.POST_REVIEW, c.ReadAfterwards(n=review.n)


_ASKS = cell(DECIDERS, owner="own_work", decider=done("question_asked"))
_READ = cell("not_circulated_to_you", superior=done("circulation_read"))
_READ_AFTERWARDS = cell("not_your_post_review", decider=done("post_reviewed"))
_ASK = TableRow("ask", across(cell("not_in_review", owner="own_work"), cells={IN_REVIEW: _ASKS, HELD: _ASKS}))
_ANSWER = TableRow(
    "answer_question",
    owners(done("question_answered"), sleeping="unknown_question"),
    lacking="unknown_question",
)
_ACKNOWLEDGE = TableRow(
    "acknowledge",
    across(_READ, ended=_READ, cells={SLEEPING: cell("not_circulated_to_you")}),
    lacking="not_circulated_to_you",
)
_POST_REVIEW = TableRow(
    "post_review",
    across(_READ_AFTERWARDS, ended=_READ_AFTERWARDS, cells={SLEEPING: cell("unknown_post_review")}),
    lacking="unknown_post_review",
)
HANDLERS = (
    Handler(c.Ask, ask, {Move.ASK: _ASK}, always((Move.ASK, c.Ask(text=WORDS))), with_grants),
    Handler(c.AnswerQuestion, answer_question, {Move.ANSWER_QUESTION: _ANSWER}, _questions),
    Handler(
        c.Acknowledge,
        acknowledge,
        {Move.ACKNOWLEDGE: _ACKNOWLEDGE},
        always((Move.ACKNOWLEDGE, c.Acknowledge())),
        _circulated,
    ),
    Handler(c.ReadAfterwards, post_review, {Move.POST_REVIEW: _POST_REVIEW}, _reviews),
)
