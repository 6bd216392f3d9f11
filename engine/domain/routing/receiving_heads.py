"""受け手の同意: before a Share binds a larger or another office, its head agrees (docs/field/sharing.md)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from engine.domain.cycle.state import CycleState
from engine.domain.deliverables.share import NextKind
from engine.domain.lineage.join import JoinTarget
from engine.domain.lineage.next_cycles import unit_for
from engine.domain.lineage.open_cycle import scope_errors
from engine.domain.organisation.organisation import Organisation, PostRef
from engine.domain.review.review import Stage, StageKind
from engine.domain.steps import Step

RECEIVING_HEAD = "receiving_head"
"""`Stage.reason` of a consent that is asked because the next cycle binds that head's office."""


def receiving_units(state: CycleState, targets: Mapping[str, JoinTarget], organisation: Organisation) -> list[str]:
    """The offices that the next cycles bind and that this one does not, each once, in the order they are named."""
    found: list[str] = []
    for following in state.deliverables.share.next:
        if following.kind is not NextKind.EXPAND:
            continue
        target = targets.get(following.join) if following.join else None
        scope = target.org_scope if target else following.org_scope or state.org_scope
        unit = target.org_unit if target else following.org_unit or unit_for(state, scope, organisation)
        grows = scope.rank > state.org_scope.rank or unit != state.org_unit
        if grows and not scope_errors(scope, unit, organisation):
            found.append(unit)
    return list(dict.fromkeys(found))


def with_receiving_heads(
    stages: Sequence[Stage],
    state: CycleState,
    organisation: Organisation,
    on: date,
    targets: Iterable[JoinTarget] = (),
) -> list[Stage]:
    """The route with the consent of every receiving head before the final decision.

    Left out is a head who is asked or decides anyway, and the owner: whoever hands it in has agreed.
    """
    if state.step is not Step.SHARE:
        return list(stages)
    known = {one.cycle_id: one for one in targets}
    asked = {
        grant.person_id
        for stage in stages
        for post in stage.posts
        for grant in organisation.deciders(post, on, excluding=state.owner)
        if grant.why == "post"
    }
    posts = []
    for unit in receiving_units(state, known, organisation):
        post = PostRef(kind="head", unit=unit)
        if state.owner in organisation.holders(post, on):
            continue
        people = {
            one.person_id for one in organisation.deciders(post, on, excluding=state.owner) if one.why == "post"
        }
        if people and not people <= asked:
            posts.append(post)
    if not posts:
        return list(stages)
    *before, final = stages
    consent = final.model_copy(
        update={
            "key": f"{len(stages)}-receiving",
            "kind": StageKind.CONCURRENCE,
            "posts": tuple(posts),
            "quorum": "all",
            "escalate_to": _above(posts, organisation),
            "reason": RECEIVING_HEAD,
        }
    )
    return [*before, consent, final.model_copy(update={"order": final.order + 1})]


def _above(posts: Sequence[PostRef], organisation: Organisation) -> PostRef | None:
    """To whom an overdue consent escalates: the head above the one head that is asked."""
    parent = organisation.parent(posts[0].unit or "") if len(posts) == 1 else None
    return PostRef(kind="head", unit=parent.code) if parent else None
