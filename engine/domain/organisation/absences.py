"""Who may enter, change and end an absence, and who may stand in. Must not know how it is kept."""

from datetime import date, timedelta

from engine.domain.errors import FieldError
from engine.domain.organisation.organisation import Absence, Duty, Organisation, PostRef

LONGEST = 366
"""Days of one absence, both ends included; whoever is away for longer leaves the post for that time."""


def absence_errors(absence: Absence, organisation: Organisation) -> tuple[FieldError, ...]:
    """What is wrong with an absence: its days, its person, and who is to stand in.

    A proxy must hold a post on the first day, be another person, and not be away at the same time while the one who
    is to be stood in for is their own proxy: a chain that leads back decides nothing.
    """
    errors: list[FieldError] = []
    if absence.last < absence.first:
        errors.append(FieldError(pointer="/to", code="ends_before_it_starts"))
    elif absence.last - absence.first >= timedelta(days=LONGEST):
        errors.append(FieldError(pointer="/to", code="absence_too_long", params={"limit": str(LONGEST)}))
    if organisation.person(absence.person_id) is None:
        params = {"person": absence.person_id}
        errors.append(FieldError(pointer="/person_id", code="unknown_person", params=params))
    if absence.proxy is not None:
        code = _proxy_fault(absence, absence.proxy, organisation)
        if code is not None:
            errors.append(FieldError(pointer="/proxy", code=code, params={"person": absence.proxy}))
    return tuple(errors)


def _proxy_fault(absence: Absence, proxy: str, organisation: Organisation) -> str | None:
    if organisation.person(proxy) is None:
        return "unknown_person"
    if proxy == absence.person_id:
        return "bad_value"
    if not organisation.posts_of(proxy, absence.first):
        return "proxy_without_post"
    if any(
        one.proxy == absence.person_id and one.first <= absence.last and absence.first <= one.last
        for one in organisation.absences
        if one.person_id == proxy
    ):
        return "proxies_of_each_other"
    return None


def may_look_after(person: str, of: str, organisation: Organisation, on: date) -> bool:
    """Whether a person looks after another's absences: their own, as a head in the line, or as administrator."""
    if person == of or Duty.ADMIN in organisation.duties_of(person, on):
        return True
    units = {post.unit_code for post in organisation.posts_of(of, on)}
    above = units | {unit.code for code in units for unit in organisation.ancestors(code)}
    return any(person in organisation.holders(PostRef(kind="head", unit=code), on) for code in above)
