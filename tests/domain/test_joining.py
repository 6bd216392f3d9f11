"""Small cycles that flow into a larger one, the heads who agree to it, and baselines that bind."""

from datetime import date
from typing import Any

import pytest

from engine.domain.analytics.results import SustainOutcome, sustained
from engine.domain.cycle import commands as c
from engine.domain.cycle.events import PlannedNext
from engine.domain.deliverables import Imagine
from engine.domain.errors import DomainError
from engine.domain.lineage.edges import edges
from engine.domain.lineage.join import JoinTarget, joining_of, turned_away
from engine.domain.lineage.next_cycles import opening_of
from engine.domain.organisation.organisation import Organisation, PostRef, PostRole
from engine.domain.review.review import Action, StageKind
from engine.domain.scope import OrgScope, WorkScope
from engine.domain.steps import CycleKind, Step
from tests.domain.plays import Play, kinds
from tests.support import city

JOIN = {"kind": "expand", "join": "i2-1", "reason": "一緒に進める"}
EXPAND = {"kind": "expand", "org_scope": "unit", "work_scope": "process", "reason": "効いた"}


def larger(org_scope: OrgScope = OrgScope.UNIT, unit: str = "U", owner: str = city.UNIT_CHIEF) -> Play:
    """Another initiative that is being imagined for a whole office."""
    opened = Play(org_scope, unit, WorkScope.PROCESS, owner=owner).events[0].data
    return Play(opened=opened.model_copy(update={"cycle_id": "i2-1", "initiative_id": "i2"}))


def sharing(target: Play, *following: dict[str, Any]) -> Play:
    """A small cycle whose Share wants to flow into `target`."""
    play = Play().until(Step.SHARE)
    play.targets = (JoinTarget.of(target.state),)
    play.hand_in(city.share(*(following or (JOIN,))))
    return play


def arrive(small: Play, target: Play) -> c.Command:
    (planned,) = small.state.next_cycles
    joining = joining_of(small.state, target.state.cycle_id, planned.cycle_id)
    body = c.JoinParent(parent=small.state.cycle_id, planned=planned.cycle_id, joining=joining)
    command = target.command("system", body)
    target.give("system", body)
    return command


def test_a_small_cycle_flows_into_a_larger_one_with_its_lessons_and_its_conditions() -> None:
    target, small = larger(), sharing(larger())
    asked = (c.ConditionAsked(text="手順書", due=date(2026, 12, 1)),)
    small.decide(Action.APPROVE_WITH_CONDITIONS, conditions=asked)
    (planned,) = small.state.next_cycles
    assert (planned.join, planned.org_scope, planned.work_scope) == ("i2-1", OrgScope.UNIT, WorkScope.PROCESS)
    command = arrive(small, target)
    state = target.state
    (joined,) = state.joined
    assert (state.parents, joined.parent, joined.initiative_id, joined.seq) == (("i1-1",), "i1-1", "i1", 2)
    assert joined.inheritance.lessons_failed == city.share().lessons_failed
    assert joined.inheritance.reference_baselines == {"minutes": 12}
    assert joined.inheritance.rebaseline_required
    assert state.advisers == (city.OWNER,)
    assert [(one.text, one.blocking) for one in state.conditions] == [("手順書", True)]
    assert [(one.parent, one.kind.value, one.seq) for one in edges(state)] == [("i1-1", "join", 2)]
    assert turned_away(state, command) is None
    with pytest.raises(DomainError, match="conditions_open"):
        target.hand_in(city.imagine())


def test_whoever_comes_too_late_opens_a_cycle_of_its_own_at_the_place_it_wanted_to_join() -> None:
    target = larger()
    small = sharing(target)
    small.approve()
    target.hand_in(city.imagine())
    command = arrive(small, target)
    (late,) = target.state.turned_away
    assert (late.parent, late.why, late.instead) == ("i1-1", "join_moved_on", "i1-1.1")
    assert target.state.parents == ()
    opened = turned_away(target.state, command)
    assert opened is not None
    assert (opened.cycle_id, opened.org_unit, opened.owner) == ("i1-1.1", "U", city.UNIT_CHIEF)
    assert opened.instead_of_joining == "i2-1"


def test_the_same_join_twice_is_one_parent() -> None:
    target = larger()
    small = sharing(target)
    small.approve()
    arrive(small, target)
    assert arrive(small, target)
    assert target.state.parents == ("i1-1",)


def test_nobody_joins_who_was_not_approved_to() -> None:
    play = Play()
    play.turn(EXPAND)
    (planned,) = play.state.next_cycles
    with pytest.raises(DomainError, match="no_such_join"):
        joining_of(play.state, "i2-1", planned.cycle_id)
    with pytest.raises(DomainError, match="no_such_join"):
        larger().give("system", c.JoinParent(parent="i1-1", planned="i1-1.1"))


@pytest.mark.parametrize(
    ("following", "place", "code"),
    [
        (JOIN | {"join": "i9-1"}, "/next/0/join", "unknown_cycle"),
        (JOIN | {"join": "i1-1"}, "/next/0/join", "unknown_cycle"),
        (JOIN | {"kind": "retry"}, "/next/0/kind", "join_expands"),
        (JOIN | {"org_unit": "U"}, "/next/0/org_unit", "join_has_its_place"),
    ],
)
def test_a_join_that_cannot_be_keeps_share_from_being_handed_in(
    following: dict[str, Any], place: str, code: str
) -> None:
    with pytest.raises(DomainError, match="invalid_fields") as refused:
        sharing(larger(), following)
    assert (place, code) in [(one.pointer, one.code) for one in refused.value.refusal.errors]


def test_a_join_needs_a_larger_scope_of_the_same_office_or_one_above_that_is_still_imagined() -> None:
    def code(target: Play) -> list[tuple[str, str]]:
        with pytest.raises(DomainError, match="invalid_fields") as refused:
            sharing(target)
        return [(one.pointer, one.code) for one in refused.value.refusal.errors]

    assert code(larger(OrgScope.UNIT, "U2", city.OTHER)) == [("/next/0/join", "unit_not_above")]
    same = Play(OrgScope.INDIVIDUAL, "U", WorkScope.TASK).events[0].data.model_copy(update={"cycle_id": "i2-1"})
    assert code(Play(opened=same)) == [("/next/0/join", "scope_does_not_grow")]
    reviewed = larger()
    reviewed.hand_in(city.imagine())
    assert code(reviewed) == [("/next/0/join", "join_moved_on")]
    ended = larger()
    ended.give(city.UNIT_CHIEF, c.Withdraw(reason="統合"))
    assert code(ended) == [("/next/0/join", "join_closed")]
    far = larger(OrgScope.SECTION, "S", city.SECTION_HEAD)
    with pytest.raises(DomainError, match="invalid_fields") as refused:
        sharing(far, JOIN | {"reason": None})
    assert [(one.pointer, one.code) for one in refused.value.refusal.errors] == [
        ("/next/0/reason", "skip_needs_reason")
    ]


def stages(play: Play) -> list[tuple[str, tuple[str, ...], str | None]]:
    assert play.state.review is not None
    return [(one.kind.value, tuple(map(str, one.posts)), one.reason) for one in play.state.review.route.stages]


def test_the_head_of_the_receiving_office_agrees_before_it_is_bound() -> None:
    play = Play().until(Step.SHARE)
    play.hand_in(city.share(EXPAND | {"org_scope": "section"}))
    assert stages(play) == [
        ("concurrence", ("head@S",), "receiving_head"), ("final", ("head@U",), None),
    ]  # fmt: skip
    assert play.deciders() == [city.SECTION_HEAD]
    assert play.state.review is not None
    assert str(play.state.review.route.stages[0].escalate_to) == "head@D"
    play.decide()
    assert play.state.status.is_open
    play.decide()
    assert play.state.next_cycles[0].org_unit == "S"


def test_a_head_who_decides_anyway_or_hands_it_in_is_not_asked_again() -> None:
    play = Play().until(Step.SHARE)
    play.hand_in(city.share(EXPAND))
    assert stages(play) == [("final", ("head@U",), None)]
    own = Play(owner=city.UNIT_CHIEF).until(Step.SHARE)
    own.hand_in(city.share(EXPAND))
    assert [kind for kind, _, _ in stages(own)] == ["final"]


def test_the_receiving_head_may_return_it_and_then_it_is_asked_again() -> None:
    play = sharing(larger(OrgScope.SECTION, "S", city.SECTION_HEAD), JOIN)
    assert play.state.review is not None
    assert play.state.review.route.stages[0].kind is StageKind.CONCURRENCE
    play.decide(Action.RETURN, by=city.SECTION_HEAD, reason="時期が早い")
    play.hand_in(city.share(JOIN))
    assert play.deciders() == [city.SECTION_HEAD]


def test_a_vacant_receiving_post_goes_one_up() -> None:
    play = Play().until(Step.SHARE)
    posts = tuple(post for post in play.organisation.posts if (post.unit_code, post.role) != ("S", PostRole.HEAD))
    play.organisation = Organisation(units=play.organisation.units, people=play.organisation.people, posts=posts)
    play.hand_in(city.share(EXPAND | {"org_scope": "section"}))
    assert play.deciders() == [city.DIRECTOR]
    assert play.state.open_posts() == (PostRef(kind="head", unit="S"),)


def imagine(**first_metric: object) -> Imagine:
    plain = city.imagine().model_dump(mode="json", by_alias=True, exclude_defaults=True)
    plain["metrics"][0] |= first_metric
    return Imagine.model_validate(plain)


def refused(play: Play, deliverable: Imagine) -> list[tuple[str, str]]:
    with pytest.raises(DomainError, match="invalid_fields") as error:
        play.hand_in(deliverable)
    return [(one.pointer, one.code) for one in error.value.refusal.errors]


def grown(org_scope: str) -> Play:
    play = Play()
    state = play.turn(EXPAND | {"org_scope": org_scope})
    return Play(opened=opening_of(state, state.next_cycles[0]))


def test_a_larger_scope_measures_its_baseline_anew_after_it_began() -> None:
    play = grown("section")
    assert refused(play, city.imagine()) == [("/metrics/0/measured_on", "baseline_not_remeasured")]
    play.hand_in(imagine(measured_on="2026-11-24"))
    assert play.state.round == 1


def test_in_the_light_form_a_larger_scope_must_at_least_give_its_baseline_anew() -> None:
    play = grown("unit")
    inherited = play.state.deliverables.imagine
    assert ("/metrics/0/baseline", "missing") in refused(play, inherited)
    play.hand_in(city.imagine())
    assert play.state.round == 1


def test_a_baseline_is_not_measured_tomorrow() -> None:
    assert refused(Play(), imagine(measured_on="2026-11-25")) == [
        ("/metrics/0/measured_on", "measured_in_the_future")
    ]


@pytest.mark.parametrize("kind", ["retry", "sustain"])
def test_the_same_scope_is_measured_against_the_same_baseline(kind: str) -> None:
    play = Play()
    state = play.turn({"kind": kind, "reason": "続ける", "review_on": "2027-06-01"})
    again = Play(opened=opening_of(state, state.next_cycles[0]).model_copy(update={"sleeps_until": None}))
    assert refused(again, imagine(baseline=12)) == [("/metrics/0/baseline", "keeps_its_baseline")]
    plain = city.imagine().model_dump(mode="json", by_alias=True, exclude_defaults=True)
    plain["as_is"]["minutes_per_case"] = 12
    assert refused(again, Imagine.model_validate(plain)) == [("/as_is/minutes_per_case", "keeps_its_baseline")]
    again.hand_in(city.imagine())
    assert again.state.round == 1


@pytest.mark.parametrize(
    ("minutes", "outcome", "difference"),
    [
        (12, SustainOutcome.KEPT, 0),
        (9, SustainOutcome.KEPT, 50),
        (21, SustainOutcome.REDUCED, -150),
        (33, SustainOutcome.LOST, -350),
    ],
)
def test_a_sustained_effect_is_measured_again_and_said_to_be_kept_or_lost(
    minutes: float, outcome: SustainOutcome, difference: float
) -> None:
    play = Play()
    state = play.turn({"kind": "sustain", "reason": "続ける", "review_on": "2027-06-01"})
    again = Play(opened=opening_of(state, state.next_cycles[0]).model_copy(update={"sleeps_until": None}))
    before = sustained(again.state)
    assert before is not None
    assert (before.hours_before, before.hours_now, before.outcome) == (300, None, None)
    for deliverable in (city.imagine(), city.transform(), city.realise(minutes)):
        again.hand_in(deliverable)
        again.approve()
    found = sustained(again.state)
    assert found is not None
    assert found.outcome is outcome
    assert found.difference == difference
    assert sustained(state) is None


def test_a_target_changed_after_it_was_locked_is_approved_anew_and_stays_visible() -> None:
    play = Play().until(Step.REALISE)
    play.hand_in(city.realise())
    play.decide(Action.RETURN, reason="目標から", return_to="imagine")
    assert play.state.changed_targets() == ()
    play.draft(imagine(target=15))
    (change,) = play.state.changed_targets()
    assert (change.metric, change.before, change.after, change.unit) == ("minutes", 10, 15, "分/件")
    play.give(city.OWNER, c.Submit())
    events = play.decide()
    assert kinds(events) == ["stage_voted", "step_approved", "targets_amended", "effect_measured"]
    (amended,) = play.state.amendments
    assert (amended.results_known, amended.changes) == (True, (change,))
    assert play.state.changed_targets() == ()
    assert play.state.effects.metrics[0].target == 15


def test_several_cycles_follow_at_once_and_a_join_is_one_of_them() -> None:
    target = larger()
    small = sharing(target, EXPAND, {"kind": "retry", "reason": "もう一度"}, JOIN)
    small.approve()

    def plain(one: PlannedNext) -> tuple[str, CycleKind, str | None]:
        return one.cycle_id, one.kind, one.join

    assert [plain(one) for one in small.state.next_cycles] == [
        ("i1-1.1", CycleKind.EXPAND, None), ("i1-1.2", CycleKind.RETRY, None), ("i1-1.3", CycleKind.EXPAND, "i2-1"),
    ]  # fmt: skip
