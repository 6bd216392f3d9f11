"""Who may read a cycle (docs/field/reading.md): what the cycle names, held against what a person holds on the day.

A cycle says by its `circle` how far it may be read, and by `named_in` whom it names: people and posts, as its events
tell them. A `Clearance` is what one person brings today: posts, those they stand in for, units they lead. Lists ask
the same with the same two (`engine.store.readable`), so nothing is read there that is not read here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from engine.domain.cycle.state import CycleState
from engine.domain.cycle.visibility import Visibility
from engine.domain.cycle.working_copy import WorkingCopy, over
from engine.domain.deliverables import Deliverables
from engine.domain.organisation.organisation import Duty, Organisation, PostRef, PostRole
from engine.domain.organisation.remits import NOTHING, Remit, remit_of
from engine.domain.review.authority import reads_for
from engine.domain.review.facts import Facts
from engine.domain.steps import StepStatus


class Circle(StrEnum):
    """How far a cycle may be read: its level, and whether it was ever handed in."""

    EVERYBODY = "everybody"
    DRAFT = "draft"
    CONCERNED = "concerned"
    CONCERNED_DRAFT = "concerned_draft"
    RESTRICTED = "restricted"


def circle_of(state: CycleState) -> Circle:
    """The circle of a cycle; before its first submission it is a draft, however open it will be."""
    if state.visibility is Visibility.RESTRICTED:
        return Circle.RESTRICTED
    if state.visibility is Visibility.CONCERNED:
        return Circle.CONCERNED if state.round else Circle.CONCERNED_DRAFT
    return Circle.EVERYBODY if state.round else Circle.DRAFT


def named_in(state: CycleState) -> frozenset[str]:
    """The keys of everybody whom the cycle names and who may read it for that; nobody where everybody may.

    `person:ID`; `acted:ID` for who has decided, and who stands in for them; `post:POST` for who reads for a post;
    `open:POST|OWNER` for who may decide there now.
    """
    circle = circle_of(state)
    if circle is Circle.EVERYBODY:
        return frozenset()
    keys = {f"person:{one}" for one in state.readers}
    keys |= {f"person:{one.owner}" for one in state.conditions}
    keys |= {f"person:{one.person}" for one in state.asides.post_reviews}
    keys |= {f"acted:{who}" for one in state.decisions for who in (one.by, one.on_behalf_of) if who}
    keys |= {open_key(str(post), state.owner) for post in state.open_posts()}
    if circle is not Circle.RESTRICTED:
        keys |= {f"person:{one}" for one in state.advisers}
    if circle is Circle.CONCERNED:
        keys |= {f"post:{post}" for post in _on_the_way(state)}
    return frozenset(keys)


def _on_the_way(state: CycleState) -> Iterable[PostRef]:
    """Every post on the route, in circulation or among those that have decided, and the heads who will receive it."""
    if state.review is not None:
        yield from (post for stage in state.review.route.stages for post in stage.posts)
    yield from (one.post for one in state.decisions)
    yield from (one.post for one in state.asides.circulation)
    yield from (PostRef(kind="head", unit=unit) for unit in state.deliverables.share.spread_targets)


def open_key(post: str, owner: str) -> str:
    """The key of a post that may decide now: who acts there is asked together with whose work it is."""
    return f"open:{post}|{owner}"


@dataclass(frozen=True)
class Clearance:
    """What a person may read by today.

    Attributes:
        person: id; empty for the application itself.
        everything: the application's own reading, which nobody sees.
        drafts_open: the policy opens drafts to everyone.
        heads_all: the head of the city, below whom everybody stands, or who stands in for them today.
        dx_team: has that duty today.
        keys: of `named_in`, those that open a cycle to them.
        leads: units whose head they are today, or stand in for.
        led: people with a post there.
        line: these units and all below them.
        below: people with a post there.
        decides: at which posts they may decide today, and whose work.
    """

    person: str
    everything: bool = False
    drafts_open: bool = False
    heads_all: bool = False
    dx_team: bool = False
    keys: frozenset[str] = frozenset()
    leads: frozenset[str] = frozenset()
    led: frozenset[str] = frozenset()
    line: frozenset[str] = frozenset()
    below: frozenset[str] = frozenset()
    decides: Remit = NOTHING

    @property
    def open_circles(self) -> frozenset[Circle]:
        """The circles in which they read every cycle."""
        if self.heads_all:
            return frozenset(Circle) - {Circle.RESTRICTED}
        found = {Circle.EVERYBODY}
        if self.drafts_open:
            found.add(Circle.DRAFT)
        if self.dx_team:
            found.add(Circle.CONCERNED)
        if self.dx_team and self.drafts_open:
            found.add(Circle.CONCERNED_DRAFT)
        return frozenset(found)


EVERYTHING = Clearance(person="", everything=True)
"""For what the application reads for itself: figures, chains, workers. Never for what a person is shown."""


def may_read(clearance: Clearance, state: CycleState) -> bool:
    """Whether a person may read the cycle today."""
    circle = circle_of(state)
    if clearance.everything or circle in clearance.open_circles or state.owner == clearance.person:
        return True
    if _leads(clearance, state):
        return True
    if named_in(state) & clearance.keys:
        return True
    return any(clearance.decides.holds(str(post), state.owner) for post in state.open_posts())


def reads(person: str, state: CycleState, facts: Facts) -> bool:
    """Whether a person may read one cycle today; what is theirs or everybody's costs no look at the organisation."""
    if state.owner == person or circle_of(state) is Circle.EVERYBODY:
        return True
    return may_read(clearance_of(person, facts), state)


def reads_drafts(clearance: Clearance, state: CycleState) -> bool:
    """Whether somebody may read what is being written and was not handed in: owner, advisers, heads in the line."""
    if clearance.everything or clearance.drafts_open or state.owner == clearance.person:
        return True
    restricted = circle_of(state) is Circle.RESTRICTED
    return _leads(clearance, state) or (not restricted and clearance.person in state.advisers)


def _leads(clearance: Clearance, state: CycleState) -> bool:
    """Whether somebody is a head in the owner's line; of work that few may read only the head of the unit counts."""
    if circle_of(state) is Circle.RESTRICTED:
        return state.owner in clearance.led or state.org_unit in clearance.leads
    return state.owner in clearance.below or state.org_unit in clearance.line


def is_hidden(clearance: Clearance, state: CycleState) -> bool:
    """Whether a step is being written that somebody may not look at yet."""
    writing = state.status.is_open and state.step_status is not StepStatus.IN_REVIEW
    return writing and not reads_drafts(clearance, state)


def as_seen(clearance: Clearance, state: CycleState, copy: WorkingCopy | None = None) -> CycleState:
    """The cycle with the working copy of its step, for who may read that; without what is written for who may not.

    Earlier steps stay. The application itself reads what was handed in.
    """
    if not is_hidden(clearance, state):
        return over(state, copy_for(clearance, state, copy))
    blank = Deliverables.MODELS[state.step]()
    return state.model_copy(update={"deliverables": state.deliverables.with_(blank)})


def copy_for(clearance: Clearance, state: CycleState, copy: WorkingCopy | None) -> WorkingCopy | None:
    """The working copy, for who may read it (docs/field/reading.md); never for the application itself."""
    shown = copy is not None and copy.step is state.step and not clearance.everything
    return copy if shown and reads_drafts(clearance, state) else None


def without_draft(data: dict[str, Any]) -> dict[str, Any]:
    """An event's content for who may not read drafts."""
    return {name: value for name, value in data.items() if data["type"] != "draft_saved" or name != "deliverable"}


def clearance_of(person: str, facts: Facts) -> Clearance:
    """What a person, or a program with a name of its own, may read today."""
    organisation, today = facts.organisation, facts.today
    posts = _reads_for(person, organisation, today)
    leads = {one.unit for one in posts if one.kind == "head" and one.unit is not None}
    line = {one.code for one in organisation.units if leads and _is_below(one.code, leads, organisation)}
    stands_for = {person} | {
        holder
        for post in posts
        if person not in (holders := organisation.holders(post, today))
        for holder in holders
        if organisation.absence_of(holder, today) is not None
    }
    on_the_day = [one for one in organisation.posts if leads and one.holds_on(today)]
    return Clearance(
        person=person,
        drafts_open=facts.policy.drafts_open,
        heads_all=bool(organisation.units) and organisation.citywide().code in leads,
        dx_team=Duty.DX_TEAM in organisation.duties_of(person, today),
        keys=frozenset(
            (
                f"person:{person}",
                *(f"acted:{one}" for one in stands_for),
                *(f"post:{one}" for one in posts),
            )
        ),
        leads=frozenset(leads),
        led=frozenset(one.person_id for one in on_the_day if one.unit_code in leads),
        line=frozenset(line),
        below=frozenset(one.person_id for one in on_the_day if one.unit_code in line),
        decides=remit_of(person, organisation, today),
    )


def leads_owner(person: str, state: CycleState, organisation: Organisation, on: date) -> bool:
    """Whether the person is the head of the owner's unit on that day, or stands in for them."""
    units = {state.org_unit, *(one.unit_code for one in organisation.posts_of(state.owner, on))}
    heads = (PostRef(kind="head", unit=one) for one in sorted(units))
    return bool(reads_for(person, heads, organisation, on))


def _reads_for(person: str, organisation: Organisation, on: date) -> tuple[PostRef, ...]:
    """The posts that a person holds on that day, or at which they stand in for somebody who is away."""
    away = {one.person_id for one in organisation.absences if one.covers(on)}
    posts = [ref for one in (person, *sorted(away)) for ref in _refs(one, organisation, on)]
    return reads_for(person, posts, organisation, on)


def _refs(person: str, organisation: Organisation, on: date) -> Iterable[PostRef]:
    """The posts a person holds on that day by which routes name them: headships and duties."""
    for one in organisation.posts_of(person, on):
        if one.role is PostRole.HEAD:
            yield PostRef(kind="head", unit=one.unit_code)
        yield from (PostRef(kind="duty", duty=duty) for duty in one.duties)


def _is_below(unit: str, heads: set[str], organisation: Organisation) -> bool:
    return unit in heads or any(one.code in heads for one in organisation.ancestors(unit))
