from datetime import date

import pytest

from engine.domain.cycle import commands as c
from engine.domain.deliverables.imagine import EscalationFlag
from engine.domain.errors import DomainError
from engine.domain.organisation.consistency import contradictions
from engine.domain.organisation.organisation import Organisation, Post, PostRef, PostRole
from engine.domain.review.policy import Policy, Rule, StageRule, When
from engine.domain.review.review import Action, StageKind
from engine.domain.roadmap import Governance
from engine.domain.routing.route_builder import has_one_final_stage, one_above, superior
from engine.domain.scope import Growth, OrgScope, Scope, WorkScope
from engine.domain.steps import Step
from tests.domain.plays import Play
from tests.support import city


def without(organisation: Organisation, *people: str) -> Organisation:
    return Organisation(
        units=organisation.units, people=organisation.people,
        posts=tuple(post for post in organisation.posts if post.person_id not in people),
        absences=organisation.absences,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("scope", "unit", "owner", "decider"),
    [
        (OrgScope.INDIVIDUAL, "U", city.OWNER, city.UNIT_CHIEF),
        (OrgScope.UNIT, "U", city.UNIT_CHIEF, city.SECTION_HEAD),
        (OrgScope.SECTION, "S", city.SECTION_HEAD, city.DIRECTOR),
        (OrgScope.DEPARTMENT, "D", city.DIRECTOR, city.CDO),
        (OrgScope.CITYWIDE, "C", city.CDO, city.MAYOR),
    ],
)
def test_the_head_one_level_above_the_scope_decides(scope: OrgScope, unit: str, owner: str, decider: str) -> None:
    play = Play(scope, unit, owner=owner)
    play.hand_in(city.imagine())
    assert play.deciders() == [decider]


def test_a_vacant_post_and_the_owners_own_go_one_up() -> None:
    vacant = Play(organisation=without(city.organisation(), city.UNIT_CHIEF))
    vacant.hand_in(city.imagine())
    assert vacant.deciders() == [city.SECTION_HEAD]
    own = Play(owner=city.UNIT_CHIEF)
    own.hand_in(city.imagine())
    assert own.deciders() == [city.SECTION_HEAD]


def test_a_department_without_a_cdo_is_decided_by_the_vice_mayor_else_by_the_mayor() -> None:
    deputy = Post(person_id=city.OTHER, unit_code="C", title="副市長", role=PostRole.DEPUTY)
    base = without(city.organisation(), city.CDO)
    post = PostRef.parse("duty@cdo")
    assert [grant.person_id for grant in base.deciders(post, date(2026, 11, 24))] == [city.MAYOR]
    with_deputy = base.model_copy(update={"posts": (*base.posts, deputy)})
    again = Organisation.model_validate(with_deputy.model_dump(exclude={"absences"}))
    assert [grant.person_id for grant in again.deciders(post, date(2026, 11, 24))] == [city.OTHER]


def test_where_nobody_but_the_owner_could_decide_it_cannot_be_submitted() -> None:
    alone = without(city.organisation(), city.UNIT_CHIEF, city.SECTION_HEAD, city.DIRECTOR, city.MAYOR)
    play = Play(organisation=alone)
    play.draft(city.imagine())
    with pytest.raises(DomainError, match="no_decider"):
        play.give(city.OWNER, c.Submit())


def test_the_holder_is_found_on_the_day_so_a_transfer_moves_the_decision_by_itself() -> None:
    base = without(city.organisation(), city.UNIT_CHIEF)
    old = Post(
        person_id=city.UNIT_CHIEF, unit_code="U", title="係長", role=PostRole.HEAD, valid_to=date(2026, 11, 24)
    )
    new = Post(person_id=city.OTHER, unit_code="U", title="係長", role=PostRole.HEAD, valid_from=date(2026, 11, 25))
    play = Play(organisation=Organisation(units=base.units, people=base.people, posts=(*base.posts, old, new)))
    play.hand_in(city.imagine())
    assert play.deciders() == [city.UNIT_CHIEF]
    from datetime import timedelta

    play.pass_by(timedelta(days=1))
    assert play.deciders() == [city.OTHER]
    with pytest.raises(DomainError, match="not_your_decision"):
        play.decide(by=city.UNIT_CHIEF)
    play.decide(by=city.OTHER)


def test_a_proxy_acts_only_while_the_holder_is_away_and_the_record_says_for_whom() -> None:
    present = Play(organisation=city.organisation(city.away(city.UNIT_CHIEF, city.PROXY, "2026-12-01")))
    present.hand_in(city.imagine())
    with pytest.raises(DomainError, match="not_your_decision"):
        present.decide(by=city.PROXY)
    absent = Play(organisation=city.organisation(city.away(city.UNIT_CHIEF, city.PROXY)))
    absent.hand_in(city.imagine())
    absent.decide(by=city.PROXY)
    assert (absent.state.decisions[0].by, absent.state.decisions[0].on_behalf_of) == (city.PROXY, city.UNIT_CHIEF)


def test_the_owner_never_stands_in_on_their_own_work() -> None:
    play = Play(organisation=city.organisation(city.away(city.UNIT_CHIEF, city.OWNER)))
    play.hand_in(city.imagine())
    assert city.OWNER not in play.deciders()
    with pytest.raises(DomainError, match="own_work"):
        play.decide(by=city.OWNER)


def test_an_overdue_stage_escalates_to_the_head_above_up_to_the_mayor() -> None:
    organisation = city.organisation()
    chain = ["head@U"]
    while (above := superior(PostRef.parse(chain[-1]), organisation)) is not None:
        chain.append(str(above))
    assert chain == ["head@U", "head@S", "head@D", "head@C"]
    assert str(superior(PostRef.parse("duty@cdo"), organisation)) == "head@C"
    assert str(one_above(OrgScope.UNIT, "U", organisation)) == "head@S"


CONCURRENCE = Policy(
    id="long",
    concurrence=(),
    flags_raise=False,
    rules=(
        Rule(
            when=When(step=(Step.IMAGINE,), governance=(Governance.CROSS_AGENCY,)),
            stages=(
                StageRule(kind=StageKind.LINE, posts=("own_head",)),
                StageRule(kind=StageKind.CONCURRENCE, posts=("head@S", "head@S2"), quorum="all"),
                StageRule(kind=StageKind.FINAL, posts=("head@D",)),
            ),
        ),
        Rule(when=When(flag=(EscalationFlag.COUNCIL,)), stages=(StageRule(posts=("head@C",)),)),
    ),
)


def test_a_long_route_is_a_matter_of_data_and_its_stages_open_one_after_the_other() -> None:
    organisation = city.organisation()
    head = Post(person_id=city.OTHER, unit_code="S2", title="課長", role=PostRole.HEAD)
    organisation = Organisation(
        units=organisation.units, people=organisation.people, posts=(*organisation.posts, head)
    )
    play = Play(policy=CONCURRENCE, organisation=organisation, governance=Governance.CROSS_AGENCY)
    milestone = {"name": "運用開始", "due": "2027-03-31", "owner": city.OWNER}
    imagine = city.imagine().model_validate(
        city.imagine().model_dump(mode="json", by_alias=True, exclude_defaults=True) | {"milestones": [milestone]}
    )
    play.hand_in(imagine)
    for person in (city.UNIT_CHIEF, city.OTHER, city.SECTION_HEAD):
        with pytest.raises(DomainError, match="not_your_decision"):
            play.decide(by=city.DIRECTOR)
        play.decide(by=person)
        assert play.state.step is Step.IMAGINE
    play.decide(by=city.DIRECTOR)
    assert play.state.step is Step.TRANSFORM
    other = Play(policy=CONCURRENCE, organisation=organisation, governance=Governance.CROSS_AGENCY)
    other.hand_in(imagine)
    with pytest.raises(DomainError, match="final_decider_only"):
        other.decide(Action.REJECT, by=city.UNIT_CHIEF, reason="?")


def test_a_flag_can_raise_the_decider() -> None:
    play = Play(policy=CONCURRENCE)
    flagged = city.imagine().model_copy(update={"escalation_flags": (EscalationFlag.COUNCIL,)})
    play.hand_in(flagged)
    assert play.deciders() == [city.MAYOR]
    assert has_one_final_stage(CONCURRENCE.rules[0].stages)
    assert not has_one_final_stage(CONCURRENCE.rules[0].stages[:2])


@pytest.mark.parametrize(
    ("org", "work", "either", "both"),
    [("unit", "task", True, False), ("individual", "process", True, False), ("unit", "process", True, True),
     ("individual", "task", False, False), ("section", "programme", True, True)],
)  # fmt: skip
def test_larger_means_that_neither_ladder_goes_down_and_one_or_both_go_up(
    org: str, work: str, either: bool, both: bool
) -> None:
    small, other = Scope(org=OrgScope.INDIVIDUAL, work=WorkScope.TASK), Scope(org=OrgScope(org), work=WorkScope(work))
    assert (small.grows_into(other, Growth.EITHER), small.grows_into(other, Growth.BOTH)) == (either, both)
    assert not other.grows_into(small, Growth.EITHER)


def test_at_the_top_of_one_ladder_both_still_lets_the_other_grow() -> None:
    wide = Scope(org=OrgScope.CITYWIDE, work=WorkScope.TASK)
    assert wide.grows_into(Scope(org=OrgScope.CITYWIDE, work=WorkScope.PROCESS), Growth.BOTH)
    assert wide.skips_into(Scope(org=OrgScope.CITYWIDE, work=WorkScope.PROJECT))
    assert Scope(org=OrgScope.CITYWIDE, work=WorkScope.PROGRAMME).is_top


def test_an_organisation_that_contradicts_itself_is_told_where() -> None:
    base = city.organisation()
    assert contradictions(base) == ()
    second = Post(person_id="ghost", unit_code="U", title="係長", role=PostRole.HEAD)
    broken = base.model_copy(update={"posts": (*base.posts, second), "people": (*base.people, base.people[0])})
    again = Organisation.model_validate(broken.model_dump(exclude={"absences"}))
    codes = {(one.kind, one.field, one.code) for one in contradictions(again)}
    assert codes == {
        ("people", "person_id", "stands_twice"), ("posts", "person_id", "unknown_person"),
        ("posts", "role", "two_heads_at_once"),
    }  # fmt: skip


def test_a_copy_of_an_organisation_knows_what_was_changed_and_nothing_of_before() -> None:
    whole = city.organisation()
    assert whole.person(city.OWNER) is not None
    nobody = whole.model_copy(update={"people": ()})
    assert nobody.person(city.OWNER) is None
    assert whole.person(city.OWNER) is not None
