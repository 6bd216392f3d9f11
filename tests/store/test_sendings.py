from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine

from engine.contracts.cycle import AppendAsk
from engine.contracts.documents import ORGANISATION
from engine.domain.access.reading import EVERYTHING
from engine.domain.cycle import commands as c
from engine.domain.notices.preferences import Bundle, Channel, Digest, Preferences
from engine.domain.notices.recipients import Notice, NoticeFacts, NoticeKind
from engine.domain.review.review import Action
from engine.store.database import writing
from engine.store.directory.directory import Directory
from engine.store.notice_rows import notice_row
from engine.store.outbox import Outbox
from engine.store.outgoing.condition_reminders import Conditions, tell_conditions
from engine.store.outgoing.messages import GAP, LOST, TOO_OLD, Sendings
from engine.store.record.journal import Journal
from tests.domain.plays import MORNING, Play
from tests.support import city

MAIL = ("mail",)


class Post:
    """A store with a clock that moves only when told."""

    def __init__(self, database: Engine) -> None:
        self.at = MORNING
        self.database = database
        self.directory = Directory(database, lambda: self.at)
        self.directory.import_document(ORGANISATION, "test", city.organisation(), by="test")
        self.journal = Journal(database)
        self.outbox = Outbox(database)
        self.sendings = Sendings(database, self.directory, MAIL)
        self.play = Play()
        self.written = 0
        self.keep()

    def keep(self) -> None:
        new = self.play.events[self.written :]
        self.journal.append(AppendAsk(cycle_id="i1-1", after=self.written, events=new))
        self.written = len(self.play.events)

    def say(self, *words: str) -> None:
        """Comments by somebody else, each of which is told to the owner."""
        self.play.at = self.at
        for one in words:
            self.play.give(city.OTHER, c.Comment(text=one))
        self.keep()

    def claim(self) -> Bundle | None:
        self.sendings.sort_out()
        return self.sendings.claim()

    def send(self, error: str | None = None) -> Bundle:
        bundle = self.claim()
        assert bundle is not None
        self.sendings.record(bundle, error)
        return bundle

    def statuses(self) -> list[str]:
        numbers = [row.number or 0 for row in self.outbox.notices(None, 100, EVERYTHING)]
        return [row.status for row in self.sendings.of(numbers)]


@pytest.fixture
def post(database: Engine) -> Post:
    return Post(database)


def test_what_is_told_is_sent_once_and_then_no_more(post: Post) -> None:
    post.say("一")
    bundle = post.send()
    assert (bundle.person_id, bundle.mailboxes, bundle.channel) == (city.OWNER, ("owner@example.jp",), Channel.MAIL)
    assert post.claim() is None
    assert post.statuses() == ["sent"]


def test_what_comes_at_once_goes_together_and_the_next_message_waits_a_minute(post: Post) -> None:
    post.say("一", "二", "三")
    assert len(post.send().told) == 3
    post.say("四", "五")
    assert post.claim() is None
    assert post.sendings.next_at() == post.at + GAP
    post.at += GAP
    assert len(post.send().told) == 2


def test_what_goes_to_an_address_of_before_as_well_goes_alone(post: Post) -> None:
    post.say("一")
    told = Notice(
        person=city.OWNER, kind=NoticeKind.CHANGE_IN_EMERGENCY, facts=NoticeFacts(mailbox="before@example.jp")
    )
    with writing(post.database) as session:
        session.add(notice_row(told, "emergency", post.at))
    post.say("二")
    first = post.send()
    assert first.mailboxes == ("owner@example.jp",)
    assert {one.kind for one in first.told} == {NoticeKind.COMMENTED}
    assert len(first.told) == 2
    post.at += GAP
    second = post.send()
    assert second.mailboxes == ("owner@example.jp", "before@example.jp")
    assert [one.kind for one in second.told] == [NoticeKind.CHANGE_IN_EMERGENCY]
    assert set(post.statuses()) == {"sent"}


def test_a_failure_keeps_its_reason_and_is_tried_again_until_it_is_given_up(post: Post) -> None:
    post.say("一")
    post.send("connection refused")
    (row,) = post.sendings.of([1])
    assert (row.status, row.error, row.next_try_at) == (
        "waiting",
        "connection refused",
        post.at + timedelta(seconds=5),
    )
    post.at += timedelta(days=3)
    post.send("connection refused")
    assert post.statuses() == ["given_up"]


def test_a_worker_that_dies_while_sending_sends_nothing_twice(post: Post) -> None:
    post.say("一")
    assert post.claim() is not None
    post.at += LOST + timedelta(seconds=1)
    assert post.claim() is None
    assert post.statuses() == ["unsure"]


def test_who_chose_a_digest_gets_one_message_at_half_past_eight(post: Post) -> None:
    post.outbox.choose(city.OWNER, Preferences(digest=Digest.DAILY), post.at)
    for minute in range(3):
        post.at = MORNING + timedelta(minutes=minute)
        post.say(f"その{minute}")
        assert post.claim() is None
    assert post.sendings.next_at() == datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
    post.at = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
    assert len(post.send().told) == 3


def test_who_chose_no_channel_finds_it_in_the_outbox_only(post: Post) -> None:
    post.outbox.choose(city.OWNER, Preferences(channels=()), post.at)
    post.say("一")
    assert post.claim() is None
    assert len(post.outbox.notices(city.OWNER, 10, EVERYTHING)) == 1


def test_language_is_the_persons_choice_or_the_organisations_record(post: Post) -> None:
    post.say("一")
    assert post.send().language == "ja"
    post.outbox.choose(city.OWNER, Preferences(language="en"), post.at)
    post.at += GAP
    post.say("二")
    assert post.send().language == "en"


def test_nobody_is_asked_to_decide_what_has_been_decided_meanwhile(post: Post) -> None:
    post.play.hand_in(city.imagine())
    post.keep()
    post.sendings.sort_out()
    post.play.give(city.OWNER, c.PullBack())
    post.keep()
    assert {said.kind.value for said in post.send().told} == {"pulled_back"}
    assert sorted(post.statuses()) == ["dropped", "sent"]


def test_what_has_been_read_already_is_not_sent(post: Post) -> None:
    post.say("一")
    post.sendings.sort_out()
    post.outbox.mark_read(1, city.OWNER, post.at)
    assert post.claim() is None
    assert post.statuses() == ["dropped"]


def test_setting_up_a_channel_later_does_not_pour_out_old_notices(post: Post) -> None:
    post.say("一")
    assert not Sendings(post.database, post.directory, ()).unsorted()
    post.at += TOO_OLD + timedelta(seconds=1)
    assert post.sendings.unsorted()
    assert post.claim() is None
    assert not post.sendings.unsorted()


def test_conditions_are_told_once_before_they_are_due_and_once_a_week_after(post: Post) -> None:
    due = date(2026, 12, 10)
    post.play.hand_in(city.imagine())
    asked = c.ConditionAsked(text="掲示する", owner=city.OTHER, due=due)
    post.play.decide(Action.APPROVE_WITH_CONDITIONS, conditions=(asked,))
    post.keep()
    told = [
        tell_conditions(post.database, post.directory, datetime(2026, 12, day, tzinfo=UTC)) for day in range(8, 25)
    ]
    kinds = [row.kind for row in post.outbox.notices(city.OTHER, 10, EVERYTHING)]
    assert kinds == ["condition_overdue"] * 3 + ["condition_due", "condition_set"]
    assert sum(told) == 4
    post.play.give(city.OTHER, c.CloseCondition(n=1, evidence="掲示した"))
    post.keep()
    assert tell_conditions(post.database, post.directory, datetime(2027, 1, 12, 0, 0, tzinfo=UTC)) == 0


def test_conditions_are_looked_at_once_a_business_day_after_half_past_eight(post: Post) -> None:
    conditions, noon = Conditions(post.database, post.directory), datetime(2026, 11, 27, 3, 0, tzinfo=UTC)
    post.at = noon
    assert conditions.look() == datetime(2026, 11, 29, 23, 30, tzinfo=UTC)
    post.at = datetime(2026, 11, 29, 23, 0, tzinfo=UTC)
    assert conditions.look() == datetime(2026, 11, 29, 23, 30, tzinfo=UTC)
