"""`evolve(state, event) -> state`: the only place where a cycle changes. Released branches never change."""

from collections.abc import Callable
from typing import assert_never

from engine.domain.cycle import attachments
from engine.domain.cycle import events as e
from engine.domain.cycle.beside import BesideEvent
from engine.domain.cycle.retracting import kept, put_back
from engine.domain.cycle.state import Amendment, Clock, CycleState, Decision, Hold, Joined, TurnedAway
from engine.domain.organisation.organisation import ActedAs, PostRef
from engine.domain.review import consultation as a
from engine.domain.review.due_times import after_hold
from engine.domain.review.review import Action, OpenStage, Passed, Returned, Review, StageKind
from engine.domain.steps import CycleStatus, Step, StepStatus


def evolve(state: CycleState | None, event: e.Event) -> CycleState:
    """The state after `event`; `None` only before `CycleOpened`, which comes once. Raises ValueError else."""
    if isinstance(event.data, e.CycleOpened) and state is None:
        return _opened(event.data, event)
    if state is None:
        raise ValueError(f"{event.data.type} before cycle_opened")
    changed = _apply(state, event)
    return changed.model_copy(
        update={
            "revision": event.seq,
            "updated_at": event.at,
            "clock": _clock(state, changed, event),
            **kept(state, event),
        }
    )


def fold(events: "list[e.Event] | tuple[e.Event, ...]", state: CycleState | None = None) -> CycleState:
    """The state after all of `events`, in order."""
    for event in events:
        state = evolve(state, event)
    if state is None:
        raise ValueError("no events")
    return state


def _opened(data: e.CycleOpened, event: e.Event) -> CycleState:
    sleeps = data.sleeps_until
    return CycleState(
        cycle_id=data.cycle_id,
        initiative_id=data.initiative_id,
        turn=data.turn,
        kind=data.kind,
        title=data.title,
        pillar=data.pillar,
        startup=data.startup,
        governance=data.governance,
        org_scope=data.org_scope,
        org_unit=data.org_unit,
        work_scope=data.work_scope,
        owner=data.owner,
        parents=data.parents,
        adopted_from=data.adopted_from,
        copied_from=data.copied_from,
        definition=data.definition,
        visibility=data.visibility,
        readers=data.readers,
        status=CycleStatus.ON_HOLD if sleeps else CycleStatus.ACTIVE,
        step=Step.IMAGINE,
        step_status=StepStatus.DRAFT,
        revision=event.seq,
        deliverables=data.deliverables,
        hold=Hold(since=event.at, until=sleeps) if sleeps else None,
        conditions=data.conditions,
        inheritance=data.inheritance,
        clock=Clock(since=event.at),
        created_at=event.at,
        updated_at=event.at,
    )


def _apply(state: CycleState, event: e.Event) -> CycleState:  # noqa: C901, PLR0911, PLR0912, PLR0915 - a line each
    data = event.data
    match data:
        case e.CycleOpened():
            raise ValueError("a cycle opens once")
        case e.DraftSaved():
            return state.model_copy(update={"deliverables": state.deliverables.with_(data.deliverable)})
        case e.StepSubmitted():
            return _submitted(state, data, event)
        case e.StageOpened():
            return _reviewing(state, open=(*_review(state).open, data.stage))
        case e.StageVoted():
            return _voted(state, data, event)
        case e.StepApproved():
            return _approved(state, data)
        case e.EffectMeasured():
            return state.model_copy(update={"effects": data.effects})
        case e.StepReturned():
            decided = _decided(state, event, Action.RETURN, data.post, data.reason, data.acted_as)
            return _returned(decided, data)
        case e.StageReturned():
            decided = _decided(state, event, Action.RETURN, data.post, data.reason, data.acted_as)
            review = _review(state)
            back = review.back_to(review.route.stage(data.to_stage), data.to_post)
            return decided.model_copy(update={"review": back})
        case e.PostPassedOver():
            return _reviewing(state, passed=(*_review(state).passed, Passed(stage=data.stage, post=data.post)))
        case e.CycleRejected():
            rejected = _decided(state, event, Action.REJECT, data.post, data.reason, data.acted_as)
            return rejected.model_copy(update={"status": CycleStatus.REJECTED, "review": None})
        case e.ReviewHeld():
            held = _decided(state, event, Action.HOLD, data.post, data.reason, data.acted_as)
            hold = Hold(since=event.at, until=data.until, by=event.actor, reason=data.reason)
            return held.model_copy(update={"status": CycleStatus.ON_HOLD, "hold": hold})
        case e.HoldEnded():
            return _resumed(state, event)
        case e.PulledBack():
            return state.model_copy(update={"step_status": StepStatus.DRAFT, "review": None})
        case e.DecisionRetracted():
            return put_back(state, data, event)
        case e.CycleWithdrawn():
            return state.model_copy(update={"status": CycleStatus.WITHDRAWN, "review": None, "hold": None})
        case e.Commented():
            return state.model_copy(update={"comments": state.comments + 1})
        case e.ConditionClosed():
            closing = {"closed_at": event.at, "evidence": data.evidence}
            return state.model_copy(
                update={
                    "conditions": tuple(
                        one.model_copy(update=closing) if one.n == data.n else one for one in state.conditions
                    )
                }
            )
        case e.ReminderDue():
            return _stage_changed(
                state, data.stage, lambda one: {"remind_at": data.next_at, "reminders_sent": one.reminders_sent + 1}
            )
        case e.StageEscalated():
            done: dict[str, object] = {"escalated": True, "escalate_at": None}
            if data.last:
                done = {"escalated_last": True, "escalate_last_at": None}
            return _stage_changed(state, data.stage, lambda _: done)
        case e.CycleCompleted():
            return state.model_copy(update={"status": CycleStatus.COMPLETED, "next_cycles": data.next})
        case e.ParentJoined():
            return _joined(state, data, event)
        case e.JoinRefused():
            late = TurnedAway(parent=data.parent, title=data.title, why=data.why, instead=data.instead, at=event.at)
            return state.model_copy(update={"turned_away": (*state.turned_away, late)})
        case BesideEvent():
            return state.model_copy(update=data.changes())
        case e.TargetsAmended():
            amended = Amendment(round=data.round, changes=data.changes, results_known=data.results_known, at=event.at)
            return state.model_copy(update={"amendments": (*state.amendments, amended)})
        case (
            a.QuestionAsked()
            | a.QuestionAnswered()
            | a.Circulated()
            | a.CirculationRead()
            | a.PostReviewDue()
            | a.PostReviewed()
        ):
            asides = state.asides.after(data, event.actor, event.on_behalf_of, event.at)
            return state.model_copy(update={"asides": asides})
        case e.CommandRefused():
            return state
        case attachments.AttachmentAdded():
            in_review = state.step_status is StepStatus.IN_REVIEW
            files = attachments.added(state.attachments, data, event.actor, event.at, in_review=in_review)
            return state.model_copy(update={"attachments": files})
        case attachments.AttachmentRemoved():
            files = attachments.removed(state.attachments, data.n, event.at)
            return state.model_copy(update={"attachments": files})
        case _:
            assert_never(data)


def _submitted(state: CycleState, data: e.StepSubmitted, event: e.Event) -> CycleState:
    return state.model_copy(
        update={
            "round": data.round,
            "step_status": StepStatus.IN_REVIEW,
            "terms": data.route.terms,
            "review": Review(
                round=data.round, route=data.route, submitted_at=event.at, gist=data.gist, votes=data.kept
            ),
            "returned": None,
            "attachments": attachments.handed_in(state.attachments, data.step),
            "deliverables": state.deliverables.with_(data.deliverable) if data.deliverable else state.deliverables,
        }
    )


def _returned(state: CycleState, data: e.StepReturned) -> CycleState:
    review, returned = _review(state), None
    if data.stage is not None and data.to_step is data.step:
        returned = Returned(gist=review.gist, stage=data.stage, route=review.route, votes=review.votes)
    return state.model_copy(
        update={"step": data.to_step, "step_status": StepStatus.RETURNED, "review": None, "returned": returned}
    )


def _voted(state: CycleState, data: e.StageVoted, event: e.Event) -> CycleState:
    review = _review(state)
    open_ = tuple(one for one in review.open if not (data.closes and one.key == data.vote.stage))
    decided = _decided(state, event, data.action, data.vote.post, data.reason, data.vote.acted_as, data.kind)
    return _reviewing(decided, votes=(*review.votes, data.vote), open=open_)


def _approved(state: CycleState, data: e.StepApproved) -> CycleState:
    following = data.step.next
    update: dict[str, object] = {"review": None, "conditions": (*state.conditions, *data.conditions)}
    if following is not None:
        update |= {"step": following, "step_status": StepStatus.DRAFT}
    return state.model_copy(update=update)


def _joined(state: CycleState, data: e.ParentJoined, event: e.Event) -> CycleState:
    first = max((one.n for one in state.conditions), default=0) + 1
    joined = Joined(
        parent=data.parent,
        initiative_id=data.initiative_id,
        title=data.title,
        inheritance=data.inheritance,
        seq=event.seq,
        at=event.at,
    )
    return state.model_copy(
        update={
            "parents": (*state.parents, data.parent),
            "joined": (*state.joined, joined),
            "conditions": (
                *state.conditions,
                *(one.model_copy(update={"n": n}) for n, one in enumerate(data.conditions, start=first)),
            ),
        }
    )


def _resumed(state: CycleState, event: e.Event) -> CycleState:
    update: dict[str, object] = {"status": CycleStatus.ACTIVE, "hold": None}
    if state.review is not None and state.hold is not None:
        route, since = state.review.route, state.hold.since
        open_ = tuple(after_hold(one, route, since, event.at) for one in state.review.open)
        update["review"] = state.review.model_copy(update={"open": open_})
    return state.model_copy(update=update)


def _decided(  # noqa: PLR0913, PLR0917 - everything the record shows of a decision
    state: CycleState,
    event: e.Event,
    action: Action,
    post: PostRef,
    reason: str | None,
    acted_as: ActedAs | None = None,
    kind: StageKind | None = None,
) -> CycleState:
    decision = Decision(
        round=state.round,
        step=state.step,
        action=action,
        by=event.actor,
        on_behalf_of=event.on_behalf_of,
        post=post,
        reason=reason,
        at=event.at,
        acted_as=acted_as,
        kind=kind,
    )
    return state.model_copy(update={"decisions": (*state.decisions, decision)})


def _review(state: CycleState) -> Review:
    if state.review is None:
        raise ValueError("no review is under way")
    return state.review


def _reviewing(state: CycleState, **changes: object) -> CycleState:
    return state.model_copy(update={"review": _review(state).model_copy(update=changes)})


def _stage_changed(state: CycleState, key: str, change: Callable[[OpenStage], dict[str, object]]) -> CycleState:
    open_ = tuple(one.model_copy(update=change(one)) if one.key == key else one for one in _review(state).open)
    return _reviewing(state, open=open_)


def _clock(before: CycleState, after: CycleState, event: e.Event) -> Clock:
    """Adds the stretch since the last turn-over to whoever had it, whenever the one waited for changes."""
    if before.waits_for == after.waits_for and before.status == after.status:
        return before.clock
    return before.clock.turned(before.waits_for, before.step, event.at)
