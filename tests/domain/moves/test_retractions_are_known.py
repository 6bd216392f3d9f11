"""Versions, the past, notices and the event log know of a decision that was taken back."""

from datetime import date, timedelta

from engine.domain.analytics.history import chronicle
from engine.domain.analytics.timeline import stretches
from engine.domain.cycle import commands as c
from engine.domain.cycle.evolve import fold
from engine.domain.cycle.versions import Outcome, versions
from engine.domain.notices.recipients import notices_of
from engine.domain.review.policy import StageRule
from engine.domain.review.review import Action, StageKind
from engine.exchange.eventlog.eventlog import action_of
from tests.domain.moves.test_retract import CHIEF, HEAD, one_stage, retract
from tests.domain.offices import LONG, reviewed, rule
from tests.domain.plays import Play
from tests.support import city


def test_the_versions_the_past_and_the_time_line_know_of_it() -> None:
    play = one_stage()
    play.decide(Action.RETURN, by=CHIEF, reason="数字")
    assert versions(play.events)[-1].outcome is Outcome.RETURNED
    play.at += timedelta(days=1)
    retract(play, CHIEF)
    assert versions(play.events)[-1].outcome is Outcome.IN_REVIEW
    acts = [(one.kind, one.retracted_at) for one in chronicle(None, play.events).acts]
    assert acts == [("submit", None), ("return", play.at), ("retract", None)]
    assert stretches(chronicle(None, play.events).moments, play.at + timedelta(days=1))[-1].who == "approver"
    assert action_of(play.events[-1].data) == "retract"
    play.decide(by=CHIEF)
    assert versions(play.events)[-1].outcome is Outcome.APPROVED
    passed = [one for one in chronicle(None, play.events).acts if one.kind == "pass"]
    assert [one.first for one in passed] == [True]  # the return that was taken back does not count


def test_acts_written_in_turns_are_those_told_at_once() -> None:
    play = one_stage()
    play.decide(by=CHIEF)
    cut = len(play.events)
    play.at += timedelta(hours=1)
    retract(play, CHIEF)
    before = fold(play.events[:cut])
    later = chronicle(before, play.events[cut:])
    assert [(one.first, one.at) for one in later.retracted] == [(before.undo[-1].seq, play.at)]
    earlier = [one for one in chronicle(None, play.events[:cut]).acts if later.retracted[0].takes(one)]
    assert {one.kind for one in earlier} == {"approve", "pass"}


def _told(play: Play) -> set[tuple[str, str]]:
    before = fold(play.events[:-1])
    found = notices_of(play.events[-1], before, play.state, play.organisation, play.facts.today)
    return {(one.person, one.kind.value) for one in found}


def test_whoever_was_told_of_the_decision_is_told_that_it_was_taken_back() -> None:
    asked = (c.ConditionAsked(text="説明会", due=date(2026, 12, 1), owner=city.OTHER),)
    play = one_stage()
    play.decide(Action.APPROVE_WITH_CONDITIONS, by=CHIEF, conditions=asked)
    retract(play, CHIEF)
    assert _told(play) == {(city.OWNER, "retracted"), (city.OTHER, "retracted")}
    long = reviewed(LONG)
    long.decide(by=CHIEF)
    retract(long, CHIEF)
    assert _told(long) == {(city.OWNER, "retracted"), (HEAD, "retracted")}


def test_sections_that_concurred_hear_that_a_rejection_was_taken_back() -> None:
    play = reviewed(rule(StageRule(kind=StageKind.CONCURRENCE, posts=("duty@finance",)), StageRule()))
    play.decide(by="finance")
    play.decide(Action.REJECT, by=CHIEF, reason="重複")
    retract(play, CHIEF)
    assert ("finance", "retracted") in _told(play)
