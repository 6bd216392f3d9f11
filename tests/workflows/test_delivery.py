"""Webhooks on a real engine against a real receiver: each event once per id, in order, whatever it does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from uuid import uuid4

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine
from temporalio.client import Client

from activities import posting
from engine.domain.access.reading import EVERYTHING
from engine.domain.cycle import commands as c
from engine.domain.cycle.visibility import SetVisibility, Visibility
from engine.domain.ledger.facts import WebhookEventSkipped
from engine.domain.notices.webhooks import DeliveryKind
from engine.runtime.signing import webhook_secret
from engine.store.outbox import Outbox
from engine.store.record import verify as check
from engine.store.record.ledger import Ledger
from engine.store.registers.webhooks import Registration, Webhooks
from engine.store.tables_outgoing import WebhookRow
from tests.support import city
from tests.support.office import Office, office
from tests.support.receiver import Receiver, receiving
from workflows.upkeep.census import running_cycles
from workflows.upkeep.waking import wake_delivery
from workflows.worker import deliver

KEY = "k" * 40


class Town:
    """An office whose worker follows the journal, and one webhook."""

    def __init__(self, at: Office) -> None:
        self.at = at
        self.webhooks = Webhooks(at.database, at.directory, Ledger(at.database))

    @classmethod
    def of(cls, temporal: Client, database: Engine, allow: str = "127.0.0.1") -> "Town":
        return cls(office(temporal, database, secret=SecretStr(KEY), webhook_allow=allow))

    def register(self, url: str, *events: str) -> str:
        name = f"w{uuid4().hex[:8]}"
        self.webhooks.add(
            name,
            Registration(url=url, events=events, description="庁内ポータル", ceiling=Visibility.RESTRICTED),
            city.ADMIN,
            name,
        )
        return name

    def row(self, name: str) -> WebhookRow:
        found = self.webhooks.get(name)
        assert found is not None
        return found

    async def say(self, cycle: str, *words: str) -> None:
        for one in words:
            await self.at.give(cycle, city.OWNER, c.Comment(text=one))

    async def wake(self, name: str) -> None:
        await wake_delivery(self.at.client, name, self.at.names)

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Town"]:
        async with self.at.working():
            following = asyncio.create_task(
                deliver(self.at.client, self.at.names, self.at.database, self.at.settings)
            )
            try:
                yield self
            finally:
                following.cancel()
                with suppress(asyncio.CancelledError):
                    await following


def numbers(cycle: str, *seqs: int) -> list[str]:
    return [f"{cycle}/{seq}" for seq in seqs]


async def test_events_arrive_in_order_signed_and_as_cloud_events(temporal: Client, database: Engine) -> None:
    async with Town.of(temporal, database).open() as town:
        with receiving() as receiver:
            name = town.register(receiver.url)
            cycle = await town.at.start()
            await town.say(cycle, "一", "二", "三")
            await town.at.until(lambda: len(receiver.got) == 4)
            assert receiver.taken == numbers(cycle, 1, 2, 3, 4)
            secret = webhook_secret(KEY, name, 1)
            assert all(one.is_signed_with(secret) for one in receiver.got)
            assert not receiver.got[0].is_signed_with(webhook_secret(KEY, name, 2))
            last = receiver.got[-1]
            assert last.headers["content-type"] == "application/cloudevents+json"
            event = last.event
            assert (event["specversion"], event["id"], event["subject"]) == ("1.0", f"{cycle}/4", cycle)
            assert event["type"] == "jp.dxspiral.cycle.commented"
            assert event["data"]["data"]["text"] == "三"
            assert town.at.journal.events(cycle)[-1].at.isoformat() == event["time"].replace("Z", "+00:00")


async def test_a_webhook_hears_nothing_of_what_is_above_its_ceiling(temporal: Client, database: Engine) -> None:
    async with Town.of(temporal, database).open() as town:
        with receiving() as receiver:
            asked = Registration(url=receiver.url, events=("commented", "step_submitted", "draft_saved"))
            town.webhooks.add("w0", asked, city.ADMIN, "w0")
            hidden, open_ = await town.at.start(), await town.at.start()
            await town.say(hidden, "下書きのうち")
            await town.at.given(hidden, city.OWNER, SetVisibility(level=Visibility.CONCERNED))
            await town.at.hand_in(hidden, city.imagine())
            await town.say(hidden, "関係者に")
            await town.at.hand_in(open_, city.imagine())
            await town.at.decide(open_)
            await town.at.given(open_, city.OWNER, c.SaveDraft(deliverable=city.transform()))
            await town.say(open_, "全員に")
            await town.at.until(lambda: [one.event["data"]["type"] for one in receiver.got][-1:] == ["commented"])
            assert {one.event["subject"] for one in receiver.got} == {open_}
            written = [one.event["data"] for one in receiver.got if one.event["data"]["type"] == "draft_saved"]
            assert all("deliverable" not in one["data"] for one in written), "what is being written is nobody's yet"


async def test_what_waits_is_let_go_of_when_fewer_may_read_it(temporal: Client, sqlite: Engine) -> None:
    async with Town.of(temporal, sqlite).open() as town:
        with receiving() as receiver:
            receiver.answers = lambda _: 503
            asked = Registration(url=receiver.url, events=("commented",))
            town.webhooks.add("w0", asked, city.ADMIN, "w0")
            cycle = await town.at.start()
            await town.at.hand_in(cycle, city.imagine())
            await town.say(cycle, "ひみつ")
            await town.at.until(lambda: any(one.attempts for one in town.webhooks.deliveries("w0", 5)))
            await town.at.given(cycle, city.OWNER, SetVisibility(level=Visibility.RESTRICTED))
            receiver.answers = lambda _: 204
            town.webhooks.enable("w0", city.ADMIN)
            await town.wake("w0")
            await town.at.until(lambda: [one.status for one in town.webhooks.deliveries("w0", 5)] == ["skipped"])
            assert town.webhooks.deliveries("w0", 5)[0].error == "fewer may read the cycle now"
            facts = [one.data for one in Ledger(sqlite).entries("webhook/w0")]
            assert [(one.event_type, one.reason) for one in facts if isinstance(one, WebhookEventSkipped)] == [
                ("commented", "fewer may read the cycle now")
            ]
            assert check.verify(sqlite).faults == ()


async def test_a_webhook_gets_only_the_events_it_chose(temporal: Client, sqlite: Engine) -> None:
    async with Town.of(temporal, sqlite).open() as town:
        with receiving() as receiver:
            name = town.register(receiver.url, "step_submitted")
            cycle = await town.at.start()
            await town.at.hand_in(cycle, city.imagine())
            await town.say(cycle, "一")
            await town.at.until(lambda: town.row(name).position == 4)
            assert receiver.taken == numbers(cycle, 2)


@pytest.mark.slow
async def test_a_receiver_that_fails_redirects_and_breaks_off_gets_every_event_once_per_id_in_order(
    temporal: Client, sqlite: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.domain.notices.preferences._FIRST", timedelta(milliseconds=20))
    monkeypatch.setattr(posting, "TIME_OUT", 2.0)
    wrong = [500, 302, -3, 429, 404]
    async with Town.of(temporal, sqlite).open() as town:
        elsewhere = Receiver()
        with receiving(elsewhere), receiving() as receiver:
            receiver.headers = {"location": elsewhere.url}
            receiver.body = b"x" * 100_000
            receiver.answers = lambda number: wrong[number] if number < len(wrong) else 200
            name = town.register(receiver.url)
            cycle = await town.at.start()
            await town.say(cycle, "一", "二")
            await town.at.until(lambda: len(receiver.taken) == 3)
            assert receiver.taken == numbers(cycle, 1, 2, 3)
            assert [one.id for one in receiver.got] == numbers(cycle, 1, 1, 1, 1, 1, 1, 2, 3)
            await town.at.until(lambda: town.row(name).position == 3)
        assert elsewhere.got == []
        first = town.webhooks.deliveries(name, 10)[-1]
        assert (first.attempts, first.http_status, first.status) == (6, 200, "delivered")
        assert len(first.answer or "") == posting.MOST_KEPT


async def test_a_receiver_that_comes_back_later_gets_what_it_missed(
    temporal: Client, sqlite: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.domain.notices.preferences._FIRST", timedelta(milliseconds=100))
    async with Town.of(temporal, sqlite).open() as town:
        with receiving() as before:
            name = town.register(before.url)
        cycle = await town.at.start()
        await town.say(cycle, "一")
        await town.at.until(lambda: any(one.attempts for one in town.webhooks.deliveries(name, 10)))
        waiting = town.webhooks.deliveries(name, 10)[-1]
        assert waiting.error is not None
        assert "ConnectError" in waiting.error
        with receiving(port=before.port) as receiver:
            await town.at.until(lambda: len(receiver.got) == 2)
            assert receiver.taken == numbers(cycle, 1, 2)


async def test_what_happens_while_it_is_paused_is_delivered_when_it_is_enabled_and_a_test_goes_through(
    temporal: Client, sqlite: Engine
) -> None:
    async with Town.of(temporal, sqlite).open() as town:
        with receiving() as receiver:
            name = town.register(receiver.url)
            cycle = await town.at.start()
            await town.at.until(lambda: len(receiver.got) == 1)
            town.webhooks.pause(name, "移行")
            await town.say(cycle, "一", "二")
            town.webhooks.ask(name, DeliveryKind.TEST, "t1")
            await town.wake(name)
            await town.at.until(lambda: len(receiver.got) == 2)
            assert receiver.got[-1].event["type"] == "jp.dxspiral.webhook.test"
            town.webhooks.enable(name)
            await town.wake(name)
            await town.at.until(lambda: len(receiver.got) == 4)
            assert receiver.taken[2:] == numbers(cycle, 2, 3)
            again = town.webhooks.deliveries(name, 1)[0]
            town.webhooks.ask(name, DeliveryKind.REDELIVERY, "r1", again)
            await town.wake(name)
            await town.at.until(lambda: len(receiver.got) == 5)
            assert receiver.got[-1].body == receiver.got[-2].body


async def test_three_days_of_failing_pause_it_and_tell_the_administrators(
    temporal: Client, sqlite: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.domain.notices.preferences.GIVE_UP", timedelta(0))
    async with Town.of(temporal, sqlite).open() as town:
        with receiving() as receiver:
            receiver.answers = lambda _: 500
            name = town.register(receiver.url)
            cycle = await town.at.start()
            await town.at.until(lambda: town.row(name).status == "paused")
            assert town.row(name).reason == "HTTP 500 (1)"
            (notice,) = Outbox(sqlite).notices(city.ADMIN, 10, EVERYTHING)
            assert notice.kind == "webhook_paused"
            assert "庁内ポータル" in notice.content
            receiver.answers = lambda _: 200
            town.webhooks.enable(name)
            await town.wake(name)
            await town.at.until(lambda: receiver.taken == numbers(cycle, 1))


async def test_gone_disables_it_at_once(temporal: Client, sqlite: Engine) -> None:
    async with Town.of(temporal, sqlite).open() as town:
        with receiving() as receiver:
            receiver.answers = lambda _: 410
            name = town.register(receiver.url)
            await town.at.start()
            await town.at.until(lambda: town.row(name).status == "disabled")
            assert len(receiver.got) == 1


async def test_after_a_rotation_both_secrets_sign_for_a_day(temporal: Client, sqlite: Engine) -> None:
    async with Town.of(temporal, sqlite).open() as town:
        with receiving() as receiver:
            name = town.register(receiver.url)
            town.webhooks.rotate(name, "again")
            await town.at.start()
            await town.at.until(lambda: len(receiver.got) == 1)
            assert [receiver.got[0].is_signed_with(webhook_secret(KEY, name, one)) for one in (1, 2)] == [True, True]
            assert len(receiver.got[0].headers["webhook-signature"].split(" ")) == 2


async def test_an_inner_address_that_is_not_allowed_is_never_reached(temporal: Client, sqlite: Engine) -> None:
    async with Town.of(temporal, sqlite, allow="").open() as town:
        with receiving() as receiver:
            name = town.register(receiver.url)
            await town.at.start()
            await town.at.until(lambda: any(one.attempts for one in town.webhooks.deliveries(name, 1)))
            (line,) = town.webhooks.deliveries(name, 1)
            assert line.error == "address_not_allowed: 127.0.0.1, 127.0.0.1"
            assert receiver.got == []


@pytest.mark.slow
async def test_a_webhook_that_is_removed_ends_its_run_and_others_do_not_disturb_the_census(
    temporal: Client, sqlite: Engine
) -> None:
    async with Town.of(temporal, sqlite).open() as town:
        with receiving() as receiver:
            name = town.register(receiver.url)
            cycle = await town.at.start()
            await town.at.until(lambda: len(receiver.got) == 1)
            report = check.verify(sqlite)
            assert report.faults == ()
            missing, extra = await running_cycles(temporal, report.open_cycles)
            assert missing == []
            assert not any(name in one for one in extra)
            assert report.open_cycles == (cycle,)
            town.webhooks.remove(name)
            await town.wake(name)
            await town.at.client.get_workflow_handle(town.at.names.delivery(name)).result()
            await town.say(cycle, "一")
            assert len(receiver.got) == 1
