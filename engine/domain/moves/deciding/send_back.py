"""差戻し: to drafter, to an earlier approver, by the final decider to an earlier step (docs/field/deciding.md)."""

from engine.domain.cycle import commands as c
from engine.domain.cycle import events as e
from engine.domain.cycle.recorder import Record, needed_text
from engine.domain.errors import forbidden, invalid_at
from engine.domain.organisation.organisation import Grant, PostRef
from engine.domain.review.due_times import opened
from engine.domain.review.review import Mode, Review, Stage, StageKind
from engine.domain.steps import Step

DRAFTER = "drafter"


def send_back(record: Record, review: Review, stage: Stage, grant: Grant, body: c.Decide) -> None:
    """Returns with a reason; `return_to` is `drafter` (or nothing), a step, or an earlier stage's key or post."""
    if stage.mode is Mode.OPINION:
        raise forbidden("opinion_cannot_return")
    reason = needed_text(body.reason, "/reason")
    wanted = body.return_to or DRAFTER
    place = _place(review, wanted)
    if place is not None:
        _to_approver(record, review, stage, grant, place, reason)
        return
    _to_drafter(record, stage, grant, record.state.step.value if wanted == DRAFTER else wanted, reason)


def _place(review: Review, wanted: str) -> tuple[Stage, PostRef | None] | None:
    """The stage of the route that is meant, and the post when only that is; the latest when a post stands twice."""
    for stage in reversed(review.route.stages):
        if stage.key == wanted:
            return stage, None
        post = next((post for post in stage.posts if str(post) == wanted), None)
        if post is not None:
            return stage, post if len(stage.posts) > 1 else None
    return None


def _to_approver(  # noqa: PLR0913, PLR0917 - everything the event says
    record: Record, review: Review, stage: Stage, grant: Grant, place: tuple[Stage, PostRef | None], reason: str
) -> None:
    """The round goes on, with the same version: the earlier stage opens again, and later voices are dropped."""
    target, post = place
    if target.order >= stage.order:
        raise invalid_at("/return_to", "not_an_earlier_stage", stage=stage.key)
    record.add(
        e.StageReturned(
            step=record.state.step,
            round=review.round,
            post=grant.post,
            reason=reason,
            stage=stage.key,
            to_stage=target.key,
            to_post=post,
            acted_as=grant.why,
        )
    )
    record.add(e.StageOpened(round=review.round, stage=opened(target, review.route, record.at)))


def _to_drafter(record: Record, stage: Stage, grant: Grant, wanted: str, reason: str) -> None:
    """The owner works on it again: this step for any approver, an earlier one for the final decider."""
    state = record.state
    target = next((step for step in Step if step.value == wanted), None)
    if target is None or target.rank > state.step.rank:
        raise invalid_at("/return_to", "not_an_earlier_step", step=state.step.value)
    if target is not state.step and stage.kind is not StageKind.FINAL:
        raise forbidden("final_decider_only", action="return")
    record.add(
        e.StepReturned(
            step=state.step,
            to_step=target,
            round=state.round,
            post=grant.post,
            reason=reason,
            stage=stage.key,
            acted_as=grant.why,
        )
    )
