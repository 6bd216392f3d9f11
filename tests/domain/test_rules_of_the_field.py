"""One test for each rule that a workflow of an office must honour, by its name."""

from datetime import date, timedelta

import pytest

from engine.domain.cycle import commands as c
from engine.domain.deliverables import Transform
from engine.domain.deliverables.imagine import ConcurrenceDuty, EscalationFlag
from engine.domain.organisation.organisation import Duty, Organisation, PostRole
from engine.domain.review.policy import StageRule
from engine.domain.review.review import Action, StageKind
from engine.domain.routing.route_builder import has_one_final_stage
from engine.domain.scope import OrgScope, WorkScope
from engine.domain.steps import CycleStatus, Step
from tests.domain.offices import FLAGGED, LONG, absent, refused, reviewed, rule
from tests.domain.plays import Play
from tests.domain.test_concurrence_and_returns import section, with_duties
from tests.support import city


def test_exactly_one_decider_for_each_matter() -> None:
    assert has_one_final_stage(LONG.rules[0].stages)
    route = reviewed().state.review
    assert route is not None
    assert [stage.kind for stage in route.route.stages].count(StageKind.FINAL) == 1


def test_order_is_own_chief_then_concurrence_then_superiors_then_decider() -> None:
    play = Play(OrgScope.SECTION, "S", owner=city.OWNER, policy=LONG, organisation=with_duties())
    play.hand_in(city.imagine().model_copy(update={"concurrence": (ConcurrenceDuty.FINANCE, ConcurrenceDuty.LEGAL)}))
    order = []
    while play.state.step is Step.IMAGINE:
        order.append(play.deciders()[0])
        play.decide()
    assert order == [city.SECTION_HEAD, Duty.FINANCE.value, Duty.LEGAL.value, city.DIRECTOR, city.CDO]


def test_proxy_is_not_for_important_matters_unless_it_says_why() -> None:
    play = Play(organisation=absent(city.away(city.SECTION_HEAD, city.PROXY)))
    play.hand_in(FLAGGED)
    with refused("invalid_fields"):
        play.decide(by=city.PROXY)
    play.decide(by=city.PROXY, reason="急を要する")
    assert play.state.decisions[0].reason == "急を要する"


@pytest.mark.parametrize("flag", EscalationFlag)
def test_an_escalation_flag_raises_the_decider_one_level(flag: EscalationFlag) -> None:
    play = Play()
    play.hand_in(city.imagine().model_copy(update={"escalation_flags": (flag,)}))
    assert play.deciders() == [city.SECTION_HEAD]


def test_absent_means_entered_in_the_register_and_only_on_those_days() -> None:
    play = reviewed(rule(StageRule()), absent(city.away(city.UNIT_CHIEF, city.PROXY, "2026-11-25", "2026-11-26")))
    with refused("not_your_decision"):
        play.decide(by=city.PROXY)
    play.pass_by(timedelta(days=3))
    with refused("not_your_decision"):
        play.decide(by=city.PROXY)
    play.at -= timedelta(days=2)
    play.decide(by=city.PROXY)


def test_a_proxys_decision_is_marked_and_read_afterwards_by_the_absent_holder() -> None:
    play = reviewed(rule(StageRule()), absent(city.away(city.UNIT_CHIEF, city.PROXY)))
    play.decide(by=city.PROXY)
    decision, (due,) = play.state.decisions[0], play.state.asides.post_reviews
    assert (decision.acted_as, decision.on_behalf_of) == ("proxy", city.UNIT_CHIEF)
    assert (due.person, due.by, due.why) == (city.UNIT_CHIEF, city.PROXY, "proxy")


def test_a_changed_gist_is_asked_again_and_a_dropped_matter_is_told_to_who_concurred() -> None:
    play = section(staffing_change="再任用一名を窓口へ", tools=["電子申請"])
    play.decide(by=Duty.HR.value)
    play.decide(Action.RETURN, by=Duty.INFORMATION_SYSTEMS.value, reason="人数を")
    plain = play.state.deliverables.transform.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    play.hand_in(Transform.model_validate(plain | {"staffing_change": "二名"}))
    assert set(play.deciders()) == {Duty.HR.value, Duty.INFORMATION_SYSTEMS.value}
    for person in play.deciders():
        play.decide(by=person)
    (rejected,) = play.decide(Action.REJECT, reason="予算がない")
    assert {str(post) for post in rejected.data.tell} == {"duty@hr", "duty@information_systems"}  # type: ignore[union-attr]


def test_who_only_needs_to_know_gets_it_circulated_and_decides_nothing() -> None:
    play = reviewed(rule(StageRule(), circulate=("duty@hr", "duty@legal")))
    assert play.deciders() == [city.UNIT_CHIEF]
    with refused("not_your_decision"):
        play.decide(by=Duty.HR.value)
    play.give(Duty.HR.value, c.Acknowledge())
    with refused("read_already"):
        play.give(Duty.HR.value, c.Acknowledge())
    with refused("not_circulated_to_you"):
        play.give(city.OTHER, c.Acknowledge())
    play.decide(Action.REJECT, reason="重複")
    play.give(Duty.LEGAL.value, c.Acknowledge())
    assert [one.read_by for one in play.state.asides.circulation] == [Duty.HR.value, Duty.LEGAL.value]
    assert play.state.status is CycleStatus.REJECTED


def test_routes_follow_posts_so_a_transfer_on_the_first_of_april_moves_the_decision() -> None:
    base = with_duties()
    others = tuple(post for post in base.posts if post.unit_code != "U" or post.role is not PostRole.HEAD)
    chief = next(post for post in base.posts if post.unit_code == "U" and post.role is PostRole.HEAD)
    old = chief.model_copy(update={"valid_to": date(2027, 3, 31)})
    new = chief.model_copy(update={"valid_from": date(2027, 4, 1), "person_id": city.OTHER})
    moved = Organisation(units=base.units, people=base.people, posts=(*others, old, new))
    play = reviewed(rule(StageRule()), moved)
    assert play.deciders() == [city.UNIT_CHIEF]
    play.pass_by(timedelta(days=128))
    assert city.OTHER in play.deciders()
    with refused("not_your_decision"):
        play.decide(by=city.UNIT_CHIEF)


def test_the_mayor_keeps_the_citywide_programme() -> None:
    play = Play(OrgScope.CITYWIDE, "C", WorkScope.PROGRAMME, owner=city.ADMIN)
    play.hand_in(city.imagine())
    assert play.deciders() == [city.MAYOR]


def test_which_posts_decide_is_the_citys_own_table() -> None:
    assert reviewed(rule(StageRule(posts=("head@S",)))).deciders() == [city.SECTION_HEAD]


def test_a_vacant_post_and_the_owners_own_go_one_up() -> None:
    base = with_duties()
    staffed = tuple(one for one in base.posts if one.person_id != city.UNIT_CHIEF)
    vacant = Organisation(units=base.units, people=base.people, posts=staffed)
    assert reviewed(rule(StageRule()), vacant).deciders() == [city.SECTION_HEAD]
    line = reviewed(LONG, vacant).state.review
    assert line is not None
    assert [str(stage.posts[0]) for stage in line.route.stages] == ["head@S", "head@D", "duty@cdo"]
    own = Play(owner=city.UNIT_CHIEF)
    own.hand_in(city.imagine())
    assert own.deciders() == [city.SECTION_HEAD]
