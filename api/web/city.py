"""The state of the city at a glance: what it brought, where it waits, how far it has spread; as of any day."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query
from markupsafe import Markup
from starlette.responses import Response

from api.effects_view import EffectTotals, effect_totals
from api.routes.dashboard import looked_up
from api.web.charts import bars
from api.web.people import Someone, post_name, someone, unit_name
from api.web.site import Context, Member, MemberVisit, pages_router
from api.web.words import name_of
from engine.domain.account import GroupBy, Selection
from engine.domain.calendar import fiscal_year as year_of
from engine.domain.errors import invalid_at
from engine.domain.figures.quality import QualityFigures
from engine.domain.figures.spread import SpreadFigures, Stories
from engine.domain.figures.summary import Summary
from engine.domain.figures.waiting import WaitingFigures
from engine.domain.figures.wanted import Question
from engine.domain.organisation import PostRef, UnitLevel
from engine.domain.roadmap import Pillar

router = pages_router()
BLUE, VIOLET = "#2a5d8f", "#5a4fcf"
SHOWN = 10


class Choice(Context):
    """One link of a filter."""

    text: str
    href: str
    current: bool


class Choices(Context):
    """A filter: links, one of them current."""

    name: str
    items: tuple[Choice, ...]


class Waits(Context):
    """A post with what waits for it."""

    post: str
    people: tuple[Someone, ...]
    waiting: int
    overdue: int
    oldest_days: float


class Late(Context):
    """A cycle that has waited long."""

    cycle_id: str
    title: str
    step: str
    who: str
    days: float
    overdue: bool


class Without(Context):
    """Offices of one level that have no initiative."""

    level: UnitLevel
    value: float | None
    names: tuple[str, ...]


class CityContext(Context):
    """Everything on the page."""

    as_of: date
    is_now: bool
    filters: tuple[Choices, ...]
    hidden: tuple[tuple[str, str], ...]
    summary: Summary
    effects: EffectTotals
    effects_chart: Markup
    waiting: WaitingFigures
    waiting_chart: Markup
    posts: tuple[Waits, ...]
    longest: tuple[Late, ...]
    spread: SpreadFigures
    rungs_chart: Markup
    without: tuple[Without, ...]
    quality: QualityFigures
    stories: Stories


@router.get("/city")
async def city(  # noqa: PLR0913, PLR0917 - an argument for each filter
    visit: Member,
    fiscal_year: Annotated[int | None, Query(ge=2000, le=2200)] = None,
    pillar: Pillar | None = None,
    startup: Annotated[str | None, Query(max_length=64)] = None,
    org_unit: Annotated[str | None, Query(max_length=64)] = None,
    as_of: Annotated[str, Query(max_length=10)] = "",
) -> Response:
    """The city, today or as of a past day."""
    question = Question(fiscal_year=fiscal_year, pillar=pillar, startup=startup, org_unit=org_unit, as_of=_day(as_of))
    return visit.page("city.html", await asyncio.to_thread(_context, question, visit))


def _day(text: str) -> date | None:
    """The day of the form's field, which is there but empty when no day is chosen."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise invalid_at("?as_of", "not_a_date") from error


def _context(question: Question, visit: MemberVisit) -> CityContext:
    desk, facts = visit.desk, visit.caller.facts
    organisation = facts.organisation
    wanted = looked_up(question, facts, desk)
    figures = desk.figures
    waiting, spread = figures.waiting(wanted, organisation), figures.spread(wanted, organisation)
    effects = _effects(question, visit)
    return CityContext(
        as_of=wanted.today,
        is_now=wanted.is_now,
        filters=_filters(question, visit),
        hidden=tuple((name, value) for name, value in _asked(question) if name != "as_of"),
        summary=figures.summary(wanted),
        effects=effects,
        effects_chart=_effects_chart(effects, visit),
        waiting=waiting,
        waiting_chart=_waiting_chart(waiting, visit),
        posts=tuple(
            Waits(
                post=post_name(PostRef.parse(one.key), facts, visit.language),
                people=tuple(someone(person, facts, visit.language) for person in one.people),
                waiting=one.waiting,
                overdue=one.overdue,
                oldest_days=one.oldest_days,
            )
            for one in waiting.by_post[:SHOWN]
        ),
        longest=tuple(_late(waiting, visit)),
        spread=spread,
        rungs_chart=bars(
            [(name_of(one.rung, visit.language, "OrgScope"), one.open + one.completed) for one in spread.org_scope],
            visit.say("Cycles on each rung"),
            BLUE,
        ),
        without=tuple(
            Without(
                level=one.level,
                value=one.with_any.value,
                names=tuple(unit_name(code, facts, visit.language) for code in one.none),
            )
            for one in spread.offices
        ),
        quality=figures.quality(wanted),
        stories=figures.stories(wanted),
    )


def _effects(question: Question, visit: MemberVisit) -> EffectTotals:
    facts = visit.caller.facts
    selection = Selection(
        fiscal_year=question.fiscal_year, pillar=question.pillar, startup=question.startup, org_unit=question.org_unit
    )
    bookings = visit.desk.account.bookings(facts.policy.utc_offset_minutes)
    return effect_totals(bookings, selection, GroupBy.PILLAR, facts.organisation, facts.policy.hourly_rate_yen)


def _effects_chart(effects: EffectTotals, visit: MemberVisit) -> Markup:
    rows = [
        (one.key or visit.say("no pillar"), one.hours_saved_per_year)
        for one in effects.items
        if one.hours_saved_per_year is not None
    ]
    return bars(rows, visit.say("Hours saved a year by pillar"), BLUE)


def _waiting_chart(waiting: WaitingFigures, visit: MemberVisit) -> Markup:
    rows = []
    for band in waiting.bands:
        if band.up_to_days is None:
            name = visit.say("over %(days)s days", days=band.over_days)
        else:
            name = visit.say("up to %(days)s days", days=band.up_to_days)
        rows.append((name, float(band.approver)))
    return bars(rows, visit.say("Decisions waiting, by how long"), VIOLET)


def _late(waiting: WaitingFigures, visit: MemberVisit) -> Iterable[Late]:
    facts = visit.caller.facts
    for one in waiting.longest[:SHOWN]:
        names = (
            [someone(one.owner, facts, visit.language).name]
            if one.waits_for == "owner"
            else [post_name(PostRef.parse(post), facts, visit.language) for post in one.posts]
        )
        yield Late(
            cycle_id=one.cycle_id, title=one.title, step=one.step, who=", ".join(names), days=one.days,
            overdue=one.overdue,
        )  # fmt: skip


def _asked(question: Question) -> list[tuple[str, str]]:
    plain = question.model_dump(mode="json", exclude_none=True)
    return [(name, str(value)) for name, value in plain.items()]


def _filters(question: Question, visit: MemberVisit) -> tuple[Choices, ...]:
    facts = visit.caller.facts
    this_year = year_of(facts.today)
    years: list[tuple[str | None, str]] = [(None, visit.say("All years"))]
    years += [(str(year), visit.days.fiscal_year(date(year, 4, 1))) for year in (this_year, this_year - 1)]
    pillars: list[tuple[str | None, str]] = [(None, visit.say("All pillars"))]
    pillars += [(one.value, f"{one.value} {name_of(one, visit.language)}") for one in Pillar]
    departments = [unit for unit in facts.organisation.units if unit.level is UnitLevel.DEPARTMENT]
    offices: list[tuple[str | None, str]] = [(None, visit.say("The whole city"))]
    offices += [(one.code, unit_name(one.code, facts, visit.language)) for one in departments]
    return (
        _choices("fiscal_year", visit.say("Fiscal year"), years, question),
        _choices("pillar", visit.say("Pillar"), pillars, question),
        _choices("org_unit", visit.say("Office"), offices, question),
    )


def _choices(key: str, name: str, options: Sequence[tuple[str | None, str]], question: Question) -> Choices:
    asked = dict(_asked(question))
    items = []
    for value, text in options:
        query = {one: kept for one, kept in asked.items() if one != key} | ({key: value} if value else {})
        href = f"/city?{urlencode(query)}" if query else "/city"
        items.append(Choice(text=text, href=href, current=asked.get(key) == value))
    return Choices(name=name, items=tuple(items))
