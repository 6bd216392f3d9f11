"""Who may enter, change and end an absence, and who may stand in. Must not know how it is kept."""

from datetime import date, timedelta
from typing import NamedTuple

from engine.domain.errors import FieldError
from engine.domain.organisation.organisation import Absence, Duty, Organisation, PostRef


class ProxyLimits(NamedTuple):
    """What the policy in force allows (`Policy.proxy_from`, `Policy.absence_days`).

    Attributes:
        days: of one absence, both ends included.
        same_line: whether a proxy must stand in the same line.
    """

    days: int
    same_line: bool


def absence_errors(absence: Absence, organisation: Organisation, limits: ProxyLimits) -> tuple[FieldError, ...]:
    """What is wrong with an absence: its days, its person, and who is to stand in.

    A proxy must hold a post on the first day, be another person, be one whom the policy allows, and not lead back: a
    chain of people who are away at the same time and name each other decides nothing.
    """
    errors: list[FieldError] = []
    if absence.last < absence.first:
        errors.append(FieldError(pointer="/to", code="ends_before_it_starts"))
    elif absence.last - absence.first >= timedelta(days=limits.days):
        errors.append(FieldError(pointer="/to", code="absence_too_long", params={"limit": str(limits.days)}))
    if organisation.person(absence.person_id) is None:
        params = {"person": absence.person_id}
        errors.append(FieldError(pointer="/person_id", code="unknown_person", params=params))
    if absence.proxy is not None:
        code = _proxy_fault(absence, absence.proxy, organisation, limits)
        if code is not None:
            errors.append(FieldError(pointer="/proxy", code=code, params={"person": absence.proxy}))
    return tuple(errors)


def _proxy_fault(absence: Absence, proxy: str, organisation: Organisation, limits: ProxyLimits) -> str | None:
    if organisation.person(proxy) is None:
        return "unknown_person"
    if proxy == absence.person_id:
        return "bad_value"
    if not organisation.posts_of(proxy, absence.first):
        return "proxy_without_post"
    if limits.same_line and not in_one_line(proxy, absence.person_id, organisation, absence.first):
        return "proxy_of_another_line"
    if _leads_back(absence, proxy, organisation):
        return "proxies_of_each_other"
    return None


def in_one_line(one: str, other: str, organisation: Organisation, on: date) -> bool:
    """Whether two people have posts on that day of which one's unit is the other's, or lies above or below it."""
    theirs, others = (
        {post.unit_code: {post.unit_code, *(unit.code for unit in organisation.ancestors(post.unit_code))}
         for post in organisation.posts_of(person, on)}
        for person in (one, other)
    )  # fmt: skip
    return any(unit in above for unit in theirs for above in others.values()) or any(
        unit in above for unit in others for above in theirs.values()
    )


def _leads_back(absence: Absence, proxy: str, organisation: Organisation) -> bool:
    """Whether the proxies of those who are away meanwhile come back to the person, however many stand between."""
    asked, seen = [proxy], {proxy}
    while asked:
        person = asked.pop()
        for one in organisation.absences:
            meanwhile = one.first <= absence.last and absence.first <= one.last
            if one.person_id != person or not meanwhile or one.proxy is None or one.proxy in seen:
                continue
            if one.proxy == absence.person_id:
                return True
            seen.add(one.proxy)
            asked.append(one.proxy)
    return False


class NamedStandIn(NamedTuple):
    """That somebody stands in for somebody until a day."""

    person: str
    proxy: str
    last: date


def stands_in(person: str, organisation: Organisation, on: date) -> tuple[NamedStandIn, ...]:
    """For whom a person stands in on that day as a named proxy, and who for them; the first to end comes first."""
    found = [
        NamedStandIn(one.person_id, one.proxy, one.last)
        for one in organisation.absences
        if one.proxy is not None and person in {one.proxy, one.person_id} and one.covers(on)
    ]
    return tuple(sorted(found, key=lambda one: (one.last, one.person, one.proxy)))


def may_look_after(person: str, of: str, organisation: Organisation, on: date) -> bool:
    """Whether a person looks after another's absences: their own, as a head in the line, or as administrator."""
    if person == of or Duty.ADMIN in organisation.duties_of(person, on):
        return True
    return _is_head_above(person, of, organisation, on)


def puts_themselves_in(person: str, absence: Absence, organisation: Organisation, on: date) -> bool:
    """Whether an administrator, who is no head in the line, names themselves in somebody else's place: nobody may."""
    if person == absence.person_id or absence.proxy != person:
        return False
    return not _is_head_above(person, absence.person_id, organisation, on)


def _is_head_above(person: str, of: str, organisation: Organisation, on: date) -> bool:
    units = {post.unit_code for post in organisation.posts_of(of, on)}
    above = units | {unit.code for code in units for unit in organisation.ancestors(code)}
    return any(person in organisation.holders(PostRef(kind="head", unit=code), on) for code in above)
