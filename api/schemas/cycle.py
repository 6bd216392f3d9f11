"""The shapes of answers (docs/guides/http.md), made from what the store holds. Must not know HTTP or SQL."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from api.schemas.effects import EffectsView, effects_view
from engine.contracts.lists import InitiativeCycles, Lineage, ToRead, Waiting
from engine.domain.analytics.results import entry_of
from engine.domain.cycle.events import Condition, Inheritance, PlannedNext
from engine.domain.cycle.state import CycleState, Hold, Joined, TurnedAway
from engine.domain.cycle.visibility import Visibility
from engine.domain.cycle.working_copy import WorkingCopy
from engine.domain.effects.account import Booking, added_up, book
from engine.domain.moves.allowed import Move
from engine.domain.review.consultation import Circulation, PostReview, Question
from engine.domain.review.facts import Facts
from engine.domain.review.review import Action
from engine.domain.roadmap import Governance, Pillar
from engine.domain.scope import OrgScope, WorkScope
from engine.domain.steps import ORDER, CycleKind, CycleStatus, Step, StepStatus

CYCLE_EXAMPLE: JsonDict = {
    "id": "ik3v9xq2mwa-1", "initiative_id": "ik3v9xq2mwa", "turn": 1, "kind": "start", "title": "住民票が届く窓口",
    "pillar": "P1", "startup": None, "governance": "section_led", "org_scope": "individual", "org_unit": "1101",
    "work_scope": "task", "owner": "p045", "visibility": "office", "readers": [], "status": "active",
    "step": "imagine", "step_status": "draft", "round": 0,
    "revision": 1,
    "waiting_for": {
        "kind": "owner", "people": ["p045"], "posts": [], "since": "2026-11-24T00:00:00Z", "due_at": None,
    },
    "definition_version": 1, "actions": ["save_draft", "submit", "withdraw", "comment", "attach", "set_visibility"],
    "deliverables": {"imagine": {}, "transform": {}, "realise": {}, "share": {}}, "draft": None,
    "decisions": [], "conditions": [],
    "retracted_decisions": [],
    "questions": [], "circulation": [], "post_reviews": [],
    "effects": {"hours_saved_per_year": None, "yen_per_year": None, "metrics": []}, "parents": [], "children": [],
    "next": [], "hold": None, "inheritance": None,
    "joined": [], "turned_away": [], "advisers": [], "adopted_from": None, "copied_from": None,
    "comments": 0, "owner_seconds": 0.0,
    "approver_seconds": 0.0, "held_seconds": 0.0,
    "created_at": "2026-11-24T00:00:00Z", "updated_at": "2026-11-24T00:00:00Z",
}  # fmt: skip


class View(BaseModel):
    """An answer."""

    model_config = ConfigDict(frozen=True)


class WaitingFor(View):
    kind: str = Field(description="owner, approver or none")
    people: list[str] = Field(description="who may act today")
    posts: list[str] = Field(description="such as `head@1201` or `duty@cdo`")
    since: datetime
    due_at: datetime | None


class DecisionView(View):
    round: int
    step: Step
    action: Action
    by: str
    on_behalf_of: str | None
    post: str
    reason: str | None
    at: datetime
    acted_as: str | None = Field(description="post, proxy, escalation or pull_up")


class RetractedDecisionView(DecisionView):
    """A decision that was taken back, with when and why."""

    retracted_at: datetime
    retracted_because: str


class ConditionView(Condition):
    """A condition, and whether it is overdue today."""

    overdue: bool


class DraftView(View):
    """The working copy of the current step: kept beside the cycle until it is handed in or discarded."""

    revision: int = Field(description="its own, with every save; the second half of the ETag")
    saved_at: datetime
    valid: bool = Field(description="false while a page holds what cannot be read as the step's form yet")


class CycleView(View):
    """One cycle, as in the contract, with what a reader needs beside it."""

    model_config = ConfigDict(frozen=True, json_schema_extra={"examples": [CYCLE_EXAMPLE]})

    id: str
    initiative_id: str
    turn: int
    kind: CycleKind
    title: str
    pillar: Pillar | None
    startup: str | None
    governance: Governance
    org_scope: OrgScope
    org_unit: str
    work_scope: WorkScope
    owner: str
    visibility: Visibility = Field(description="who may read it: everyone with a post, who is concerned, or few")
    readers: list[str] = Field(description="whom the owner has named besides")
    status: CycleStatus
    step: Step
    step_status: StepStatus
    round: int
    revision: int
    definition_version: int = Field(description="which edition of the cycle's rules it began with, and keeps")
    waiting_for: WaitingFor
    actions: list[Move] = Field(description="the moves that are open to you now; a decision is named by its action")
    deliverables: dict[str, dict[str, Any]]
    draft: DraftView | None = Field(
        description="the working copy in the current step's place, for who may read it; null while there is none"
    )
    decisions: list[DecisionView] = Field(description="those that stand")
    retracted_decisions: list[RetractedDecisionView] = Field(description="決裁の取消し: those that were taken back")
    conditions: list[ConditionView]
    questions: list[Question] = Field(
        description="asked by a decider without returning; null answer: not answered yet"
    )
    circulation: list[Circulation] = Field(description="供覧: who has it to read only, and who has read it")
    post_reviews: list[PostReview] = Field(description="後閲: who reads afterwards what was decided without them")
    effects: EffectsView
    parents: list[str]
    children: list[str]
    next: list[PlannedNext]
    hold: Hold | None
    inheritance: Inheritance | None
    joined: list[Joined] = Field(description="cycles that flowed into this one after its opening")
    turned_away: list[TurnedAway] = Field(description="cycles that came too late, and what opened for them instead")
    advisers: list[str] = Field(description="owners of the cycles this one grew from; they may comment and are told")
    adopted_from: str | None
    copied_from: str | None
    comments: int
    owner_seconds: float
    approver_seconds: float
    held_seconds: float
    created_at: datetime
    updated_at: datetime


class RingView(View):
    """A cycle inside its spiral, with what it adds beyond the cycles it contains."""

    cycle: CycleView
    hours_saved_per_year_increment: float | None
    yen_per_year_increment: float | None


class InitiativeView(View):
    """The whole spiral. Totals are sums of increments; null while nothing is measured."""

    id: str
    title: str
    pillar: Pillar | None
    startup: str | None
    hours_saved_per_year: float | None
    yen_per_year: float | None
    open_cycles: int
    hidden: int = Field(description="cycles that you may not read; the totals count them too")
    cycles: list[RingView]


class InboxItem(View):
    cycle_id: str
    round: int
    step: Step
    title: str
    owner: str
    why: str = Field(
        description="post, proxy, escalation, pull_up (if asked); to read: post_review, circulation, question, stuck"
    )
    on_behalf_of: str | None
    since: datetime
    due_at: datetime | None = Field(description="null for what is only to be read or answered")
    n: int | None = Field(default=None, description="number of the post-review or question")


class EventView(View):
    seq: int
    at: datetime
    actor: str
    on_behalf_of: str | None
    by_token_of: str | None = Field(description="who made the token the actor came with, when that was another")
    type: str
    data: dict[str, Any]
    hash: str


def cycle_view(lineage: Lineage, facts: Facts, actions: Sequence[Move]) -> CycleView:
    """A cycle as of today: who it waits for, and what the reader may do, is asked anew every time."""
    state = lineage.state
    plain = {name: getattr(state, name) for name in CycleView.model_fields if name in type(state).model_fields}
    plain |= {
        "id": state.cycle_id,
        "waiting_for": waiting_for(state, facts),
        "deliverables": {step.value: _given(state, step) for step in ORDER},
        "draft": _draft(lineage.working_copy),
        "decisions": [
            DecisionView.model_validate(one.model_dump() | {"post": str(one.post)}) for one in state.decisions
        ],
        "retracted_decisions": [
            RetractedDecisionView.model_validate(one.model_dump() | {"post": str(one.post)})
            for one in state.retracted
        ],
        "conditions": [
            ConditionView(**one.model_dump(), overdue=one.closed_at is None and one.due < facts.today)
            for one in state.conditions
        ],
        "questions": list(state.asides.questions),
        "circulation": list(state.asides.circulation),
        "post_reviews": list(state.asides.post_reviews),
        "effects": effects_view(state),
        "readers": list(state.readers),
        "definition_version": state.definition,
        "actions": list(actions),
        "parents": list(state.parents),
        "children": list(lineage.children),
        "next": list(state.next_cycles),
        "joined": list(state.joined),
        "turned_away": list(state.turned_away),
        "advisers": list(state.advisers),
        "owner_seconds": state.clock.owner_seconds,
        "approver_seconds": state.clock.approver_seconds,
        "held_seconds": state.clock.held_seconds,
    }
    return CycleView.model_construct(**plain)


def waiting_for(state: CycleState, facts: Facts) -> WaitingFor:
    """Who can move the cycle today."""
    people: tuple[str, ...] = (state.owner,) if state.waits_for == "owner" else ()
    posts = state.open_posts() if state.waits_for == "approver" else ()
    if posts:
        grants = (
            grant for post in posts for grant in facts.organisation.deciders(post, facts.today, excluding=state.owner)
        )
        people = tuple(dict.fromkeys(grant.person_id for grant in grants))
    return WaitingFor(
        kind=state.waits_for,
        people=list(people),
        posts=[str(post) for post in posts],
        since=state.clock.since,
        due_at=state.due_at or (state.hold.until if state.hold else None),
    )


def initiative_view(
    initiative_id: str,
    spiral: InitiativeCycles,
    facts: Facts,
    actions: Mapping[str, Sequence[Move]],
    account: Mapping[str, Booking] | None = None,
) -> InitiativeView:
    """A spiral with its totals.

    `actions` says what the reader may do with a cycle, by its id; nothing with one that is not there.

    `account` holds what each cycle adds, by cycle, made from everything the spiral contains; without it only the
    spiral's own cycles are known, and what joined it from elsewhere is not taken off.
    """
    if account is None:
        account = {one.entry.cycle_id: one for one in book(entry_of(one.state) for one in spiral.lineages)}
    booked = [account[one.state.cycle_id] for one in spiral.lineages]
    whole = booked + [account[one] for one in spiral.hidden if one in account]
    first = spiral.lineages[0].state
    return InitiativeView.model_construct(
        id=initiative_id,
        title=first.title,
        pillar=first.pillar,
        startup=first.startup,
        hours_saved_per_year=added_up(one.hours for one in whole),
        yen_per_year=added_up(one.yen for one in whole),
        open_cycles=sum(one.state.status.is_open for one in spiral.lineages),
        hidden=len(spiral.hidden),
        cycles=[
            RingView.model_construct(
                cycle=cycle_view(one, facts, actions.get(one.state.cycle_id, ())),
                hours_saved_per_year_increment=added.hours,
                yen_per_year_increment=added.yen,
            )
            for one, added in zip(spiral.lineages, booked, strict=True)
        ],
    )


def inbox_item(waiting: Waiting) -> InboxItem:
    """One line of the inbox."""
    return InboxItem(
        cycle_id=waiting.cycle_id,
        round=waiting.round,
        step=waiting.step,
        title=waiting.title,
        owner=waiting.owner,
        why=waiting.why,
        on_behalf_of=waiting.grant.on_behalf_of,
        since=waiting.since,
        due_at=waiting.due_at,
    )


def reading_item(one: ToRead) -> InboxItem:
    """One line of the inbox that waits for no decision."""
    return InboxItem(**one.model_dump(), on_behalf_of=None, due_at=None)


def _draft(copy: WorkingCopy | None) -> DraftView | None:
    if copy is None:
        return None
    return DraftView(revision=copy.revision, saved_at=copy.saved_at, valid=copy.is_valid)


def _given(state: CycleState, step: Step) -> dict[str, Any]:
    """What was handed in, without the places that are still empty."""
    return state.deliverables.of(step).model_dump(mode="json", by_alias=True, exclude_defaults=True)
