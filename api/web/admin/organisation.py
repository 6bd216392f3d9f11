"""The organisation as a tree: heads, vacancies, transfers to come; on any day, searched by name."""

from collections import Counter
from datetime import date, timedelta
from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from api.web.admin.access import Admin
from api.web.frame.page import Context, MemberVisit, pages_router
from api.web.frame.people import Someone, someone, unit_name
from engine.domain.errors import invalid_at
from engine.domain.organisation.organisation import Organisation, PostRef, Unit

router = pages_router()
AHEAD = timedelta(days=60)
"""How far ahead transfers are shown when no later day is asked for."""


class Branch(Context):
    """A unit with its heads on the day, and those below it; `vacant` counts itself and everything below."""

    unit: Unit
    name: str
    heads: tuple[Someone, ...]
    people: int
    below: tuple["Branch", ...]
    vacant: int


class Transfer(Context):
    """A post that begins or ends soon."""

    person: Someone
    unit: str
    title: str
    begins: bool
    on: date


class OrganisationHit(Context):
    """A person or a unit that was looked for, with where it stands."""

    name: str
    where: str
    code: str


class OrganisationContext(Context):
    """The organisation on a day, and what is coming until then."""

    q: str
    hits: tuple[OrganisationHit, ...]
    on: date
    is_today: bool
    until: date
    tree: tuple[Branch, ...]
    units: int
    people: int
    transfers: tuple[Transfer, ...]


@router.get("/admin/organisation")
def organisation(
    visit: Admin, q: Annotated[str, Query(max_length=100)] = "", on: Annotated[str, Query(max_length=10)] = ""
) -> Response:
    """Units, heads, vacancies on a day, and the transfers until then."""
    facts = visit.caller.facts
    day = _day(on) or facts.today
    found = facts.organisation
    held = {(one.unit_code, one.person_id) for one in found.posts if one.holds_on(day)}
    until = max(day, facts.today + AHEAD)
    context = OrganisationContext(
        q=q.strip(),
        hits=_hits(q.strip(), visit) if q.strip() else (),
        on=day,
        is_today=day == facts.today,
        until=until,
        tree=_tree(found, day, Counter(code for code, _ in held), visit),
        units=len(found.units),
        people=len({person for _, person in held}),
        transfers=transfers(until, visit),
    )
    return visit.page("admin_organisation.html", context)


def transfers(until: date, visit: MemberVisit) -> tuple[Transfer, ...]:
    """Posts that begin or end after today, up to a day, in its order."""
    facts, language = visit.caller.facts, visit.language
    coming = [
        Transfer(
            person=someone(post.person_id, facts, language),
            unit=unit_name(post.unit_code, facts, language),
            title=post.title,
            begins=begins,
            on=day,
        )
        for post in facts.organisation.posts
        for begins, day in ((True, post.valid_from), (False, post.valid_to))
        if day is not None and facts.today < day <= until
    ]
    return tuple(sorted(coming, key=lambda one: (one.on, one.unit, one.person.name)))


def vacancies(found: Organisation, day: date) -> int:
    """Units without a head on that day."""
    return sum(not found.holders(PostRef(kind="head", unit=unit.code), day) for unit in found.units)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise invalid_at("?on", "not_a_date") from error


def _tree(found: Organisation, day: date, people: Counter[str], visit: MemberVisit) -> tuple[Branch, ...]:
    facts, language = visit.caller.facts, visit.language
    under: dict[str | None, list[Unit]] = {}
    for unit in found.units:
        under.setdefault(unit.parent_code, []).append(unit)

    def branch(unit: Unit) -> Branch:
        below = tuple(branch(one) for one in under.get(unit.code, ()))
        heads = tuple(
            someone(one, facts, language) for one in found.holders(PostRef(kind="head", unit=unit.code), day)
        )
        return Branch(
            unit=unit,
            name=unit_name(unit.code, facts, language),
            heads=heads,
            people=people[unit.code],
            below=below,
            vacant=sum(one.vacant for one in below) + (not heads),
        )

    return tuple(branch(unit) for unit in under.get(None, ()))


def _hits(text: str, visit: MemberVisit) -> tuple[OrganisationHit, ...]:
    facts, language = visit.caller.facts, visit.language
    wanted = text.casefold()
    units = [
        OrganisationHit(name=unit_name(one.code, facts, language), where=_above(one, visit), code=one.code)
        for one in facts.organisation.units
        if wanted in f"{one.name_ja} {one.name_en} {one.code}".casefold()
    ]
    people = [
        OrganisationHit(name=one.name, where=someone(one.person_id, facts, language).post, code=one.person_id)
        for one in facts.organisation.people
        if wanted in f"{one.name} {one.person_id} {one.email}".casefold()
    ]
    return (*units, *people)[:50]


def _above(unit: Unit, visit: MemberVisit) -> str:
    above = reversed(visit.caller.facts.organisation.ancestors(unit.code))
    return " › ".join(unit_name(one.code, visit.caller.facts, visit.language) for one in above)
