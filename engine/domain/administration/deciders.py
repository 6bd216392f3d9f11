"""Whether a new organisation or policy changes who decides, and where; what does not takes effect at once.

Who decides are heads, deputies and holders of duties, each on their days; the line that a route climbs; the address
that signs a decider in; and every setting of the policy that makes a route, names a post or lets somebody act.
"""

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Any

from engine.domain.base import Frozen
from engine.domain.organisation.organisation import Duty, Organisation, Post, PostRef, PostRole, UnitLevel
from engine.domain.review.policy import DEFAULT, Policy, Rule

READING_DUTIES = frozenset({Duty.VIEWER, Duty.AUDITOR})
"""Duties that open something to read, and decide nothing unless the policy names them."""
NOT_WHO = frozenset(
    {
        "id", "title_ja", "title_en", "growth", "light_up_to", "observation_days", "hourly_rate_yen",
        "holidays_country", "due", "reminders", "condition_months", "drafts_open",
    }
)  # fmt: skip
"""Settings of a policy that say when, how much or who reads. Any other counts, a new one by itself too; so does the
office's clock, since posts begin and end by it, and the post-review, since it shows afterwards who stood in."""
NOT_WHO_IN_A_RULE: dict[str, Any] = {
    "due": True, "reminders": True, "observation_days": True, "circulate": True,
    "stages": {"__all__": {"due": True, "reminders": True}},
}  # fmt: skip


class ChangedPart(StrEnum):
    """What of a document changes who decides."""

    POST = "post"
    UNIT = "unit"
    ADDRESS = "address"
    SETTING = "setting"


class DeciderChange(Frozen):
    """One place where who decides becomes another.

    Args:
        part: what changes.
        place: `head@1201`, `deputy@1201`, `duty@finance`; a unit's code; a person's id; a setting's name.
        person: who gains or loses the post; None where it is no post.
        gains: whether `person` holds it afterwards, and did not before.
        above: the unit above the one that changes, as it would be; None where no unit does.
        first: first day, when later than today.
        last: last day, when there is one.
    """

    part: ChangedPart
    place: str
    person: str | None = None
    gains: bool = False
    above: str | None = None
    first: date | None = None
    last: date | None = None


def decider_changes(before: object, now: object, today: date, policy: Policy = DEFAULT) -> tuple[DeciderChange, ...]:
    """What `now` changes over `before`; documents of another kind than these two change no decider.

    Args:
        before: in force.
        now: what would replace it.
        today: of the office.
        policy: in force; it may name duties that only read otherwise.
    """
    if isinstance(before, Organisation) and isinstance(now, Organisation):
        said = policy.model_dump_json()
        silent = frozenset(one for one in READING_DUTIES if f'"{one}"' not in said and f"duty@{one}" not in said)
        return tuple(sorted(_of_organisations(before, now, today, silent), key=_order))
    if isinstance(before, Policy) and isinstance(now, Policy):
        return tuple(
            DeciderChange(part=ChangedPart.SETTING, place=name)
            for name in Policy.model_fields
            if name not in NOT_WHO and _who(before, name) != _who(now, name)
        )
    return ()


def concerns(change: DeciderChange, person: str, organisation: Organisation, today: date) -> bool:
    """Whether one place is a head's to see."""
    return person in heads_concerned((change,), organisation, today)


def heads_concerned(changes: tuple[DeciderChange, ...], organisation: Organisation, today: date) -> tuple[str, ...]:
    """The heads who are told: of the unit and of the one above it, as they are before the change.

    A duty concerns the head of the city, a policy the heads of departments too, an address the person.
    """
    if not organisation.units:
        return ()
    told: set[str] = set()
    for one in changes:
        if one.part is ChangedPart.ADDRESS:
            told.add(one.place)
        for unit in _units_concerned(one, organisation):
            told.update(_heads(unit, organisation, today))
    return tuple(sorted(told))


def _units_concerned(change: DeciderChange, organisation: Organisation) -> Iterator[str]:
    top = organisation.citywide().code
    if change.part is ChangedPart.SETTING:
        yield from (unit.code for unit in organisation.units if unit.level is UnitLevel.DEPARTMENT)
        yield top
    elif change.part is ChangedPart.POST and change.place.startswith("duty@"):
        yield top
    elif change.part is not ChangedPart.ADDRESS:
        unit = change.place.partition("@")[2] or change.place
        yield unit
        above = organisation.parent(unit)
        yield change.above or (above.code if above is not None else top)
        if above is not None:
            yield above.code


def _heads(unit: str, organisation: Organisation, today: date) -> tuple[str, ...]:
    """Of the unit, or where it has none of the nearest above."""
    places = organisation.climb(PostRef(kind="head", unit=unit))
    return next((found for place in places if (found := organisation.holders(place, today))), ())


def _of_organisations(
    before: Organisation, now: Organisation, today: date, silent: frozenset[Duty]
) -> Iterator[DeciderChange]:
    held, holds = set(_deciding(before, today, silent)), set(_deciding(now, today, silent))
    for one in holds - held:
        unit = now.parent(one.place.partition("@")[2])
        yield one.model_copy(update={"gains": True, "above": unit.code if unit is not None else None})
    yield from held - holds
    for unit in now.units:
        ranked, were = ([one.person_id for one in _deputies(city, unit.code, today)] for city in (now, before))
        if ranked != were and set(ranked) == set(were):
            yield DeciderChange(part=ChangedPart.POST, place=f"{PostRole.DEPUTY.value}@{unit.code}")
    for unit in now.units:
        known = before.unit(unit.code)
        if known is not None and (known.level, known.parent_code) != (unit.level, unit.parent_code):
            yield DeciderChange(part=ChangedPart.UNIT, place=unit.code, above=unit.parent_code)
    standing_in = {one.proxy for one in before.absences if one.last >= today and one.proxy}
    for person in sorted({one.person for one in held & holds if one.person} | standing_in):
        old, new = before.person(person), now.person(person)
        if old is not None and new is not None and old.email.casefold() != new.email.casefold():
            yield DeciderChange(part=ChangedPart.ADDRESS, place=person, person=person, gains=True)


def _deputies(organisation: Organisation, unit: str, today: date) -> Iterator[Post]:
    """Those of a unit in the order of the file, which is their rank."""
    for post in organisation.posts:
        if (post.unit_code, post.role) == (unit, PostRole.DEPUTY) and not (post.valid_to and post.valid_to < today):
            yield post


def _deciding(organisation: Organisation, today: date, silent: frozenset[Duty]) -> Iterator[DeciderChange]:
    """Every post that decides and is not over, with its days from today on."""
    for post in organisation.posts:
        if post.valid_to is None or post.valid_to >= today:
            first = post.valid_from if post.valid_from and post.valid_from > today else None
            for place in _places(post, silent):
                yield DeciderChange(
                    part=ChangedPart.POST, place=place, person=post.person_id, first=first, last=post.valid_to
                )


def _places(post: Post, silent: frozenset[Duty]) -> Iterator[str]:
    if post.role is not PostRole.STAFF:
        yield f"{post.role.value}@{post.unit_code}"
    yield from (f"duty@{duty.value}" for duty in post.duties if duty not in silent)


def _who(policy: Policy, name: str) -> object:
    """What a setting says about who decides."""
    value = getattr(policy, name)
    if name != "rules":
        return value
    rules: tuple[Rule, ...] = value
    return [rule.model_dump(exclude=NOT_WHO_IN_A_RULE) for rule in rules]


def _order(one: DeciderChange) -> tuple[str, str, bool, str]:
    return one.part.value, one.place, one.gains, one.person or ""
