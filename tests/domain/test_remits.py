"""What is whose to decide, worked out once for everybody, is what is said of each post and owner by itself."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.domain.organisation.organisation import Absence, Duty, Organisation, Post, PostRef, PostRole, Unit
from engine.domain.organisation.remits import NOTHING, Remit, remit_of
from tests.support import city
from tests.support.examples import examples

TODAY = date(2026, 6, 1)
PEOPLE = [f"p{number}" for number in range(6)]
DUTIES = (Duty.CDO, Duty.FINANCE, Duty.LEGAL)
UNITS = (*city.organisation().units, city.organisation().units[-1].model_copy(update={"code": "U2|x"}))
POSTS = [*(PostRef(kind="head", unit=one.code) for one in UNITS), PostRef(kind="head", unit="gone")]
POSTS += [PostRef(kind="duty", duty=one) for one in Duty]
DAYS = st.sampled_from([None, None, None, *(TODAY + timedelta(days=one) for one in (-1, 0, 1))])

posts = st.builds(
    Post,
    person_id=st.sampled_from(PEOPLE),
    unit_code=st.sampled_from([one.code for one in UNITS]),
    title=st.just("職"),
    role=st.sampled_from([PostRole.HEAD, PostRole.HEAD, PostRole.DEPUTY, PostRole.STAFF]),
    duties=st.lists(st.sampled_from(DUTIES), max_size=2, unique=True).map(tuple),
    valid_from=DAYS,
    valid_to=DAYS,
)
absences = st.builds(
    Absence,
    person_id=st.sampled_from(PEOPLE),
    first=st.just(TODAY),
    last=st.integers(0, 2).map(lambda days: TODAY + timedelta(days=days)),
    proxy=st.none() | st.sampled_from([*PEOPLE, "stranger"]),
)
organisations = st.builds(
    Organisation,
    units=st.just(UNITS),
    posts=st.lists(posts, max_size=12).map(tuple),
    absences=st.lists(absences, max_size=4).map(tuple),
    deputies_stand_in=st.booleans(),
)


@settings(max_examples=examples(30), deadline=None, suppress_health_check=list(HealthCheck))
@given(organisations, st.sampled_from([TODAY, TODAY + timedelta(days=1)]))
def test_a_remit_holds_exactly_where_its_person_is_among_the_deciders(organisation: Organisation, day: date) -> None:
    owners = [*PEOPLE, "stranger", "nobody"]
    remits = {one: remit_of(one, organisation, day) for one in owners}
    for post in POSTS:
        for owner in owners:
            deciders = {one.person_id for one in organisation.deciders(post, day, excluding=owner)}
            found = {person for person, remit in remits.items() if remit.holds(str(post), owner)}
            assert found == deciders, (str(post), owner)
    for remit in remits.values():
        exactly = {(post, owner) for post in remit.posts for owner in remit.not_for(post)} | remit.for_some
        assert exactly == remit.turned


def test_nobody_decides_their_own_work_and_who_stands_above_decides_it_for_them() -> None:
    organisation = city.organisation()
    people = (city.UNIT_CHIEF, city.SECTION_HEAD, city.DIRECTOR)
    chief, manager, director = (remit_of(one, organisation, TODAY) for one in people)
    assert chief == Remit(frozenset({"head@U"}), frozenset({("head@U", city.UNIT_CHIEF)}))
    assert director.posts == {"head@D", "head@S2", "head@U2"}, "where a post is vacant, too"
    assert manager.for_some == {("head@U", city.UNIT_CHIEF)}
    assert manager.not_for("head@S") == {city.SECTION_HEAD}


@pytest.mark.parametrize("person", [city.OWNER, city.OTHER, "service:portal"])
def test_who_holds_no_post_that_decides_has_nothing_to_decide_and_nothing_is_worked_out(person: str) -> None:
    organisation = city.organisation()
    assert remit_of(person, organisation, TODAY) == NOTHING
    assert organisation.remits == {}


def test_a_remit_follows_the_day_and_the_organisation() -> None:
    organisation = city.organisation(city.away(city.UNIT_CHIEF, city.PROXY, "2026-06-01", "2026-06-01"))
    assert remit_of(city.PROXY, organisation, TODAY).holds("head@U", city.OWNER)
    assert remit_of(city.PROXY, organisation, TODAY + timedelta(days=1)) == NOTHING
    assert remit_of(city.PROXY, organisation, TODAY).holds("head@U", city.OWNER)
    back = organisation.model_copy(update={"absences": ()})
    assert remit_of(city.PROXY, back, TODAY) == NOTHING
    assert remit_of(city.UNIT_CHIEF, Organisation(), TODAY) == NOTHING


def test_units_that_stand_above_one_another_end_somewhere() -> None:
    ring = tuple(
        Unit(code=one, name_ja=one, name_en=one, level="section", parent_code=above)
        for one, above in (("A", "B"), ("B", "A"))
    )
    organisation = Organisation(units=ring)
    assert [one.code for one in organisation.ancestors("A")] == ["B", "A"]
    assert organisation.ancestors("A") == organisation.ancestors("A")
    assert organisation.ancestors("gone") == ()
