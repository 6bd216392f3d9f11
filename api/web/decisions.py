"""My decisions: the inbox, one page for each gate, the moves, many at once, and what I decided."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Annotated, Literal, TypeVar
from urllib.parse import urlencode

from fastapi import Query
from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.responses import Response

from api.gateway import EngineAwayError
from api.paging import encoded, key_of
from api.problems import validated
from api.route_view import RouteView
from api.sentences import sentence
from api.web.beside import Beside, beside
from api.web.cycle import Decided, Said, comments_of, decided, earlier, route_of, there
from api.web.cycle_moves import give
from api.web.differences import Difference, since_last_time
from api.web.gates import checks_of
from api.web.people import Someone, post_name, someone, unit_name
from api.web.sheet import Bar, Section, bars, sheet
from api.web.site import Context, Member, MemberVisit, Typed, pages_router, text_of
from api.web.words import N_, name_of
from engine.domain import commands as c
from engine.domain.approvals import Action, Mode, StageKind
from engine.domain.errors import DomainError
from engine.domain.events import Condition
from engine.domain.standing import grants_of
from engine.domain.state import CycleState
from engine.domain.steps import ORDER, Step
from engine.store.readers import Key
from engine.store.readings import ToRead, to_read
from engine.store.work import Waiting

router = pages_router()
MANY = 100
SHOWN, BESIDE, WHOLE = 40, 10, 50
"""Decisions on one page, lines of each list beside them, and lines of a page that shows one such list alone."""
Part = Literal["", "read", "below"]
One = TypeVar("One")
Why = Literal["", "post", "proxy", "escalation", "late"]


WORDS = {
    "post_review": N_("to read afterwards"),
    "circulation": N_("to read"),
    "question": N_("to answer"),
    "stuck": N_("long overdue"),
}
"""Why something that needs no decision lies with somebody."""


class Item(Context):
    """One decision that waits for me."""

    cycle_id: str
    round: int
    title: str
    step: Step
    unit: str
    owner: Someone
    why: str
    on_behalf_of: str | None
    since: datetime
    due_at: datetime


class Reading(Context):
    """Something to read or to answer; nothing is decided by it."""

    cycle_id: str
    title: str
    step: Step
    owner: Someone
    why: str
    since: datetime


class InboxContext(Context):
    """The inbox, filtered by `why`; counts are of the whole. A `part` stands alone; `following` leads on."""

    items: tuple[Item, ...]
    why: Why
    counts: dict[str, int]
    part: Part = ""
    following: str | None = None
    readings: tuple[Reading, ...] = ()
    readings_count: int = 0
    words: dict[str, str] = WORDS
    below: tuple[Item, ...] = ()
    below_count: int = 0
    results: tuple[tuple[str, str], ...] = ()


class GateContext(Context):
    """Everything a decider looks at; `typed` and `errors` come back after a refusal."""

    state: CycleState
    unit: str
    owner: Someone
    may_decide: bool
    final: bool
    on_behalf_of: Someone | None
    checks: tuple[str, ...]
    section: Section
    others: tuple[Section, ...]
    changes: tuple[Difference, ...]
    bars: tuple[Bar, ...]
    route: RouteView | None
    decisions: tuple[Decided, ...]
    comments: tuple[Said, ...]
    conditions: tuple[Condition, ...]
    back_to: tuple[tuple[str, str], ...]
    opinion: bool
    pull_up: bool
    beside: Beside
    typed: dict[str, str]
    errors: dict[str, str]
    today: date


@router.get("/decisions")
def inbox(
    visit: Member,
    why: Annotated[Why, Query()] = "",
    part: Annotated[Part, Query()] = "",
    cursor: Annotated[str | None, Query(max_length=400)] = None,
) -> Response:
    """What waits for me, the most urgent first; filters are links, and so is what comes after a page."""
    return visit.page("decisions.html", _inbox(visit, why, part, key_of(cursor)))


@router.post("/decisions")
async def many(visit: Member, form: Typed) -> Response:
    """Decides every ticked item; each has its own result."""
    action = Action(text_of(form, "action")) if text_of(form, "action") in set(Action) else Action.APPROVE
    results = []
    for value in form.getlist("item")[:MANY]:
        cycle, _, number = str(value).rpartition("@")
        text = await _one(visit, cycle, c.Decide(action=action, round=int(number or 0), reason=_reason(form)))
        results.append((cycle, text))
    if not results:
        return visit.to("/decisions", N_("Nothing was ticked."), "wrong")
    context = await asyncio.to_thread(_inbox, visit, "")
    return await asyncio.to_thread(
        visit.page, "decisions.html", context.model_copy(update={"results": tuple(results)})
    )


@router.get("/decisions/{cycle}")
def gate(visit: Member, cycle: str) -> Response:
    """One cycle at its gate."""
    return visit.page("gate.html", _gate(visit, cycle, {}, {}))


@router.post("/decisions/{cycle}")
async def move(visit: Member, form: Typed, cycle: str) -> Response:
    """One move; a refusal comes back beside its control, with everything that was typed."""
    try:
        await give(visit, cycle, _asked(form))
    except DomainError as error:
        refusal = error.refusal
        if not refusal.errors:
            raise
        errors = {one.pointer: sentence(one.code, visit.language, one.params) for one in refusal.errors}
        typed = {name: value for name, value in form.multi_items() if isinstance(value, str)}
        return await asyncio.to_thread(
            lambda: visit.page("gate.html", _gate(visit, cycle, typed, errors), status=422)
        )
    return visit.to("/decisions", N_("Your decision is recorded."))


def _asked(form: FormData) -> c.Decide:
    action = text_of(form, "action")
    conditions = (
        (c.ConditionAsked(text=text_of(form, "condition"), due=_day(text_of(form, "condition_due"))),)
        if action == Action.APPROVE_WITH_CONDITIONS
        else ()
    )
    try:
        return c.Decide.model_validate(
            {
                "action": action,
                "round": text_of(form, "round"),
                "reason": _reason(form),
                "return_to": text_of(form, "return_to") or None if action == Action.RETURN else None,
                "conditions": conditions,
                "pull_up": bool(text_of(form, "pull_up")),
                "hold_until": _day(text_of(form, "hold_until")) if action == Action.HOLD else None,
            }
        )
    except ValidationError as error:
        raise validated(error) from error


def _reason(form: FormData) -> str | None:
    return text_of(form, "reason") or None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


async def _one(visit: MemberVisit, cycle: str, body: c.Decide) -> str:
    try:
        await give(visit, cycle, body)
    except DomainError as error:
        first = error.refusal.errors[0] if error.refusal.errors else error.refusal
        return sentence(first.code, visit.language, first.params)
    except EngineAwayError as error:
        return sentence(error.code, visit.language)
    return ""


def _inbox(visit: MemberVisit, why: Why, part: Part = "", after: Key | None = None) -> InboxContext:
    now, work = visit.desk.directory.now(), visit.desk.work
    me, facts = visit.caller.id, visit.caller.facts
    mine, unread = work.inbox(me, facts), to_read(visit.desk.database, me, facts)
    counts = {"": len(mine), "late": sum(one.due_at < now for one in mine)}
    counts |= {kind: sum(one.why == kind for one in mine) for kind in ("post", "proxy", "escalation")}
    below_count = work.below_count(me, facts)
    items: Sequence[Waiting] = ()
    readings: Sequence[ToRead] = unread[:BESIDE]
    below: Sequence[Waiting] = ()
    last: Key | None = None
    if part == "":
        wanted = [one for one in mine if why in {"", one.why} or (why == "late" and one.due_at < now)]
        wanted.sort(key=_due)
        items, last = _page([one for one in wanted if after is None or _due(one) > after], SHOWN, _due)
        below = work.below(me, facts, BESIDE) if below_count else []
    elif part == "read":
        readings, last = _page([one for one in unread if after is None or _seen(one) > after], WHOLE, _seen)
    else:
        below, last = _page(work.below(me, facts, WHOLE + 1, after), WHOLE, _due)
    kept = {"why": why, "part": part, "cursor": encoded((last[0].isoformat(), last[1])) if last else ""}
    return InboxContext(
        items=tuple(_item(one, visit) for one in items),
        why=why,
        counts=counts,
        part=part,
        following=f"/decisions?{urlencode({name: one for name, one in kept.items() if one})}" if last else None,
        readings=tuple(_reading(one, visit) for one in readings),
        readings_count=len(unread),
        below=tuple(_item(one, visit) for one in below),
        below_count=below_count,
    )


def _page(found: Sequence[One], limit: int, key: Callable[[One], Key]) -> tuple[Sequence[One], Key | None]:
    """The first ones, and the key of the last of them when there are more."""
    return found[:limit], key(found[limit - 1]) if len(found) > limit else None


def _due(one: Waiting) -> Key:
    return one.due_at, one.cycle_id


def _seen(one: ToRead) -> Key:
    return one.since, f"{one.cycle_id} {one.why} {one.n or 0:09}"


def _reading(one: ToRead, visit: MemberVisit) -> Reading:
    owner = someone(one.owner, visit.caller.facts, visit.language)
    return Reading(cycle_id=one.cycle_id, title=one.title, step=one.step, owner=owner, why=one.why, since=one.since)


def _item(waiting: Waiting, visit: MemberVisit) -> Item:
    facts, language = visit.caller.facts, visit.language
    absent = waiting.grant.on_behalf_of
    return Item(
        cycle_id=waiting.cycle_id,
        round=waiting.round,
        title=waiting.title,
        step=waiting.step,
        unit=unit_name(waiting.org_unit, facts, language),
        owner=someone(waiting.owner, facts, language),
        why=waiting.why,
        on_behalf_of=someone(absent, facts, language).name if absent else None,
        since=waiting.since,
        due_at=waiting.due_at,
    )


def _gate(visit: MemberVisit, cycle: str, typed: dict[str, str], errors: dict[str, str]) -> GateContext:
    state, facts, language = there(visit, cycle).state, visit.caller.facts, visit.language
    grants = facts.organisation.acts_for(visit.caller.id, state.open_posts(), facts.today, state.owner)
    stages = [stage for one in grants if state.review and (stage := state.review.stage_of(one.post))]
    absent = next((one.on_behalf_of for one in grants if one.on_behalf_of), None)
    own = any(one.why == "post" for one in grants)
    final = any(stage.kind is StageKind.FINAL for stage in stages)
    return GateContext(
        state=state,
        unit=unit_name(state.org_unit, facts, language),
        owner=someone(state.owner, facts, language),
        may_decide=bool(stages),
        final=final,
        on_behalf_of=someone(absent, facts, language) if absent and not own else None,
        checks=tuple(visit.say(text) for text in checks_of(state.step)),
        section=sheet(state, state.step, visit),
        others=tuple(sheet(state, step, visit) for step in ORDER if step.rank < state.step.rank),
        changes=since_last_time(cycle, state.step, visit),
        bars=bars(state),
        route=route_of(state, visit),
        decisions=tuple(decided(one, visit) for one in reversed(state.decisions)),
        comments=comments_of(state, visit),
        conditions=state.conditions,
        back_to=_back_to(state, visit, final=final),
        opinion=any(stage.mode is Mode.OPINION for stage in stages),
        pull_up=not stages and _may_pull_up(state, visit),
        beside=beside(state, visit),
        typed=typed,
        errors=errors,
        today=facts.today,
    )


def _may_pull_up(state: CycleState, visit: MemberVisit) -> bool:
    """Whether the reader is a superior who may act for whoever has it below (引上げ)."""
    if state.review is None or state.owner == visit.caller.id:
        return False
    facts = visit.caller.facts
    return bool(grants_of(visit.caller.id, state.review, facts.organisation, facts.today, state.owner, pull_up=True))


def _back_to(state: CycleState, visit: MemberVisit, *, final: bool) -> tuple[tuple[str, str], ...]:
    """Where a return may lead: the drafter, stages that were before, and earlier steps for the final decider."""
    facts, language = visit.caller.facts, visit.language
    found = [("drafter", visit.say("the owner"))]
    if state.review is not None:
        here = min((state.review.route.stage(one.key).order for one in state.review.open), default=0)
        found += [
            (stage.key, ", ".join(post_name(post, facts, language) for post in stage.posts))
            for stage in state.review.route.stages
            if stage.order < here
        ]
    if final:
        found += [(step.value, name_of(step, language)) for step in earlier(state.step)[1:]]
    return tuple(found)
