"""Whom each event concerns, and when they hear of it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from engine.domain.cycle import commands as c
from engine.domain.cycle.evolve import evolve
from engine.domain.deliverables import Imagine
from engine.domain.notices.preferences import GIVE_UP, next_digest, retry_at
from engine.domain.notices.recipients import NoticeKind, Said, notices_of
from engine.domain.organisation.organisation import Organisation, Post, PostRole
from engine.domain.review.review import Action
from engine.domain.scope import OrgScope, WorkScope
from engine.domain.steps import Step
from engine.language.notices import LINES, line, message
from tests.domain.plays import MORNING, Play
from tests.domain.test_concurrence_and_returns import with_duties
from tests.support import city
from tests.support.office import expand

Told = set[tuple[str, str]]
CLOSED = (date(2026, 12, 29), date(2026, 12, 30), date(2026, 12, 31), date(2027, 1, 1))


def told(play: Play, organisation: Organisation | None = None, on: date | None = None) -> Told:
    """Whom the events since the last command concern."""
    state, found = None, set[tuple[str, str]]()
    last = play.events[-1].command_id
    for event in play.events:
        after = evolve(state, event)
        if event.command_id == last and event.at == play.at:
            notices = notices_of(event, state, after, organisation or play.organisation, on or play.facts.today)
            found |= {(notice.person, notice.kind.value) for notice in notices}
        state = after
    return found


def test_who_may_decide_is_told_when_something_is_handed_in() -> None:
    play = Play()
    play.hand_in(city.imagine())
    assert told(play) == {(city.UNIT_CHIEF, "decision_waits")}


def test_an_absent_decider_and_their_proxy_are_both_told_and_the_absent_one_reviews_afterwards() -> None:
    play = Play(organisation=city.organisation(city.away(city.UNIT_CHIEF, city.PROXY)))
    play.hand_in(city.imagine())
    assert told(play) == {(city.UNIT_CHIEF, "decision_waits"), (city.PROXY, "decision_waits")}
    play.decide(by=city.PROXY)
    assert told(play) == {(city.OWNER, "approved"), (city.UNIT_CHIEF, "post_review")}


def test_reminders_go_to_whoever_holds_the_post_on_that_day() -> None:
    play = Play()
    play.hand_in(city.imagine())
    play.pass_by(timedelta(days=7))
    assert told(play) == {(city.UNIT_CHIEF, "reminder")}
    base = city.organisation()
    posts = tuple(post for post in base.posts if post.person_id != city.UNIT_CHIEF)
    successor = Post(person_id=city.OTHER, unit_code="U", title="係長", role=PostRole.HEAD)
    moved = base.model_copy(update={"posts": (*posts, successor)})
    assert told(play, Organisation(**dict(moved))) == {(city.OTHER, "reminder")}


def test_what_stays_overdue_is_told_to_the_superior() -> None:
    play = Play()
    play.hand_in(city.imagine())
    play.pass_by(timedelta(days=30))
    assert (city.SECTION_HEAD, "escalated") in told(play)


@pytest.mark.parametrize(
    ("action", "kind"), [(Action.RETURN, "returned"), (Action.REJECT, "rejected"), (Action.HOLD, "held")]
)
def test_the_owner_is_told_what_became_of_it_with_the_reason(action: Action, kind: str) -> None:
    play = Play()
    play.hand_in(city.imagine())
    more = {"hold_until": date(2027, 1, 12)} if action is Action.HOLD else {}
    (event,) = play.decide(action, reason="測り直す", **more)
    assert told(play) == {(city.OWNER, kind)}
    (notice,) = notices_of(event, play.state, play.state, play.organisation, play.facts.today)
    assert (notice.facts.words, notice.facts.by) == ("測り直す", city.UNIT_CHIEF)


def section_with_concurrence() -> Play:
    play = Play(OrgScope.SECTION, "S", owner=city.SECTION_HEAD, organisation=with_duties())
    plain = city.imagine().model_dump(mode="json", by_alias=True, exclude_defaults=True)
    play.hand_in(Imagine.model_validate(plain | {"concurrence": ["finance"]}))
    return play


def test_a_rejection_is_told_to_the_sections_that_concurred() -> None:
    play = section_with_concurrence()
    play.decide(by="finance")
    play.decide(Action.REJECT, reason="重複")
    assert told(play) == {(city.SECTION_HEAD, "rejected"), ("finance", "rejected")}


def test_a_withdrawal_is_told_to_whoever_was_asked_to_decide_or_concur() -> None:
    play = section_with_concurrence()
    play.decide(by="finance")
    play.give(city.SECTION_HEAD, c.Withdraw(reason="統合"))
    assert told(play) == {(city.DIRECTOR, "withdrawn"), ("finance", "withdrawn")}


def test_what_is_pulled_back_no_longer_waits_and_the_decider_hears_it() -> None:
    play = Play()
    play.hand_in(city.imagine())
    play.give(city.OWNER, c.PullBack())
    assert told(play) == {(city.UNIT_CHIEF, "pulled_back")}


def test_a_condition_is_told_to_whoever_has_to_meet_it() -> None:
    play = Play()
    play.hand_in(city.imagine())
    asked = c.ConditionAsked(text="掲示する", owner=city.OTHER, due=date(2026, 12, 20))
    play.decide(Action.APPROVE_WITH_CONDITIONS, conditions=(asked,))
    assert told(play) == {(city.OTHER, "condition_set"), (city.OWNER, "approved")}


def test_the_end_is_told_once_and_the_next_cycle_to_its_owner_and_the_adviser() -> None:
    play = Play()
    play.turn(expand(OrgScope.UNIT, WorkScope.PROCESS))
    assert told(play) == {(city.OWNER, "completed")}


def test_nobody_is_told_of_their_own_doing_and_a_draft_concerns_nobody() -> None:
    play = Play()
    play.draft(city.imagine())
    assert told(play) == set()
    play.give(city.OWNER, c.Comment(text="ひとりごと"))
    assert told(play) == set()
    play.give(city.OTHER, c.Comment(text="よい案"))
    assert told(play) == {(city.OWNER, "commented")}


def test_nobody_hears_of_one_event_twice() -> None:
    play = Play(organisation=with_duties())
    play.hand_in(city.imagine())
    for event in play.events:
        notices = notices_of(event, play.state, play.state, play.organisation, play.facts.today)
        people = [notice.person for notice in notices]
        assert len(people) == len(set(people))


@pytest.mark.parametrize(
    ("at", "digest"),
    [
        (datetime(2026, 11, 24, 23, 0, tzinfo=UTC), datetime(2026, 11, 24, 23, 30, tzinfo=UTC)),
        (datetime(2026, 11, 24, 23, 30, tzinfo=UTC), datetime(2026, 11, 25, 23, 30, tzinfo=UTC)),
        (datetime(2026, 11, 27, 3, 0, tzinfo=UTC), datetime(2026, 11, 29, 23, 30, tzinfo=UTC)),
        (datetime(2026, 12, 28, 3, 0, tzinfo=UTC), datetime(2027, 1, 3, 23, 30, tzinfo=UTC)),
    ],
    ids=["before 8:30", "at 8:30", "over a weekend", "over the year's end"],
)
def test_the_digest_leaves_at_half_past_eight_on_business_days(at: datetime, digest: datetime) -> None:
    assert next_digest(at, CLOSED, 540) == digest


def test_a_failure_is_tried_again_ever_more_rarely_and_given_up_after_three_days() -> None:
    pauses = [(retry_at(attempt, MORNING, MORNING) or MORNING) - MORNING for attempt in range(1, 15)]
    assert pauses[:3] == [timedelta(seconds=5), timedelta(seconds=10), timedelta(seconds=20)]
    assert pauses == sorted(pauses)
    assert pauses[-1] == timedelta(hours=1)
    assert retry_at(80, MORNING, MORNING + GIVE_UP) is None


def said(kind: NoticeKind, title: str = "届く窓口") -> Said:
    play = Play()
    play.hand_in(city.imagine())
    state = play.state.model_copy(update={"title": title})
    (notice,) = notices_of(play.events[-1], state, state, play.organisation, play.facts.today)
    return Said(kind=kind, facts=notice.facts, cycle_id="i1-1")


def test_every_kind_of_notice_has_words_in_both_languages() -> None:
    assert set(LINES) == set(NoticeKind)
    assert line(said(NoticeKind.RETURNED), "ja") == "「届く窓口」(想像する) 差し戻されました"
    assert line(said(NoticeKind.RETURNED), "en") == '"届く窓口" (Imagine) was returned to you'


def test_many_reminders_are_one_message_with_one_paragraph() -> None:
    many = [said(NoticeKind.REMINDER) for _ in range(30)]
    written = message("係長", [*many, said(NoticeKind.RETURNED)], "ja", "http://city", 540)
    assert written.subject == "DX Spiral: お知らせ 31 件"
    assert "■ まだ決裁されていません: 30" in written.text
    assert "ほか 20 件" in written.text
    assert written.text.count("まだ決裁されていません") == 11
    assert "http://city/cycles/i1-1" in written.text
    assert "期限 2026-12-01 17:15" in written.text


def test_a_title_cannot_begin_a_header_of_its_own() -> None:
    written = message("係長", [said(NoticeKind.APPROVED, "題\r\nBcc: all@city")], "en", "http://city", 540)
    assert "\n" not in written.subject
    assert Step.IMAGINE.value in written.subject.lower()


def test_who_is_named_in_a_comment_and_who_is_asked_and_answered_are_told() -> None:
    play = Play()
    play.hand_in(city.imagine())
    play.give(city.UNIT_CHIEF, c.Ask(text="基準値はいつ測りましたか"))
    assert told(play) == {(city.OWNER, "question")}
    play.give(city.OWNER, c.AnswerQuestion(n=1, text="四月です"))
    assert told(play) == {(city.UNIT_CHIEF, "answered")}
    play.give(city.OWNER, c.Comment(text=f"@{city.OTHER} 見てください"))
    assert told(play) == {(city.OTHER, "mentioned")}
