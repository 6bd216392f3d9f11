"""One test for each thing a review can come to, by its name."""

from datetime import date, timedelta

import pytest

from engine.domain.cycle import commands as c
from engine.domain.organisation.organisation import Duty, Organisation, Post, PostRef, PostRole
from engine.domain.review.authority import superiors
from engine.domain.review.policy import CONCURRENCE, Policy, StageRule
from engine.domain.review.review import Action, Mode, StageKind
from engine.domain.scope import OrgScope
from engine.domain.steps import CycleStatus, Step, StepStatus
from tests.domain.offices import LONG, absent, refused, reviewed, rule
from tests.domain.plays import Play, kinds
from tests.domain.test_concurrence_and_returns import section, with_duties
from tests.support import city


def test_staffing_calls_for_personnel() -> None:
    assert section(staffing_change="一名増").deciders() == [Duty.HR.value]


def test_an_opinion_against_it_is_shown_and_does_not_stop_the_route() -> None:
    asked = tuple(one.model_copy(update={"mode": Mode.OPINION}) for one in CONCURRENCE)
    play = Play(
        OrgScope.SECTION, "S", owner=city.SECTION_HEAD, organisation=with_duties(),
        policy=Policy(id="opinion", concurrence=asked),
    ).until(Step.TRANSFORM)  # fmt: skip
    play.hand_in(city.transform().model_copy(update={"staffing_change": "一名増"}))
    with refused("opinion_cannot_return"):
        play.decide(Action.RETURN, by=Duty.HR.value, reason="?")
    with refused("invalid_fields"):
        play.decide(Action.OPPOSE, by=Duty.HR.value)
    play.decide(Action.OPPOSE, by=Duty.HR.value, reason="定数がない")
    assert (play.state.decisions[-1].action, play.deciders()) == (Action.OPPOSE, [city.DIRECTOR])
    with refused("oppose_in_opinion_only"):
        play.decide(Action.OPPOSE, by=city.DIRECTOR, reason="?")
    play.decide()
    assert play.state.step is Step.REALISE


def test_a_stage_closes_as_soon_as_enough_have_spoken_and_the_others_have_it_no_more() -> None:
    posts = ("duty@finance", "duty@legal", "duty@hr")
    play = reviewed(rule(StageRule(kind=StageKind.CONCURRENCE, posts=posts, quorum=2), StageRule()))
    play.decide(by="finance")
    assert set(play.deciders()) == {"legal", "hr"}
    play.decide(by="hr")
    assert play.deciders() == [city.UNIT_CHIEF]
    with refused("not_your_decision"):
        play.decide(by="legal")


def test_approve_goes_on_to_the_next_and_the_last_one_ends_the_step() -> None:
    play = reviewed()
    assert kinds(play.decide()) == ["stage_voted", "stage_opened"]
    while play.state.step is Step.IMAGINE:
        play.decide()
    assert play.state.step_status is StepStatus.DRAFT


@pytest.mark.parametrize(("due", "fits"), [("2027-02-24", True), ("2027-02-25", False), ("2026-11-23", False)])
def test_a_condition_is_due_within_three_calendar_months(due: str, fits: bool) -> None:
    play = reviewed(rule(StageRule()))
    asked = (c.ConditionAsked(text="説明会", due=date.fromisoformat(due)),)
    if not fits:
        with refused("invalid_fields"):
            play.decide(Action.APPROVE_WITH_CONDITIONS, conditions=asked)
        return
    play.decide(Action.APPROVE_WITH_CONDITIONS, conditions=asked)
    assert play.state.conditions[0].due == date(2027, 2, 24)


def test_a_condition_names_somebody_who_is_there() -> None:
    asked = (c.ConditionAsked(text="説明会", due=date(2026, 12, 1), owner="nobody"),)
    with refused("invalid_fields"):
        reviewed(rule(StageRule())).decide(Action.APPROVE_WITH_CONDITIONS, conditions=asked)


def test_return_goes_to_an_earlier_approver_with_the_same_version() -> None:
    play = reviewed()
    for _ in range(3):
        play.decide()
    assert play.deciders() == [city.CDO]
    events = play.decide(Action.RETURN, reason="課長の意見を", return_to="head@S")
    assert kinds(events) == ["stage_returned", "stage_opened"]
    assert (play.state.round, play.deciders()) == (1, [city.SECTION_HEAD])
    play.decide()
    assert play.deciders() == [city.DIRECTOR]
    with refused("invalid_fields"):
        play.decide(Action.RETURN, reason="?", return_to="duty@cdo")
    with refused("invalid_fields"):
        play.decide(Action.RETURN, reason=" ", return_to="drafter")
    play.decide(Action.RETURN, reason="書き直す", return_to="drafter")
    assert play.state.step_status is StepStatus.RETURNED


def test_return_to_one_who_had_no_need_to_speak_gives_them_their_say() -> None:
    either = StageRule(kind=StageKind.LINE, posts=("head@U", "head@S"), quorum="any")
    play = reviewed(rule(either, StageRule(posts=("head@D",))))
    play.decide(by=city.UNIT_CHIEF)
    assert play.deciders() == [city.DIRECTOR]
    play.decide(Action.RETURN, reason="課長の意見を", return_to="head@S")
    assert city.SECTION_HEAD in play.deciders()
    play.decide(by=city.SECTION_HEAD)
    assert play.deciders() == [city.DIRECTOR]


def test_hold_stops_the_clock_until_its_date() -> None:
    play = reviewed(rule(StageRule()))
    play.decide(Action.HOLD, hold_until=date(2027, 1, 12), reason="予算")
    assert kinds(play.pass_by(timedelta(days=48))) == []
    assert kinds(play.pass_by(timedelta(days=1))) == ["hold_ended"]


def test_reject_ends_the_cycle_with_a_reason() -> None:
    play = reviewed(rule(StageRule()))
    with refused("invalid_fields"):
        play.decide(Action.REJECT)
    play.decide(Action.REJECT, reason="重複")
    assert play.state.status is CycleStatus.REJECTED


def test_pull_back_is_for_the_owner_until_somebody_acted_and_a_question_is_no_act() -> None:
    play = reviewed()
    play.give(city.UNIT_CHIEF, c.Ask(text="何件ですか"))
    play.give(city.OWNER, c.PullBack())
    play.give(city.OWNER, c.Submit())
    play.decide()
    with refused("already_acted"):
        play.give(city.OWNER, c.PullBack())


def test_withdraw_is_for_the_owner_at_any_time_before_the_end() -> None:
    play = section(staffing_change="一名増")
    play.decide(by=Duty.HR.value)
    (event,) = play.give(city.SECTION_HEAD, c.Withdraw(reason="統合"))
    assert [str(post) for post in event.data.tell] == ["duty@hr"]  # type: ignore[union-attr]


def test_proxy_falls_to_the_units_deputy_where_none_is_named() -> None:
    base = absent(city.away(city.UNIT_CHIEF))
    second = tuple(
        Post(person_id=person, unit_code="U", title="係長代理", role=PostRole.DEPUTY)
        for person in (city.OWNER, city.PROXY, city.OTHER)
    )
    organisation = base.model_copy(update={"posts": (*base.posts, *second)})
    play = reviewed(rule(StageRule()), Organisation.model_validate(organisation.model_dump()))
    assert play.deciders() == [city.UNIT_CHIEF, city.PROXY]
    play.decide(by=city.PROXY)
    assert play.state.decisions[0].on_behalf_of == city.UNIT_CHIEF
    strict = organisation.model_copy(update={"deputies_stand_in": False})
    assert reviewed(rule(StageRule()), Organisation.model_validate(strict.model_dump())).deciders() == [
        city.UNIT_CHIEF
    ]


def test_pull_up_is_for_a_superior_who_says_so_and_never_for_their_own_work() -> None:
    play = reviewed()
    with refused("not_your_decision"):
        play.decide(by=city.DIRECTOR)
    with refused("not_your_decision"):
        play.decide(by=city.OTHER, pull_up=True)
    play.decide(by=city.DIRECTOR, pull_up=True)
    decision, (due,) = play.state.decisions[0], play.state.asides.post_reviews
    assert (decision.acted_as, str(decision.post), due.person, due.why) == (
        "pull_up", "head@U", city.UNIT_CHIEF, "pull_up",
    )  # fmt: skip
    assert play.deciders() == [city.SECTION_HEAD]
    own = Play(OrgScope.SECTION, "S", owner=city.SECTION_HEAD)
    own.hand_in(city.imagine())
    with refused("own_work"):
        own.decide(by=city.SECTION_HEAD, pull_up=True)
    above = superiors(PostRef.parse("duty@finance"), with_duties(), own.facts.today, city.SECTION_HEAD)
    assert [one.person_id for one in above] == [city.MAYOR]


@pytest.mark.parametrize("post", ["head@U", "head@S", "duty@finance"])
def test_who_may_pull_up_is_the_same_whether_one_person_or_everybody_is_asked_about(post: str) -> None:
    organisation, today = with_duties(), Play().facts.today
    place, people = PostRef.parse(post), {one.person_id for one in with_duties().posts}
    everybody = superiors(place, organisation, today, city.SECTION_HEAD)
    assert everybody
    for person in people:
        mine = superiors(place, organisation, today, city.SECTION_HEAD, only=person)
        assert mine == tuple(one for one in everybody if one.person_id == person)


def test_post_review_may_comment_and_undoes_nothing_even_after_the_end() -> None:
    play = reviewed(rule(StageRule()), absent(city.away(city.UNIT_CHIEF, city.PROXY)))
    play.decide(Action.REJECT, by=city.PROXY, reason="重複")
    with refused("not_your_post_review"):
        play.give(city.PROXY, c.ReadAfterwards(n=1))
    before = play.state
    play.give(city.UNIT_CHIEF, c.ReadAfterwards(n=1, text="私なら保留にした"))
    assert (play.state.status, play.state.decisions) == (before.status, before.decisions)
    with refused("post_reviewed_already"):
        play.give(city.UNIT_CHIEF, c.ReadAfterwards(n=1))


def test_an_absent_approver_of_the_line_is_passed_over_and_reads_afterwards_where_the_policy_says_so() -> None:
    away = absent(city.away(city.UNIT_CHIEF), city.away(city.DIRECTOR, city.PROXY))
    play = reviewed(LONG.model_copy(update={"skip_absent": True}), away)
    assert play.deciders() == [city.SECTION_HEAD]
    assert [(one.person, one.why) for one in play.state.asides.post_reviews] == [(city.UNIT_CHIEF, "passed_over")]
    play.decide()
    assert set(play.deciders()) == {city.DIRECTOR, city.PROXY}
    assert reviewed(LONG, away).deciders() == [city.UNIT_CHIEF]


def test_remind_and_escalate_first_to_the_superior_last_to_the_dx_team_and_never_approve() -> None:
    play = reviewed(rule(StageRule()))
    for _ in range(40):
        play.pass_by(timedelta(days=1))
    raised = [event.data for event in play.events if event.data.type == "stage_escalated"]
    assert [(str(one.to), one.last) for one in raised] == [("head@S", False), ("duty@dx_team", True)]
    assert (play.state.decisions, play.state.status) == ((), CycleStatus.ACTIVE)
    with refused("not_your_decision"):
        play.decide(by=Duty.DX_TEAM.value)
    play.decide(by=city.SECTION_HEAD)
    assert (play.state.decisions[0].acted_as, play.state.step) == ("escalation", Step.TRANSFORM)


def test_ask_leaves_the_due_time_alone_and_only_the_owner_answers_once() -> None:
    play = reviewed()
    review = play.state.review
    play.give(city.UNIT_CHIEF, c.Ask(text="何件ですか"))
    assert play.state.review == review
    with refused("owner_only"):
        play.give(city.UNIT_CHIEF, c.AnswerQuestion(n=1, text="?"))
    play.give(city.OWNER, c.AnswerQuestion(n=1, text="千件"))
    with refused("question_answered_already"):
        play.give(city.OWNER, c.AnswerQuestion(n=1, text="二千件"))
    assert (play.state.asides.questions[0].answer, play.state.waits_for) == ("千件", "approver")


def test_comment_calls_the_people_it_names_who_are_there() -> None:
    play = Play()
    text = f"@{city.PROXY}、@{city.CDO}. と @nobody と a@{city.MAYOR} @{city.PROXY}"
    (event,) = play.give(city.OWNER, c.Comment(text=text))
    assert event.data.mentions == (city.PROXY, city.CDO)  # type: ignore[union-attr]
