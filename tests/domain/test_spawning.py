from datetime import UTC, date, datetime
from typing import Any

import pytest

from engine.domain.cycle import commands as c
from engine.domain.cycle.events import CycleOpened
from engine.domain.errors import DomainError
from engine.domain.lineage.next_cycles import opening_of
from engine.domain.organisation.organisation import Organisation
from engine.domain.review.review import Action
from engine.domain.steps import CycleKind, Step
from tests.domain.plays import Play
from tests.support import city

EXPAND = {"kind": "expand", "org_scope": "unit", "work_scope": "process", "reason": "効いた"}


def following(*wanted: dict[str, Any]) -> tuple[CycleOpened, ...]:
    play = Play()
    state = play.turn(*wanted)
    return tuple(opening_of(state, planned) for planned in state.next_cycles)


def test_an_expansion_takes_over_the_ideal_and_the_metrics_but_must_measure_anew() -> None:
    (opened,) = following(EXPAND)
    assert (opened.cycle_id, opened.turn, opened.parents) == ("i1-1.1", 2, ("i1-1",))
    inherited = opened.deliverables.imagine
    assert inherited.ideal_statement == city.imagine().ideal_statement
    (metric,) = inherited.metrics
    assert (metric.code, metric.unit, metric.baseline, metric.target) == ("minutes", "分/件", None, None)
    assert inherited.as_is is None
    assert opened.inheritance is not None
    assert opened.inheritance.rebaseline_required
    assert opened.inheritance.reference_baselines == {"minutes": 12}
    assert opened.inheritance.adviser == city.OWNER
    assert opened.inheritance.lessons_failed == city.share().lessons_failed
    assert opened.inheritance.core_elements == city.share().core_elements


def test_the_larger_cycle_belongs_to_the_head_of_the_larger_scope_unless_somebody_is_named() -> None:
    (opened,) = following(EXPAND)
    assert (opened.org_unit, opened.owner) == ("U", city.UNIT_CHIEF)
    (named,) = following(EXPAND | {"owner": city.PROXY})
    assert named.owner == city.PROXY
    (section,) = following(EXPAND | {"org_scope": "section"})
    assert (section.org_unit, section.owner) == ("S", city.SECTION_HEAD)


def test_the_same_scope_keeps_its_first_baseline_so_that_effects_stay_comparable() -> None:
    retry, sustain = following(
        {"kind": "retry", "reason": "もう一度"}, {"kind": "sustain", "review_on": "2027-06-01", "reason": "続くか"}
    )
    for opened in (retry, sustain):
        assert opened.deliverables.imagine.metrics[0].baseline == 30
        assert opened.owner == city.OWNER
        assert opened.inheritance is not None
        assert not opened.inheritance.rebaseline_required
    assert (retry.kind, retry.sleeps_until) == (CycleKind.RETRY, None)
    assert sustain.sleeps_until == datetime(2027, 5, 31, 15, 0, tzinfo=UTC)


def test_close_ends_the_spiral() -> None:
    assert following({"kind": "close", "reason": "完了"}) == ()


@pytest.mark.parametrize(
    ("wanted", "place", "code"),
    [
        (EXPAND | {"org_unit": "nowhere"}, "/next/0/org_unit", "unknown_unit"),
        (EXPAND | {"org_unit": "S"}, "/next/0/org_unit", "unit_on_another_level"),
        (EXPAND | {"org_unit": "U2"}, "/next/0/org_unit", "unit_not_above"),
        (EXPAND | {"owner": "ghost"}, "/next/0/owner", "unknown_person"),
        (EXPAND | {"owner": city.OTHER}, "/next/0/owner", "owner_not_in_unit"),
    ],
)
def test_a_next_cycle_in_the_wrong_place_keeps_share_from_being_handed_in(
    wanted: dict[str, Any], place: str, code: str
) -> None:
    play = Play().until(Step.SHARE)
    with pytest.raises(DomainError, match="invalid_fields") as refused:
        play.hand_in(city.share(wanted))
    assert [(one.pointer, one.code) for one in refused.value.refusal.errors] == [(place, code)]


def test_a_next_owner_who_has_left_in_the_meantime_keeps_share_from_being_approved() -> None:
    play = Play().until(Step.SHARE)
    play.hand_in(city.share(EXPAND | {"owner": city.PROXY}))
    posts = tuple(post for post in play.organisation.posts if post.person_id != city.PROXY)
    play.organisation = Organisation(units=play.organisation.units, people=play.organisation.people, posts=posts)
    with pytest.raises(DomainError, match="next_cannot_start") as refused:
        play.decide()
    assert refused.value.refusal.params["places"] == "/next/0/owner: owner_not_in_unit"
    play.decide(Action.RETURN, reason="次の担当を直す")
    assert play.state.step is Step.SHARE


def test_conditions_of_earlier_steps_close_before_share_and_those_of_share_block_the_next_cycle() -> None:
    play = Play()
    play.hand_in(city.imagine())
    asked = (c.ConditionAsked(text="議会に説明", due=date(2026, 12, 1)),)
    play.decide(Action.APPROVE_WITH_CONDITIONS, conditions=asked)
    play.until(Step.SHARE)
    play.hand_in(city.share(EXPAND))
    with pytest.raises(DomainError, match="conditions_open"):
        play.decide()
    play.give(city.OWNER, c.CloseCondition(n=1, evidence="議事録"))
    play.decide(Action.APPROVE_WITH_CONDITIONS, conditions=(c.ConditionAsked(text="手順書", due=date(2026, 12, 1)),))
    opened = opening_of(play.state, play.state.next_cycles[0])
    assert [(one.text, one.blocking) for one in opened.conditions] == [("手順書", True)]
    larger = Play(opened=opened)
    larger.draft(city.imagine())
    with pytest.raises(DomainError, match="conditions_open"):
        larger.give(opened.owner, c.Submit())
    larger.give(opened.owner, c.CloseCondition(n=1, evidence="できた"))
    larger.give(opened.owner, c.Submit())
    assert larger.state.round == 1


@pytest.mark.parametrize("due", [date(2026, 11, 23), date(2027, 3, 1), None])
def test_a_condition_is_due_within_three_months(due: date | None) -> None:
    play = Play()
    play.hand_in(city.imagine())
    with pytest.raises(DomainError, match="invalid_fields"):
        play.decide(Action.APPROVE_WITH_CONDITIONS, conditions=(c.ConditionAsked(text="説明", due=due),))


def test_an_inherited_metric_keeps_its_unit() -> None:
    (opened,) = following(EXPAND)
    larger = Play(opened=opened)
    plain = city.imagine().model_dump(mode="json", by_alias=True, exclude_defaults=True)
    plain["metrics"][0]["unit"] = "円"
    larger.draft(city.imagine().model_validate(plain))
    with pytest.raises(DomainError, match="invalid_fields") as refused:
        larger.give(opened.owner, c.Submit())
    assert [(one.pointer, one.code) for one in refused.value.refusal.errors] == [("/metrics/0/unit", "unit_differs")]


def test_the_final_decider_may_send_it_back_to_an_earlier_step_and_nothing_is_lost() -> None:
    play = Play().until(Step.REALISE)
    play.hand_in(city.realise())
    play.decide(Action.RETURN, reason="基準値から", return_to="imagine")
    assert play.state.step is Step.IMAGINE
    assert play.state.deliverables.realise == city.realise()
    play.give(city.OWNER, c.Submit())
    with pytest.raises(DomainError, match="invalid_fields"):
        play.decide(Action.RETURN, reason="?", return_to="share")
