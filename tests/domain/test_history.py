"""The past of a cycle as rows: whatever way it is written down, piece by piece or at once, it says the same."""

import itertools
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from engine.domain.analytics.history import Moment, bonds_of, chronicle
from engine.domain.cycle import commands as c
from engine.domain.review.review import Action
from tests.domain.plays import Play
from tests.support import city

DAY = timedelta(days=1).total_seconds()


def eventful() -> Play:
    """Returned once, held once, approved with a condition, then all the way."""
    play = Play()
    play.hand_in(city.imagine())
    play.pass_by(timedelta(days=2))
    play.decide(Action.RETURN, reason="基準値を測り直す")
    play.pass_by(timedelta(days=3))
    play.hand_in(city.imagine())
    play.pass_by(timedelta(days=1))
    due = (play.at + timedelta(days=30)).date()
    play.decide(Action.APPROVE_WITH_CONDITIONS, conditions=(c.ConditionAsked(text="掲示する", due=due),))
    play.hand_in(city.transform())
    play.pass_by(timedelta(hours=12))
    play.decide(Action.HOLD, hold_until=(play.at + timedelta(days=10)).date())
    play.pass_by(timedelta(days=11))
    play.pass_by(timedelta(days=1))
    play.decide()
    play.give(play.state.owner, c.CloseCondition(n=1, evidence="掲示した"))
    for deliverable in (city.realise(), city.share()):
        play.hand_in(deliverable)
        play.decide()
    return play


def test_every_stretch_is_one_moment_and_they_follow_each_other() -> None:
    told = chronicle(None, eventful().events)
    assert [(one.step, one.waits_for, one.status) for one in told.moments if one.step == "imagine"] == [
        ("imagine", "approver", "active"), ("imagine", "owner", "active"), ("imagine", "approver", "active"),
    ]  # fmt: skip
    assert told.moments[-1].status == "completed"
    sinces = [one.since for one in told.moments]
    assert sinces == sorted(set(sinces))


def test_a_step_counts_its_owner_and_its_approvers_apart_and_a_hold_for_neither() -> None:
    last = chronicle(None, eventful().events).moments[-1]
    assert (last.imagine_owner_seconds, last.imagine_approver_seconds) == (3 * DAY, 3 * DAY)
    assert last.transform_approver_seconds is not None
    assert 1.5 * DAY <= last.transform_approver_seconds <= 3 * DAY
    clock = eventful().state.clock
    assert sum(one.approver_seconds for one in clock.spent) == clock.approver_seconds
    assert sum(one.owner_seconds for one in clock.spent) == clock.owner_seconds
    assert clock.held_seconds > 9 * DAY


def test_acts_say_who_decided_how_long_it_had_waited_and_whether_it_passed_at_the_first_go() -> None:
    acts = chronicle(None, eventful().events).acts
    returned = next(one for one in acts if one.kind == "return")
    assert (returned.post, returned.why, returned.waited_seconds, returned.reason) == (
        "head@U", "post", 2 * DAY, "基準値を測り直す",
    )  # fmt: skip
    assert [(one.step, one.first) for one in acts if one.kind == "pass"] == [
        ("imagine", False), ("transform", True), ("realise", True), ("share", True),
    ]  # fmt: skip


def test_a_proxys_act_names_whom_it_was_for() -> None:
    play = Play(organisation=city.organisation(city.away(city.UNIT_CHIEF, city.PROXY)))
    play.hand_in(city.imagine())
    play.decide(by=city.PROXY)
    act = next(one for one in chronicle(None, play.events).acts if one.kind == "approve")
    assert (act.person, act.on_behalf_of, act.why) == (city.PROXY, city.UNIT_CHIEF, "proxy")


def test_facts_of_a_deliverable_appear_when_its_step_is_passed_and_not_before() -> None:
    play = Play()
    play.hand_in(city.imagine())
    before = chronicle(None, play.events).moments[-1]
    assert (before.baseline_measured, before.offline_route, before.left_behind) == (None, None, None)
    play.decide()
    after = chronicle(None, play.events).moments[-1]
    assert (after.baseline_measured, after.offline_route, after.left_behind) == (True, True, "高齢者")


def test_a_draft_a_comment_and_a_reminder_make_no_moment() -> None:
    play = Play()
    play.draft(city.imagine())
    play.give(city.OWNER, c.Comment(text="どうぞ"))
    assert len(chronicle(None, play.events).moments) == 1


def test_a_condition_is_there_from_its_approval_until_it_is_closed() -> None:
    (bond,) = bonds_of(eventful().state)
    assert bond.closed_at is not None
    assert bond.set_at < bond.closed_at


@given(st.lists(st.integers(min_value=1, max_value=40), max_size=6))
def test_written_in_pieces_it_is_the_same_as_written_at_once(cuts: list[int]) -> None:
    events = EVENTFUL
    whole, state, moments, acts = chronicle(None, events), None, list[Moment](), []
    edges = [0, *sorted({cut for cut in cuts if cut < len(events)}), len(events)]
    for first, last in itertools.pairwise(edges):
        piece = chronicle(state, events[first:last])
        if piece.moments:
            moments = [one for one in moments if one.since < piece.moments[0].since]
        moments += piece.moments
        acts += piece.acts
        state = piece.state
    assert (tuple(moments), tuple(acts), state) == (whole.moments, whole.acts, whole.state)


EVENTFUL = eventful().events
