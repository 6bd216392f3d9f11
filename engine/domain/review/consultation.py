"""What happens beside the route: questions, circulation (供覧), post-review (後閲). None of it moves a decision.

Values, their events, and how an event changes them; who may do what stands in `engine.domain.moves.beside.consult`.
"""

from datetime import datetime
from typing import Literal, assert_never

from pydantic import Field

from engine.domain.base import Frozen
from engine.domain.organisation.organisation import PostRef
from engine.domain.steps import Step


class QuestionAsked(Frozen):
    """A decider asks the owner without returning anything; the due time stays where it is."""

    type: Literal["question_asked"] = "question_asked"
    version: Literal[1] = 1
    n: int
    step: Step
    round: int
    post: PostRef
    text: str


class QuestionAnswered(Frozen):
    """The owner's answer; `asked_by` is to be told."""

    type: Literal["question_answered"] = "question_answered"
    version: Literal[1] = 1
    n: int
    text: str
    asked_by: str


class Circulated(Frozen):
    """供覧: what was handed in lies open for these posts to read; a list from a round before is over."""

    type: Literal["circulated"] = "circulated"
    version: Literal[1] = 1
    step: Step
    round: int
    posts: tuple[PostRef, ...] = Field(min_length=1)


class CirculationRead(Frozen):
    """閲覧確認: somebody has read it for these posts."""

    type: Literal["circulation_read"] = "circulation_read"
    version: Literal[1] = 1
    posts: tuple[PostRef, ...] = Field(min_length=1)


class PostReviewDue(Frozen):
    """後閲: `person` reads afterwards what was decided without them; `by` decided it."""

    type: Literal["post_review_due"] = "post_review_due"
    version: Literal[1] = 1
    n: int
    person: str
    post: PostRef
    step: Step
    round: int
    why: Literal["proxy", "pull_up", "escalation", "passed_over"]
    by: str | None = None


class PostReviewed(Frozen):
    """The person it concerns has read it; they may comment, and nothing is undone."""

    type: Literal["post_reviewed"] = "post_reviewed"
    version: Literal[1] = 1
    n: int
    text: str | None = None


AsideData = QuestionAsked | QuestionAnswered | Circulated | CirculationRead | PostReviewDue | PostReviewed


class Question(Frozen):
    """A question and, once there is one, its answer."""

    n: int
    step: Step
    round: int
    by: str
    on_behalf_of: str | None = None
    post: PostRef
    text: str
    asked_at: datetime
    answer: str | None = None
    answered_at: datetime | None = None


class Circulation(Frozen):
    """One entry of the reading list: a post, and who has read it for the post."""

    step: Step
    round: int
    post: PostRef
    since: datetime
    read_by: str | None = None
    read_at: datetime | None = None


class PostReview(Frozen):
    """A decision that somebody reads afterwards."""

    n: int
    person: str
    post: PostRef
    step: Step
    round: int
    why: str
    by: str | None = None
    since: datetime
    read_at: datetime | None = None
    text: str | None = None
    retracted_at: datetime | None = None

    @property
    def is_due(self) -> bool:
        """Whether it is still to be read; not when the decision was taken back."""
        return self.read_at is None and self.retracted_at is None


class Asides(Frozen):
    """Everything beside the route of one cycle."""

    questions: tuple[Question, ...] = ()
    circulation: tuple[Circulation, ...] = ()
    post_reviews: tuple[PostReview, ...] = ()

    def after(self, data: AsideData, by: str, on_behalf_of: str | None, at: datetime) -> "Asides":
        """With one event more, which `by` caused at `at`."""
        match data:
            case QuestionAsked():
                plain = data.model_dump(exclude={"type", "version"})
                asked = Question(**plain, by=by, on_behalf_of=on_behalf_of, asked_at=at)
                return self._with(questions=(*self.questions, asked))
            case QuestionAnswered():
                answer: dict[str, object] = {"answer": data.text, "answered_at": at}
                return self._with(questions=_changed(self.questions, data.n, answer))
            case Circulated():
                kept = tuple(one for one in self.circulation if one.step is not data.step or one.read_at)
                fresh = (Circulation(step=data.step, round=data.round, post=post, since=at) for post in data.posts)
                return self._with(circulation=(*kept, *fresh))
            case CirculationRead():
                read = {"read_by": by, "read_at": at}
                return self._with(
                    circulation=tuple(
                        one.model_copy(update=read) if one.read_at is None and one.post in data.posts else one
                        for one in self.circulation
                    )
                )
            case PostReviewDue():
                due = PostReview(**data.model_dump(exclude={"type", "version"}), since=at)
                return self._with(post_reviews=(*self.post_reviews, due))
            case PostReviewed():
                seen: dict[str, object] = {"read_at": at, "text": data.text}
                return self._with(post_reviews=_changed(self.post_reviews, data.n, seen))
            case _:
                assert_never(data)

    def without_reviews_from(self, index: int, at: datetime) -> "Asides":
        """With nobody owing a post-review of what was decided from `index` on, since it was taken back at `at`."""
        over = (
            one.model_copy(update={"retracted_at": at}) if one.is_due else one for one in self.post_reviews[index:]
        )
        return self._with(post_reviews=(*self.post_reviews[:index], *over))

    def _with(self, **changes: object) -> "Asides":
        return self.model_copy(update=changes)


def _changed(items: tuple[Question, ...] | tuple[PostReview, ...], n: int, change: dict[str, object]) -> object:
    return tuple(one.model_copy(update=change) if one.n == n else one for one in items)
