"""Whom to tell what (督促・通知): from one event to the people it concerns on that day.

Pure: the organisation of the day comes in. A notice never decides anything; it names a page to look at. Words for
people are made where they are shown (`engine.language.notices`).
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from enum import StrEnum

from engine.domain.base import Frozen
from engine.domain.cycle import events as e
from engine.domain.cycle.beside import BesideEvent
from engine.domain.cycle.state import CycleState
from engine.domain.organisation.organisation import Organisation, PostRef
from engine.domain.review.consultation import (
    Circulated,
    CirculationRead,
    PostReviewDue,
    PostReviewed,
    QuestionAnswered,
    QuestionAsked,
)
from engine.domain.steps import Step

LONGEST_WORDS = 500
"""Characters of a reason or a comment that a notice carries; the page shows all of it."""

DUE_SOON = timedelta(days=3)
"""How long before its date a condition's owner is told again."""


class NoticeKind(StrEnum):
    """Why somebody is told."""

    DECISION_WAITS = "decision_waits"
    REMINDER = "reminder"
    ESCALATED = "escalated"
    CHASE = "chase"
    ASKED_AGAIN = "asked_again"
    RETURNED = "returned"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    PULLED_BACK = "pulled_back"
    RETRACTED = "retracted"
    HELD = "held"
    RESUMED = "resumed"
    COMPLETED = "completed"
    NEXT_CYCLE = "next_cycle"
    JOINED = "joined"
    JOIN_REFUSED = "join_refused"
    COMMENTED = "commented"
    MENTIONED = "mentioned"
    QUESTION = "question"
    ANSWERED = "answered"
    CIRCULATED = "circulated"
    CONDITION_SET = "condition_set"
    CONDITION_DUE = "condition_due"
    CONDITION_OVERDUE = "condition_overdue"
    POST_REVIEW = "post_review"
    WEBHOOK_PAUSED = "webhook_paused"
    MILESTONE_DUE = "milestone_due"
    MILESTONE_LATE = "milestone_late"
    OFFERED = "offered"
    OFFER_WITHDRAWN = "offer_withdrawn"
    OFFER_ACCEPTED = "offer_accepted"
    OFFER_ADAPTED = "offer_adapted"
    OFFER_DECLINED = "offer_declined"
    AWAY_BY_ANOTHER = "away_by_another"
    STANDS_IN = "stands_in"
    STANDS_IN_NO_MORE = "stands_in_no_more"
    CHANGE_PROPOSED = "change_proposed"
    CHANGE_IN_FORCE = "change_in_force"
    CHANGE_IN_EMERGENCY = "change_in_emergency"
    CHANGE_NOT_MADE = "change_not_made"


class NoticeFacts(Frozen):
    """What the words of a notice are made from, as it was when it was queued.

    Args:
        mailbox: the person's address of before, where the document that the notice is about gives them another one.
    """

    title: str = ""
    step: Step | None = None
    round: int | None = None
    by: str | None = None
    by_name: str | None = None
    on_behalf_of: str | None = None
    words: str | None = None
    due_at: datetime | None = None
    due: date | None = None
    mailbox: str | None = None


class Notice(Frozen):
    """That one person is told one thing."""

    person: str
    kind: NoticeKind
    facts: NoticeFacts = NoticeFacts()


class Said(Frozen):
    """One notice, ready to be put into words."""

    kind: NoticeKind
    facts: NoticeFacts
    cycle_id: str | None


SILENT = (
    e.DraftSaved,
    e.StepSubmitted,
    e.EffectMeasured,
    e.TargetsAmended,
    BesideEvent,
    e.ConditionClosed,
    CirculationRead,
    PostReviewed,
    e.CommandRefused,
)
"""Events that concern nobody beyond who caused them."""


def concerns_somebody(event: e.Event, owner: str) -> bool:
    """Whether it is worth asking whom to tell; what owners do that concerns only themselves is not."""
    match event.data:
        case e.Commented(mentions=()):
            return event.actor != owner
        case e.CycleOpened(inheritance=None):
            return event.actor != owner
        case data:
            return not isinstance(data, SILENT)


def notices_of(
    event: e.Event, before: CycleState | None, after: CycleState, organisation: Organisation, on: date
) -> tuple[Notice, ...]:
    """Whom the event concerns on the office day `on`: each person once, and nobody is told what they did themselves.

    Args:
        event: what happened.
        before: the cycle before it; None when it opened with it.
        after: the cycle after it.
        organisation: who holds which post, with absences.
        on: the day in the office, so that a transfer moves every notice by itself.
    """
    found: dict[str, Notice] = {}
    common = _common(event, before or after, organisation)
    for person, kind, facts in _Day(organisation, on).concerned(event, before or after, after):
        if person != event.actor and organisation.person(person) is not None:
            found.setdefault(person, Notice(person=person, kind=kind, facts=common.model_copy(update=facts)))
    return tuple(found.values())


def condition_notices(state: CycleState, on: date) -> tuple[tuple[int, Notice], ...]:
    """Conditions of an open cycle that are due within three days or overdue, by number, each told to its owner."""
    found = []
    for condition in state.open_conditions():
        if condition.due > on + DUE_SOON:
            continue
        kind = NoticeKind.CONDITION_OVERDUE if condition.due < on else NoticeKind.CONDITION_DUE
        facts = NoticeFacts(title=state.title, step=condition.step, words=_short(condition.text), due=condition.due)
        found.append((condition.n, Notice(person=condition.owner, kind=kind, facts=facts)))
    return tuple(found)


def _common(event: e.Event, state: CycleState, organisation: Organisation) -> NoticeFacts:
    actor = organisation.person(event.actor)
    return NoticeFacts(
        title=state.title,
        step=state.step,
        round=state.round,
        by=event.actor,
        by_name=actor.name if actor else None,
        on_behalf_of=event.on_behalf_of,
    )


_Told = tuple[str, NoticeKind, dict[str, object]]


class _Day:
    """Who holds what on one day."""

    def __init__(self, organisation: Organisation, on: date) -> None:
        self._organisation = organisation
        self._on = on

    def concerned(self, event: e.Event, before: CycleState, after: CycleState) -> Iterator[_Told]:
        yield from self._whose_move(event, before, after)
        yield from _beside_the_route(event, after)
        yield from _owners(event, after)
        yield from _joined(event, after)
        yield from self._taken_back(event, before, after)

    def _whose_move(self, event: e.Event, before: CycleState, after: CycleState) -> Iterator[_Told]:
        """Deciders, and sections that were asked to concur."""
        match event.data:
            case e.StageOpened(stage=stage):
                yield from self._deciders(_posts(after, stage.key), NoticeKind.DECISION_WAITS, after)
            case e.ReminderDue(stage=key):
                yield from self._deciders(_posts(after, key), NoticeKind.REMINDER, after)
            case e.StageEscalated(to=superior, last=last):
                kind = NoticeKind.CHASE if last else NoticeKind.ESCALATED
                yield from self._deciders((superior,), kind, after)
            case e.StageReturned(to_stage=key, reason=reason):
                yield from self._deciders(_posts(after, key), NoticeKind.ASKED_AGAIN, after, reason)
            case Circulated(posts=readers):
                yield from self._deciders(readers, NoticeKind.CIRCULATED, after)
            case e.HoldEnded():
                yield from self._deciders(after.open_posts(), NoticeKind.DECISION_WAITS, after)
            case e.PulledBack():
                yield from self._deciders(before.open_posts(), NoticeKind.PULLED_BACK, before)
            case e.CycleRejected(reason=reason, tell=sections):
                yield from self._deciders(sections, NoticeKind.REJECTED, before, reason)
            case e.CycleWithdrawn(reason=reason, tell=sections):
                asked = (*before.open_posts(), *sections)
                yield from self._deciders(asked, NoticeKind.WITHDRAWN, before, reason)
            case _:
                pass

    def _taken_back(self, event: e.Event, before: CycleState, after: CycleState) -> Iterator[_Told]:
        """決裁の取消し: whoever was told of the decision."""
        if not isinstance(event.data, e.DecisionRetracted):
            return
        facts: dict[str, object] = {"words": _short(event.data.reason)}
        yield after.owner, NoticeKind.RETRACTED, facts
        for condition in before.conditions[len(after.conditions) :]:
            yield condition.owner, NoticeKind.RETRACTED, facts
        owed = {one.n for one in before.asides.post_reviews if one.retracted_at is None}
        for due in after.asides.post_reviews:
            if due.n in owed and due.retracted_at is not None:
                yield due.person, NoticeKind.RETRACTED, facts
        asked = {post for post in before.open_posts() if post not in after.open_posts()}
        posts = (*sorted(asked, key=str), *event.data.tell)
        yield from self._deciders(posts, NoticeKind.RETRACTED, before, event.data.reason)

    def _deciders(
        self, posts: Iterable[PostRef], kind: NoticeKind, state: CycleState, words: str | None = None
    ) -> Iterator[_Told]:
        for post in posts:
            facts: dict[str, object] = {"words": _short(words), "due_at": _due(state, post)}
            for grant in self._organisation.deciders(post, self._on, excluding=state.owner):
                yield grant.person_id, kind, facts | {"on_behalf_of": grant.on_behalf_of}


def _beside_the_route(event: e.Event, after: CycleState) -> Iterator[_Told]:
    """Questions, mentions, and what somebody reads afterwards (後閲)."""
    match event.data:
        case e.Commented(text=text, mentions=mentions):
            for person in mentions:
                yield person, NoticeKind.MENTIONED, {"words": _short(text)}
        case QuestionAsked(text=text):
            yield after.owner, NoticeKind.QUESTION, {"words": _short(text)}
        case QuestionAnswered(text=text, asked_by=asked_by):
            yield asked_by, NoticeKind.ANSWERED, {"words": _short(text)}
        case PostReviewDue(person=person):
            yield person, NoticeKind.POST_REVIEW, {}
        case _:
            pass


def _owners(event: e.Event, after: CycleState) -> Iterator[_Told]:
    """The owner, their adviser, and who has a condition to meet."""
    owner = after.owner
    match event.data:
        case e.CycleOpened(inheritance=inherited):
            yield owner, NoticeKind.NEXT_CYCLE, {}
            if inherited is not None:
                yield inherited.adviser, NoticeKind.NEXT_CYCLE, {}
        case e.StepApproved(step=step, conditions=conditions):
            for condition in conditions:
                yield condition.owner, NoticeKind.CONDITION_SET, {"words": condition.text, "due": condition.due}
            if step is not Step.SHARE:  # the cycle's end follows at once and says so
                yield owner, NoticeKind.APPROVED, {}
        case e.StepReturned(reason=reason):
            yield owner, NoticeKind.RETURNED, {"words": _short(reason)}
        case e.CycleRejected(reason=reason):
            yield owner, NoticeKind.REJECTED, {"words": _short(reason)}
        case e.ReviewHeld(reason=reason, until=until):
            yield owner, NoticeKind.HELD, {"words": _short(reason), "due_at": until}
        case e.HoldEnded():
            yield owner, NoticeKind.RESUMED, {}
        case e.CycleCompleted():
            yield owner, NoticeKind.COMPLETED, {}
        case e.Commented(text=text):
            yield owner, NoticeKind.COMMENTED, {"words": _short(text)}
        case _:
            pass


def _joined(event: e.Event, after: CycleState) -> Iterator[_Told]:
    """合流: both sides hear of it, and of a join that came too late."""
    match event.data:
        case e.ParentJoined(inheritance=inherited):
            for person in (after.owner, inherited.adviser):
                yield person, NoticeKind.JOINED, {}
        case e.JoinRefused(title=title):
            yield after.owner, NoticeKind.JOIN_REFUSED, {"words": title}
        case _:
            pass


def _posts(state: CycleState, key: str) -> tuple[PostRef, ...]:
    """The posts that may act in one open stage."""
    review = state.review
    if review is None:
        return ()
    return tuple(post for post in review.open_posts() if (stage := review.stage_of(post)) and stage.key == key)


def _due(state: CycleState, post: PostRef) -> datetime | None:
    review = state.review
    stage = review.stage_of(post) if review else None
    return next((one.due_at for one in review.open if stage and one.key == stage.key), None) if review else None


def _short(words: str | None) -> str | None:
    return words[:LONGEST_WORDS] if words else None
