"""合議 by trigger, flags, proxies on flagged matters, and what a return asks for again."""

from typing import Any

import pytest

from engine.domain.cycle import commands as c
from engine.domain.deliverables import Imagine, Transform
from engine.domain.deliverables.imagine import EscalationFlag
from engine.domain.errors import DomainError
from engine.domain.organisation.organisation import Duty, Organisation, Person, Post, PostRole
from engine.domain.review.review import Action
from engine.domain.roadmap import Governance
from engine.domain.scope import OrgScope
from engine.domain.steps import Step
from tests.domain.plays import Play
from tests.support import city

DUTIES = (Duty.FINANCE, Duty.LEGAL, Duty.PRIVACY, Duty.INFORMATION_SYSTEMS, Duty.DX_TEAM, Duty.HR)


def with_duties() -> Organisation:
    base = city.organisation()
    people = tuple(Person(person_id=duty.value, name=duty.value, email="x@example.jp") for duty in DUTIES)
    posts = tuple(
        Post(person_id=duty.value, unit_code="S2", title="担当", role=PostRole.STAFF, duties=(duty,))
        for duty in DUTIES
    )
    return Organisation(units=base.units, people=(*base.people, *people), posts=(*base.posts, *posts))


def section(organisation: Organisation | None = None, **fields: Any) -> Play:
    """A section's cycle at Transform, with these fields handed in."""
    play = Play(OrgScope.SECTION, "S", owner=city.SECTION_HEAD, organisation=organisation or with_duties())
    play.until(Step.TRANSFORM)
    plain = city.transform().model_dump(mode="json", by_alias=True, exclude_defaults=True)
    play.hand_in(Transform.model_validate(plain | fields))
    return play


@pytest.mark.parametrize(
    ("fields", "duty"),
    [
        ({"cost_initial_yen": 900_000, "cost_running_yen": 100_001}, Duty.FINANCE),
        ({"tools": ["電子申請"]}, Duty.INFORMATION_SYSTEMS),
        ({"rule_changes": ["規則の改正"]}, Duty.LEGAL),
        ({"checks": {"security": "ok", "privacy": "ok", "accessibility": "ok"}}, Duty.PRIVACY),
    ],
)
def test_what_is_handed_in_calls_for_the_concurrence_of_the_duty_it_concerns(
    fields: dict[str, Any], duty: Duty
) -> None:
    play = section(**fields)
    assert play.deciders() == [duty.value]
    with pytest.raises(DomainError, match="final_decider_only"):
        play.decide(Action.REJECT, by=duty.value, reason="?")
    play.decide(by=duty.value)
    assert play.deciders() == [city.DIRECTOR]
    play.decide()
    assert play.state.step is Step.REALISE


def test_several_concurrences_are_asked_side_by_side_and_the_decider_comes_after_all_of_them() -> None:
    play = section(tools=["電子申請"], rule_changes=["規則の改正"])
    assert set(play.deciders()) == {Duty.INFORMATION_SYSTEMS.value, Duty.LEGAL.value}
    play.decide(by=Duty.LEGAL.value)
    with pytest.raises(DomainError, match="not_your_decision"):
        play.decide(by=city.DIRECTOR)
    play.decide(by=Duty.INFORMATION_SYSTEMS.value)
    assert play.deciders() == [city.DIRECTOR]


def test_cheap_and_plain_changes_and_small_scopes_are_not_burdened_with_concurrence() -> None:
    assert section(cost_initial_yen=1_000_000).deciders() == [city.DIRECTOR]
    small = Play(organisation=with_duties()).until(Step.TRANSFORM)
    plain = city.transform().model_dump(mode="json", by_alias=True, exclude_defaults=True)
    small.hand_in(Transform.model_validate(plain | {"tools": ["表計算"]}))
    assert small.deciders() == [city.UNIT_CHIEF]


def test_a_duty_that_nobody_or_only_the_owner_has_is_not_asked() -> None:
    assert section(city.organisation(), tools=["電子申請"]).deciders() == [city.DIRECTOR]
    base = city.organisation()
    own = tuple(
        post.model_copy(update={"duties": (Duty.LEGAL,)}) if post.person_id == city.SECTION_HEAD else post
        for post in base.posts
    )
    organisation = Organisation(units=base.units, people=base.people, posts=own)
    assert section(organisation, rule_changes=["規則の改正"]).deciders() == [city.DIRECTOR]


def test_a_cross_agency_imagine_always_asks_the_dx_team_and_a_drafter_may_ask_others() -> None:
    play = Play(organisation=with_duties(), governance=Governance.CROSS_AGENCY)
    plain = city.imagine().model_dump(mode="json", by_alias=True, exclude_defaults=True)
    milestone = {"name": "運用開始", "due": "2027-03-31", "owner": city.OWNER}
    play.hand_in(Imagine.model_validate(plain | {"milestones": [milestone], "concurrence": ["hr"]}))
    assert set(play.deciders()) == {Duty.DX_TEAM.value, Duty.HR.value}


def test_an_escalation_flag_raises_the_decider_one_level() -> None:
    play = Play()
    play.hand_in(city.imagine().model_copy(update={"escalation_flags": (EscalationFlag.PRECEDENT,)}))
    assert play.deciders() == [city.SECTION_HEAD]


def test_a_proxy_decides_a_flagged_matter_only_with_a_reason_that_is_kept() -> None:
    play = Play(organisation=city.organisation(city.away(city.SECTION_HEAD, city.PROXY)))
    play.hand_in(city.imagine().model_copy(update={"escalation_flags": (EscalationFlag.IMPORTANT,)}))
    with pytest.raises(DomainError, match="invalid_fields") as refused:
        play.decide(by=city.PROXY)
    assert [(one.pointer, one.code) for one in refused.value.refusal.errors] == [("/reason", "proxy_needs_reason")]
    play.decide(by=city.PROXY, reason="課長は入院中、期限は明日")
    decision = play.state.decisions[0]
    assert (decision.on_behalf_of, decision.reason) == (city.SECTION_HEAD, "課長は入院中、期限は明日")


def asking_two() -> Play:
    """A section's Transform that two duties must see; legal approves, information systems returns it."""
    play = section(tools=["電子申請"], rule_changes=["規則の改正"])
    play.decide(by=Duty.LEGAL.value)
    play.decide(Action.RETURN, by=Duty.INFORMATION_SYSTEMS.value, reason="連携先を書く")
    return play


def again(play: Play, **fields: Any) -> None:
    plain = play.state.deliverables.transform.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    play.hand_in(Transform.model_validate(plain | fields))


def test_a_resubmission_with_the_same_gist_goes_on_where_it_was_returned() -> None:
    play = asking_two()
    again(play, rollback="連携先は住基システム。元の様式に戻せる")
    assert (play.state.round, play.deciders()) == (3, [Duty.INFORMATION_SYSTEMS.value])
    play.decide(by=Duty.INFORMATION_SYSTEMS.value)
    assert play.deciders() == [city.DIRECTOR]
    play.decide(Action.RETURN, by=city.DIRECTOR, reason="様式名を直す")
    again(play, rollback="様式第1号に戻す")
    assert play.deciders() == [city.DIRECTOR]


@pytest.mark.parametrize(
    "fields",
    [
        {"cost_running_yen": 5}, {"rule_changes": ["条例の改正"]}, {"tools": ["別の製品"]},
        {"checks": {"security": "ok", "privacy": "ok", "accessibility": "ok"}},
    ],
)  # fmt: skip
def test_every_approval_starts_again_when_cost_rules_or_personal_data_changed(fields: dict[str, Any]) -> None:
    play = asking_two()
    again(play, **fields)
    assert {Duty.INFORMATION_SYSTEMS.value, Duty.LEGAL.value} <= set(play.deciders())


def test_what_was_sent_to_an_earlier_step_starts_again() -> None:
    play = section(tools=["電子申請"])
    play.decide(by=Duty.INFORMATION_SYSTEMS.value)
    play.decide(Action.RETURN, by=city.DIRECTOR, reason="目的から", return_to="imagine")
    play.hand_in(play.state.deliverables.imagine)
    play.decide()
    play.hand_in(play.state.deliverables.transform)
    assert play.deciders() == [Duty.INFORMATION_SYSTEMS.value]


def test_a_resubmission_can_be_pulled_back_until_somebody_acts_on_it_again() -> None:
    play = asking_two()
    again(play, rollback="書き直した")
    play.give(city.SECTION_HEAD, c.PullBack())
    again(play, rollback="もう一度")
    play.decide(by=play.deciders()[0])
    with pytest.raises(DomainError, match="already_acted"):
        play.give(city.SECTION_HEAD, c.PullBack())
