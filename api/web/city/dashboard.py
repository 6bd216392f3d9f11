"""The state of the city at a glance: what it brought, where it waits, how far it has spread; as of any day."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

from markupsafe import Markup
from starlette.responses import Response

from api.services.city import figures
from api.services.city.questions import looked_up
from api.web.city.filters import Asked, Choices, address, filters, plain
from api.web.format.charts import columns
from api.web.format.gettext import name_of
from api.web.frame.page import Context, Member, MemberVisit, pages_router
from api.web.frame.people import Someone, post_name, someone, unit_name
from api.web.spiral.small import Small, small
from engine.domain.analytics.drilldown import DrilledPart
from engine.domain.analytics.overview import Department, Glance, Trend
from engine.domain.analytics.overview import Sign as Furthest
from engine.domain.analytics.quality import QualityFigures
from engine.domain.analytics.query import FiguresQuestion
from engine.domain.analytics.reach import SpreadFigures, Stories
from engine.domain.analytics.summary import Summary, catalogue
from engine.domain.analytics.waiting import Longest, WaitingFigures
from engine.domain.effects.account import EffectSum
from engine.domain.effects.sums import Group
from engine.domain.organisation.organisation import PostRef, UnitLevel
from engine.language.fields import label

router = pages_router()
BLUE = "#2a5d8f"
SHOWN = 8
ABOVE = frozenset({
    "initiatives", "completed", "overdue", "expansion_rate", "first_pass_rate", "return_rate", "offline_route_rate",
    "measured_baseline_rate", "effects.hours_saved_per_year", "effects.yen_per_year", "effects.unmeasured",
    "effects.worse",
})  # fmt: skip
"""Figures that have a place of their own on the page."""
SIGNS = 12
"""Spirals on the page, the largest first."""


class Waits(Context):
    """A post with what waits for it."""

    post: str
    people: tuple[Someone, ...]
    waiting: int
    overdue: int
    oldest_days: float


class Late(Context):
    """A cycle that has waited long."""

    one: Longest
    who: str


class Without(Context):
    """Offices of one level that have no initiative."""

    level: UnitLevel
    value: float | None
    names: tuple[str, ...]


class Office(Context):
    """A department's line of the picture."""

    name: str
    href: str
    line: Department


class NamedFigure(Context):
    """One figure of the catalogue, with what it is called; `n` is how many things it rests on."""

    name: str
    value: float | None
    unit: str
    n: int


class CitySign(Context):
    """An initiative as a small spiral; `hours` is what its cycles added, None while nothing is measured."""

    initiative_id: str
    title: str
    unit: str
    small: Small
    hours: float | None
    days: float


class CityContext(Context):
    """Everything on the page."""

    as_of: date
    is_now: bool
    filters: tuple[Choices, ...]
    hidden: tuple[tuple[str, str], ...]
    lists: dict[str, str]
    glance: Glance
    oldest_post: str
    summary: Summary
    effects: EffectSum
    pillars: tuple[Group, ...]
    trend: Trend
    months_chart: Markup
    waiting: WaitingFigures
    posts: tuple[Waits, ...]
    longest: tuple[Late, ...]
    spread: SpreadFigures
    offices: tuple[Office, ...]
    without: tuple[Without, ...]
    signs: tuple[CitySign, ...]
    initiatives: int
    quality: QualityFigures
    stories: Stories
    unnamed: int
    further: tuple[NamedFigure, ...]


@router.get("/city")
def city(visit: Member, question: Asked) -> Response:
    """The city, today or as of a past day."""
    return visit.page("city.html", _context(question, visit))


def _context(question: FiguresQuestion, visit: MemberVisit) -> CityContext:
    facts, caller, desk = visit.caller.facts, visit.caller, visit.desk
    wanted = looked_up(question, facts, desk)
    overview, summary = figures.overview(wanted, caller, desk, SIGNS), figures.summary(wanted, desk)
    waiting, spread = figures.waiting(wanted, caller, desk), figures.reach(wanted, caller, desk)
    quality, stories = figures.quality(wanted, caller, desk), figures.stories(wanted, caller, desk)
    first, years = overview.glance, overview.trend
    return CityContext(
        as_of=wanted.today,
        is_now=wanted.is_now,
        filters=filters("/city", question, visit),
        hidden=tuple((name, value) for name, value in plain(question).items() if name != "as_of"),
        lists={part.value: address("/city/cycles", question, part=part.value) for part in DrilledPart},
        glance=first,
        oldest_post=_posts(first.oldest.posts, visit) if first.oldest else "",
        summary=summary,
        further=tuple(_further(summary, visit)),
        effects=overview.effects,
        pillars=overview.pillars,
        trend=years,
        months_chart=_months_chart(years, visit),
        waiting=waiting,
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
        longest=tuple(_late(waiting.longest[:SHOWN], visit)),
        spread=spread,
        offices=tuple(
            Office(
                name=unit_name(one.unit, facts, visit.language),
                href=address("/city", question, org_unit=one.unit),
                line=one,
            )
            for one in overview.departments
        ),
        without=tuple(
            Without(
                level=one.level,
                value=one.with_any.value,
                names=tuple(unit_name(code, facts, visit.language) for code in one.none),
            )
            for one in spread.offices
        ),
        signs=tuple(_sign(one, wanted.at, visit) for one in overview.signs if one.moments),
        initiatives=overview.initiatives,
        quality=quality,
        stories=stories,
        unnamed=waiting.unnamed + quality.unnamed + spread.unnamed + stories.unnamed,
    )


def _months_chart(years: Trend, visit: MemberVisit) -> Markup:
    rows = [(visit.days.month(one.first), one.hours or 0.0) for one in years.months]
    return columns(rows, visit.say("Hours saved a year, by the month in which they were measured"), BLUE)


def _late(longest: Sequence[Longest], visit: MemberVisit) -> Iterable[Late]:
    facts = visit.caller.facts
    for one in longest:
        owner = one.waits_for == "owner"
        who = someone(one.owner, facts, visit.language).name if owner else _posts(one.posts, visit)
        yield Late(one=one, who=who)


def _posts(posts: Sequence[str], visit: MemberVisit) -> str:
    names = [post_name(PostRef.parse(one), visit.caller.facts, visit.language) for one in posts]
    return ("、" if visit.language == "ja" else ", ").join(names)


def _sign(one: Furthest, at: datetime, visit: MemberVisit) -> CitySign:
    drawn = small(one.moments, at)
    last = next(moment for moment in one.moments if moment.cycle_id == drawn.last.cycle_id)
    return CitySign(
        initiative_id=last.initiative_id,
        title=last.title,
        unit=unit_name(last.org_unit, visit.caller.facts, visit.language),
        small=drawn,
        hours=one.hours,
        days=(at - last.waiting_since).total_seconds() / 86_400,
    )


def _further(found: Summary, visit: MemberVisit) -> Iterator[NamedFigure]:
    """Every figure of the catalogue that has no place of its own above; a new one comes here by itself."""
    for path, figure in catalogue(found):
        if path in ABOVE:
            continue
        unit = name_of(figure.unit, visit.language, "FigureUnit")
        yield NamedFigure(name=label(f"summary.{path}", visit.language), value=figure.value, unit=unit, n=figure.n)
