from datetime import datetime, timedelta

from engine.domain.analytics.history import chronicle
from engine.domain.analytics.timeline import Stretch, stretches
from engine.domain.review.review import Action
from tests.domain.plays import Play
from tests.support import city

DAY = timedelta(days=1)


def lived(play: Play, now: datetime) -> tuple[Stretch, ...]:
    return stretches(chronicle(None, play.events).moments, now)


def test_owner_time_and_approver_time_stand_apart_and_add_up_to_the_clock() -> None:
    play = Play()
    play.draft(city.imagine())
    play.at += 2 * DAY
    play.hand_in(city.imagine())
    play.at += 3 * DAY
    play.decide(Action.RETURN, reason="測り直し")
    play.at += DAY
    play.hand_in(city.imagine())
    play.at += DAY
    play.decide()
    found = lived(play, play.at)
    assert [(one.who, one.seconds / 86400) for one in found] == [
        ("owner", 2), ("approver", 3), ("owner", 1), ("approver", 1),
    ]  # fmt: skip
    assert sum(one.seconds for one in found if one.who == "owner") == play.state.clock.owner_seconds
    assert sum(one.seconds for one in found if one.who == "approver") == play.state.clock.approver_seconds


def test_a_hold_is_nobodys_time() -> None:
    play = Play()
    play.hand_in(city.imagine())
    play.at += DAY
    play.decide(Action.HOLD, hold_until=(play.at + 3 * DAY).date(), reason="予算成立まで")
    play.pass_by(4 * DAY)
    play.at += DAY
    play.decide()
    assert [one.who for one in lived(play, play.at)] == [
        "approver",
        "held",
        "approver",
    ]
    held = next(one for one in lived(play, play.at) if one.who == "held")
    assert held.seconds == play.state.clock.held_seconds


def test_an_open_cycle_goes_on_until_now_and_a_closed_one_does_not() -> None:
    play = Play()
    later = play.at + 5 * DAY
    assert lived(play, later)[-1].until == later
    play.at = later
    play.turn({"kind": "close", "reason": "終わり"})
    assert lived(play, play.at + 9 * DAY)[-1].until == later


def test_an_approver_stretch_names_the_posts_that_were_waited_for() -> None:
    play = Play()
    play.hand_in(city.imagine())
    found = lived(play, play.at + DAY)
    assert found[-1].posts == tuple(str(post) for post in play.state.open_posts())
