"""What changes who decides is seen wherever it stands, and nothing else is taken for it."""

from datetime import date, timedelta

import pytest

from engine.domain.administration.changes import DocumentStanding, standing_of
from engine.domain.administration.deciders import (
    NOT_WHO,
    ChangedPart,
    DeciderChange,
    decider_changes,
    heads_concerned,
)
from engine.domain.organisation.organisation import Duty, Organisation, Post, PostRef, PostRole, UnitLevel
from engine.domain.review.policy import DEFAULT, Policy, Rule, StageRule
from engine.domain.review.review import DueRule, Reminders
from tests.support import city

TODAY = date(2026, 11, 27)
CITY = city.organisation()


def posted(*posts: Post) -> Organisation:
    return CITY.model_copy(update={"posts": (*CITY.posts, *posts)})


def places(now: Organisation) -> list[tuple[str, str | None, bool]]:
    return [(one.place, one.person, one.gains) for one in decider_changes(CITY, now, TODAY)]


def post(person: str, role: PostRole, *duties: Duty, last: date | None = None, first: date | None = None) -> Post:
    return Post(person_id=person, unit_code="U", title="x", role=role, duties=duties, valid_from=first, valid_to=last)


@pytest.mark.parametrize(
    ("added", "place"),
    [
        (post(city.OTHER, PostRole.HEAD), "head@U"),
        (post(city.OTHER, PostRole.DEPUTY), "deputy@U"),
        (post(city.OTHER, PostRole.STAFF, Duty.FINANCE), "duty@finance"),
        (post(city.OTHER, PostRole.STAFF, Duty.ADMIN), "duty@admin"),
        (post(city.OTHER, PostRole.HEAD, first=TODAY + timedelta(days=90)), "head@U"),
    ],
)
def test_who_gains_or_loses_a_post_that_decides_is_named_with_it(added: Post, place: str) -> None:
    assert places(posted(added)) == [(place, city.OTHER, True)]
    lost = decider_changes(posted(added), CITY, TODAY)
    assert [(one.place, one.person, one.gains) for one in lost] == [(place, city.OTHER, False)]


def test_staff_readers_names_and_what_is_over_change_no_decider() -> None:
    yesterday = TODAY - timedelta(days=1)
    same = posted(
        post(city.OTHER, PostRole.STAFF, Duty.VIEWER, Duty.AUDITOR), post(city.OTHER, PostRole.HEAD, last=yesterday)
    )
    named = tuple(one.model_copy(update={"name": one.name + "x"}) for one in same.people)
    assert decider_changes(CITY, same.model_copy(update={"people": named}), TODAY) == ()


def test_a_post_that_ends_sooner_changes_who_decides_and_one_that_began_earlier_does_not() -> None:
    begun = [one.model_copy(update={"valid_from": TODAY - timedelta(days=9)}) for one in CITY.posts]
    assert decider_changes(CITY, CITY.model_copy(update={"posts": tuple(begun)}), TODAY) == ()
    ends = {"valid_to": TODAY}
    ending = [one.model_copy(update=ends) if one.person_id == city.MAYOR else one for one in CITY.posts]
    found = decider_changes(CITY, CITY.model_copy(update={"posts": tuple(ending)}), TODAY)
    assert {(one.place, one.gains, one.last) for one in found} == {("head@C", True, TODAY), ("head@C", False, None)}


@pytest.mark.parametrize("update", [{"parent_code": "S2"}, {"level": UnitLevel.SECTION}])
def test_a_unit_that_stands_elsewhere_changes_the_line_that_a_route_climbs(update: dict[str, object]) -> None:
    units = tuple(one.model_copy(update=update) if one.code == "U" else one for one in CITY.units)
    (found,) = decider_changes(CITY, CITY.model_copy(update={"units": units}), TODAY)
    assert (found.part, found.place) == (ChangedPart.UNIT, "U")


def test_another_address_of_a_decider_counts_and_another_of_staff_or_of_the_same_letters_does_not() -> None:
    def with_address(person: str, email: str) -> Organisation:
        other = {"email": email}
        people = (one.model_copy(update=other) if one.person_id == person else one for one in CITY.people)
        return CITY.model_copy(update={"people": tuple(people)})

    (found,) = decider_changes(CITY, with_address(city.MAYOR, "mine@example.jp"), TODAY)
    assert (found.part, found.place) == (ChangedPart.ADDRESS, city.MAYOR)
    assert decider_changes(CITY, with_address(city.OWNER, "mine@example.jp"), TODAY) == ()
    assert decider_changes(CITY, with_address(city.MAYOR, f"{city.MAYOR}@EXAMPLE.jp"), TODAY) == ()


@pytest.mark.parametrize(
    "update",
    [
        {"rules": (Rule(stages=(StageRule(posts=("own_head",)),)),)},
        {"concurrence": ()},
        {"pull_up": False},
        {"deputies": False},
        {"flags_raise": False},
        {"escalate_after": None},
        {"agreed_by": PostRef(kind="head", unit="D")},
    ],
)
def test_a_setting_that_makes_a_route_or_lets_somebody_act_counts(update: dict[str, object]) -> None:
    found = decider_changes(DEFAULT, DEFAULT.model_copy(update=update), TODAY)
    assert [(one.part, one.place) for one in found] == [(ChangedPart.SETTING, name) for name in update]


def test_every_setting_counts_unless_it_is_named_as_one_that_says_nothing_of_who() -> None:
    assert set(Policy.model_fields) >= NOT_WHO
    for name in set(Policy.model_fields) - {"rules"}:
        found = decider_changes(DEFAULT, DEFAULT.model_copy(update={name: object()}), TODAY)
        assert bool(found) == (name not in NOT_WHO), name


def test_when_a_rule_of_a_policy_is_due_changes_no_decider() -> None:
    before = DEFAULT.model_copy(update={"rules": (Rule(),)})
    later = Rule(
        due=DueRule(business_days=9), observation_days=3, circulate=("own_head",),
        stages=(StageRule(due=DueRule(business_days=2), reminders=Reminders()),),
    )  # fmt: skip
    assert decider_changes(before, before.model_copy(update={"rules": (later,)}), TODAY) == ()
    asks = Rule(stages=(StageRule(quorum="any"),))
    assert decider_changes(before, before.model_copy(update={"rules": (asks,)}), TODAY) != ()


def test_the_heads_of_the_unit_and_above_it_are_told_as_they_were_before() -> None:
    def told(part: ChangedPart, place: str) -> tuple[str, ...]:
        return heads_concerned((DeciderChange(part=part, place=place, person=city.OTHER),), CITY, TODAY)

    assert set(told(ChangedPart.POST, "head@U")) == {city.UNIT_CHIEF, city.SECTION_HEAD}
    assert set(told(ChangedPart.POST, "head@U2")) == {city.DIRECTOR}, "two vacant heads: the nearest above"
    assert set(told(ChangedPart.UNIT, "S")) == {city.SECTION_HEAD, city.DIRECTOR}
    assert set(told(ChangedPart.POST, "duty@finance")) == {city.MAYOR}
    assert set(told(ChangedPart.SETTING, "rules")) == {city.MAYOR, city.DIRECTOR}
    assert set(told(ChangedPart.ADDRESS, city.CDO)) == {city.CDO}


@pytest.mark.parametrize(
    ("first", "changes", "emergency", "standing"),
    [
        (True, True, False, DocumentStanding.AT_ONCE),
        (False, False, False, DocumentStanding.AT_ONCE),
        (False, False, True, DocumentStanding.AT_ONCE),
        (False, True, True, DocumentStanding.EMERGENCY),
        (False, True, False, DocumentStanding.WAITS),
    ],
)
def test_only_what_changes_who_decides_waits_and_only_that_is_an_emergency(
    first: bool, changes: bool, emergency: bool, standing: DocumentStanding
) -> None:
    assert standing_of(first=first, changes=changes, emergency=emergency) is standing
