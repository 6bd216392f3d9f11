"""決裁の取消し: who decided last takes it back, and everything stands as it did before."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from engine.domain.cycle import commands as c
from engine.domain.cycle.evolve import fold
from engine.domain.cycle.state import CycleState
from engine.domain.cycle.undo import DecisionRetracted, Followed, Opened
from engine.domain.moves.allowed import Move, allowed
from engine.domain.moves.command_log import CommandLog, Snapshot
from engine.domain.moves.deciding import retract as moves
from engine.domain.review.policy import Policy, StageRule
from engine.domain.review.review import Action, Mode, StageKind
from engine.domain.steps import CycleStatus, Step, StepStatus
from engine.language.catalogues import Pairs
from tests.domain.offices import LONG, refused, reviewed, rule
from tests.domain.plays import Play, kinds
from tests.support import city

WHY = "押し間違い"
BESIDE = {"revision", "updated_at", "clock", "retracted", "undo", "followed", "asides"}
CONDITION = (c.ConditionAsked(text="説明会", due=date(2026, 12, 1)),)
CHIEF, HEAD = city.UNIT_CHIEF, city.SECTION_HEAD


def may_retract(play: Play) -> bool:
    return Move.RETRACT in allowed(play.state, CHIEF, play.facts, play.at)


def retract(play: Play, by: str, number: int | None = None, reason: str | None = WHY) -> tuple[Any, ...]:
    return play.give(by, c.Retract(round=play.state.decisions[-1].round if number is None else number, reason=reason))


def standing(state: CycleState) -> dict[str, Any]:
    return state.model_dump(exclude=BESIDE)


def one_stage(policy: Policy | None = None) -> Play:
    return reviewed(policy or rule(StageRule()))


@pytest.mark.parametrize(
    ("action", "more"),
    [
        (Action.APPROVE, {}),
        (Action.APPROVE_WITH_CONDITIONS, {"conditions": CONDITION}),
        (Action.RETURN, {"reason": "数字"}),
        (Action.HOLD, {"hold_until": date(2027, 1, 10)}),
        (Action.REJECT, {"reason": "重複"}),
    ],
)
def test_whatever_was_decided_the_step_is_in_review_again_as_it_was(action: Action, more: dict[str, Any]) -> None:
    play = one_stage()
    before = play.state
    play.decide(action, by=CHIEF, **more)
    assert standing(play.state) != standing(before)
    play.at += timedelta(days=2)
    assert kinds(retract(play, CHIEF)) == ["decision_retracted"]
    assert standing(play.state) == standing(before)
    assert (play.state.status, play.state.step_status) == (CycleStatus.ACTIVE, StepStatus.IN_REVIEW)
    (gone,) = play.state.retracted
    assert (gone.action, gone.by, gone.retracted_because, gone.retracted_at) == (action, CHIEF, WHY, play.at)
    play.decide(by=CHIEF)
    assert play.state.step is Step.TRANSFORM


def test_an_opposing_opinion_is_taken_back_too() -> None:
    asked = StageRule(kind=StageKind.CONCURRENCE, posts=("duty@finance",), mode=Mode.OPINION)
    play = reviewed(rule(asked, StageRule()))
    before = play.state
    play.decide(Action.OPPOSE, by="finance", reason="高い")
    retract(play, "finance")
    assert standing(play.state) == standing(before)


def test_a_return_to_an_earlier_step_comes_back_to_the_step_that_was_in_review() -> None:
    play = Play(policy=rule(StageRule())).until(Step.TRANSFORM)
    play.hand_in(city.transform())
    before = play.state
    play.decide(Action.RETURN, return_to="imagine", reason="数字")
    assert play.state.step is Step.IMAGINE
    retract(play, CHIEF)
    assert standing(play.state) == standing(before)


def test_a_return_to_an_earlier_approver_gives_back_the_voices_that_were_dropped() -> None:
    play = reviewed(LONG)
    play.decide(by=CHIEF)
    play.decide(by=HEAD)
    before = play.state
    play.decide(Action.RETURN, by=city.DIRECTOR, return_to=before.review.route.stages[0].key, reason="数字")
    assert play.deciders() == [CHIEF]
    retract(play, city.DIRECTOR)
    assert standing(play.state) == standing(before)
    assert len(play.state.review.votes) == 2


def test_an_approval_on_the_way_is_taken_back_while_the_next_has_not_acted() -> None:
    play = reviewed(LONG)
    first = play.state
    play.decide(by=CHIEF)
    second = play.state
    play.decide(by=HEAD)
    with refused("retract_followed"):
        retract(play, CHIEF)
    retract(play, HEAD)
    assert standing(play.state) == standing(second)
    retract(play, CHIEF)  # now this one is the last again
    assert standing(play.state) == standing(first)
    assert [one.by for one in play.state.retracted] == [HEAD, CHIEF]


def test_side_by_side_the_reminders_of_the_other_stage_stay() -> None:
    posts = StageRule(kind=StageKind.CONCURRENCE, posts=("duty@finance",))
    other = StageRule(kind=StageKind.CONCURRENCE, posts=("duty@legal",), beside_previous=True)
    play = reviewed(rule(posts, other, StageRule()))
    play.decide(by="finance")
    play.pass_by(timedelta(days=6, hours=8))
    reminded = {one.key: one.reminders_sent for one in play.state.review.open}
    assert list(reminded.values()) == [1]
    retract(play, "finance")
    assert {one.key: one.reminders_sent for one in play.state.review.open} == {"1-concurrence": 0} | reminded


def test_the_due_times_are_those_of_before_and_what_is_overdue_then_is_told_at_once() -> None:
    play = one_stage()
    due = play.state.review.open[0].due_at
    play.decide(by=CHIEF)
    play.pass_by(timedelta(days=30))
    retract(play, CHIEF)
    assert play.state.review.open[0].due_at == due
    assert set(kinds(play.pass_by(timedelta(0)))) == {"reminder_due", "stage_escalated"}


RETRACTING = Pairs("retracting")


def test_every_refusal_has_a_sentence_of_its_own_in_both_languages() -> None:
    codes = ("NOTHING", "OTHERS", "ALREADY", "OTHER_ROUND", "FOLLOWED", "OPENED", "TOO_OLD")
    assert {getattr(moves, name) for name in codes} < set(RETRACTING)
    names = {"by_name": "山田", "title": "窓口", "round": "2", "n": "1"}
    for ja, en in RETRACTING.values():
        assert "—" not in ja.format_map(names)
        assert en.format_map(names)
    decided = {action.value for action in Action}
    followed = {one.partition(":")[2] for one in RETRACTING if one.startswith(f"{moves.FOLLOWED}:")}
    assert decided | set(FOLLOWING) | {"hold_ended", "parent_joined", "step_submitted", "offer_made"} <= followed


FOLLOWING: dict[str, Callable[[Play], Any]] = {
    "draft_saved": lambda play: play.draft(city.transform()),
    "cycle_withdrawn": lambda play: play.give(city.OWNER, c.Withdraw(reason="統合")),
    "condition_closed": lambda play: play.give(city.OWNER, c.CloseCondition(n=1, evidence="済")),
    "attachment_added": lambda play: play.give(city.OWNER, c.Attach(name="a.pdf", size=1, sha256="a" * 64)),
}


@pytest.mark.parametrize("what", FOLLOWING)
def test_it_stays_once_somebody_has_acted_on_it_and_the_refusal_says_who_did_what(what: str) -> None:
    play = one_stage()
    play.decide(Action.APPROVE_WITH_CONDITIONS, by=CHIEF, conditions=CONDITION)
    FOLLOWING[what](play)
    assert not may_retract(play)
    with refused("retract_followed") as caught:
        retract(play, CHIEF)
    params = caught.value.refusal.params
    assert (params["what"], params["by"], params["by_name"]) == (what, city.OWNER, city.OWNER)


def test_a_hold_that_was_ended_by_hand_stays_and_one_that_ended_by_itself_does_not() -> None:
    play = one_stage()
    play.decide(Action.HOLD, by=CHIEF, hold_until=play.at + timedelta(days=3))
    play.pass_by(timedelta(days=4))
    due = play.state.review.open[0].due_at
    retract(play, CHIEF)
    assert play.state.review.open[0].due_at == due  # the clock did stand still
    play.decide(Action.HOLD, by=CHIEF, hold_until=play.at + timedelta(days=3))
    play.give(CHIEF, c.Resume())
    with refused("retract_followed"):
        retract(play, CHIEF)


def test_talking_reading_and_waiting_do_not_stand_against_it() -> None:
    play = reviewed(LONG)
    play.decide(by=CHIEF)
    play.give(city.OWNER, c.Comment(text="ありがとう"))
    play.give(HEAD, c.Ask(text="何件"))
    play.give(city.OWNER, c.AnswerQuestion(n=1, text="千件"))
    play.pass_by(timedelta(days=60))
    assert may_retract(play)
    retract(play, CHIEF)
    assert (play.state.comments, len(play.state.asides.questions)) == (1, 1)


def test_only_who_decided_may_and_only_for_a_reason() -> None:
    play = one_stage()
    with refused("nothing_to_retract"):
        play.give(CHIEF, c.Retract(round=1, reason=WHY))
    play.decide(by=CHIEF)
    for other in (city.OWNER, HEAD, city.ADMIN):
        with refused("not_your_decision_to_retract"):
            retract(play, other)
    with refused("retract_other_round"):
        retract(play, CHIEF, number=7)
    for blank in (None, " "):
        with refused("invalid_fields"):
            retract(play, CHIEF, reason=blank)
    retract(play, CHIEF)
    with refused("retracted_already"):
        play.give(CHIEF, c.Retract(round=1, reason=WHY))


def test_a_proxy_takes_back_what_the_proxy_decided_and_nobody_owes_a_post_review_any_more() -> None:
    play = Play(organisation=city.organisation(city.away(CHIEF, city.PROXY)))
    play.hand_in(city.imagine())
    play.decide(by=city.PROXY)
    assert [one.is_due for one in play.state.asides.post_reviews] == [True]
    with refused("not_your_decision_to_retract"):
        retract(play, CHIEF)
    (event,) = retract(play, city.PROXY)
    assert event.on_behalf_of == CHIEF
    assert [one.is_due for one in play.state.asides.post_reviews] == [False]
    with refused("post_review_over"):
        play.give(CHIEF, c.ReadAfterwards(n=1))
    play.decide(by=city.PROXY)
    assert [one.is_due for one in play.state.asides.post_reviews] == [False, True]


def test_a_pull_up_is_taken_back_by_the_superior() -> None:
    play = reviewed(LONG)
    before = play.state
    play.decide(by=HEAD, pull_up=True)
    assert play.state.decisions[0].acted_as == "pull_up"
    retract(play, HEAD)
    assert standing(play.state) == standing(before)


def test_effects_measured_with_the_decision_go_with_it() -> None:
    play = Play(policy=rule(StageRule())).until(Step.REALISE)
    play.hand_in(city.realise(12))
    before = play.state
    play.decide()
    assert play.state.effects.hours_saved_per_year is not None
    retract(play, CHIEF)
    assert play.state.effects == before.effects
    assert play.state.effects.hours_saved_per_year is None


def test_an_end_without_a_next_cycle_is_taken_back_and_one_with_a_next_cycle_is_not() -> None:
    play = Play()
    play.turn()
    assert (play.state.status, play.state.next_cycles) == (CycleStatus.COMPLETED, ())
    assert may_retract(play)
    for grown, code in (
        ({"opened": (Opened(cycle_id="i9-1", title="となりの係"),)}, "retract_opened"),
        ({"acted": Followed(what="offer_made", by=HEAD, at=play.at)}, "retract_followed"),
    ):
        with refused(code):
            play.give(CHIEF, c.Retract(round=play.state.round, reason=WHY, **grown))
    retract(play, CHIEF)
    assert (play.state.status, play.state.step) == (CycleStatus.ACTIVE, Step.SHARE)
    other = Play()
    other.turn({"kind": "expand", "org_scope": "unit", "work_scope": "process", "reason": "効いた"})
    assert (may_retract(other), other.state.undo) == (False, ())
    with refused("retract_opened") as caught:
        retract(other, CHIEF)
    assert caught.value.refusal.params["cycle"] == other.state.next_cycles[0].cycle_id


def test_a_condition_of_a_later_approval_never_takes_the_number_of_another() -> None:
    play = one_stage()
    play.decide(Action.APPROVE_WITH_CONDITIONS, by=CHIEF, conditions=(*CONDITION, *CONDITION))
    retract(play, CHIEF)
    assert play.state.conditions == ()
    play.decide(Action.APPROVE_WITH_CONDITIONS, by=CHIEF, conditions=CONDITION)
    assert [one.n for one in play.state.conditions] == [1]


def test_a_cycle_that_went_on_from_an_older_snapshot_says_that_it_cannot() -> None:
    play = one_stage()
    play.decide(by=CHIEF)
    older = Snapshot(state=play.state).model_dump(mode="json", by_alias=True)
    for name in ("undo", "followed", "retracted"):
        del older["state"][name]
    desk = CommandLog.resumed(Snapshot.model_validate(older))
    body = c.Retract(round=1, reason=WHY)
    with refused("retract_too_old"):
        desk.check(c.Command(id="k", actor=CHIEF, body=body), play.at)


def test_the_event_alone_puts_back_what_stood_before() -> None:
    play = one_stage()
    before = play.state
    play.decide(by=CHIEF)
    (event,) = retract(play, CHIEF)
    plain = DecisionRetracted.model_validate_json(event.data.model_dump_json(by_alias=True))
    bare = fold(play.events[:-1]).model_copy(update={"undo": (), "followed": None})
    assert standing(fold([event.model_copy(update={"data": plain})], bare)) == standing(before)


def test_what_would_undo_a_long_round_stays_small() -> None:
    play = reviewed(LONG)
    size = len(play.state.model_dump_json())
    for _ in range(3):
        play.decide()
    assert len(play.state.undo) == 3
    assert len(play.state.model_dump_json()) < size + 9_000
