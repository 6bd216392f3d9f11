"""An event that a receiver refuses never holds up a webhook for good."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine
from temporalio.client import Client

from engine.domain.cycle.visibility import Visibility
from engine.domain.errors import DomainError
from engine.store.record import verify as check
from engine.store.record.ledger import Ledger
from engine.store.registers.stepping_over import SkipAsked
from engine.store.registers.webhooks import Registration
from tests.support import city
from tests.support.receiver import receiving
from tests.workflows.test_delivery import Town, numbers

SKIP = SkipAsked(by=city.ADMIN, reason="受け手が直せない", command_id="k1")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.domain.notices.preferences._FIRST", timedelta(milliseconds=50))


def was_refused(town: Town, name: str) -> bool:
    return any(one.attempts > 1 for one in town.webhooks.deliveries(name, 1))


@pytest.mark.usefixtures("quick")
async def test_a_refused_event_is_stepped_over_once_on_record_and_those_behind_it_arrive(
    temporal: Client, database: Engine
) -> None:
    async with Town.of(temporal, database).open() as town:
        with receiving() as receiver:
            name = town.register(receiver.url)
            cycle = await town.at.start()
            refused = f"{cycle}/2"
            receiver.refuses = lambda event: event["id"] == refused
            await town.at.until(lambda: receiver.taken == numbers(cycle, 1))
            await town.say(cycle, "一", "二", "三")
            await town.at.until(lambda: was_refused(town, name))
            line = town.webhooks.deliveries(name, 1)[0]
            assert (line.event_id, line.status) == (refused, "waiting")
            for _ in range(2):
                skipped = town.webhooks.skip(name, line.number or 0, SKIP)
                assert skipped is not None
                assert (skipped.status, skipped.skipped_by, skipped.skipped_because) == (
                    "skipped", city.ADMIN, "受け手が直せない",
                )  # fmt: skip
            await town.wake(name)
            await town.at.until(lambda: receiver.taken[-2:] == numbers(cycle, 3, 4))
            made, fact = Ledger(database).entries(f"webhook/{name}")
            assert made.data.type == "webhook_set"
            assert (fact.actor, fact.data.type, fact.data.event_id) == (  # type: ignore[union-attr]
                city.ADMIN, "webhook_event_skipped", refused,
            )  # fmt: skip
            with pytest.raises(DomainError, match="delivery_not_waiting"):
                town.webhooks.skip(name, line.number or 0, SKIP._replace(command_id="k2"))
            assert town.webhooks.skip(name, 999_999, SKIP) is None
            assert town.webhooks.skip("w-other", line.number or 0, SKIP) is None
            check.rebuild(database)
            assert check.verify(database).faults == ()


@pytest.mark.usefixtures("quick")
async def test_what_is_not_wanted_any_more_is_let_go_also_while_it_waits(temporal: Client, database: Engine) -> None:
    async with Town.of(temporal, database).open() as town:
        with receiving() as receiver:
            receiver.refuses = lambda event: event["type"].endswith("commented")
            name = town.register(receiver.url)
            cycle = await town.at.start()
            await town.say(cycle, "一")
            await town.at.until(lambda: was_refused(town, name))
            await town.at.hand_in(cycle, city.imagine())
            chosen = Registration(
                url=receiver.url, events=("cycle_opened", "step_submitted"), ceiling=Visibility.RESTRICTED
            )
            town.webhooks.edit(name, chosen, city.ADMIN)
            await town.wake(name)
            await town.at.until(lambda: f"{cycle}/3" in receiver.taken)
            gone = next(one for one in town.webhooks.deliveries(name, 9) if one.event_id == f"{cycle}/2")
            assert (gone.status, gone.skipped_by) == ("skipped", city.ADMIN)
            _, fact, changed = Ledger(database).entries(f"webhook/{name}")
            assert changed.data.type == "webhook_set"
            assert fact.data.unwanted  # type: ignore[union-attr]
            assert check.verify(database).faults == ()


@pytest.mark.usefixtures("quick")
async def test_another_address_is_tried_at_once_with_the_event_that_waits(temporal: Client, sqlite: Engine) -> None:
    async with Town.of(temporal, sqlite).open() as town:
        with receiving() as broken, receiving() as receiver:
            broken.answers = lambda _: 500
            name = town.register(broken.url)
            cycle = await town.at.start()
            await town.at.until(lambda: was_refused(town, name))
            town.webhooks.edit(name, Registration(url=receiver.url, ceiling=Visibility.RESTRICTED), city.ADMIN)
            await town.wake(name)
            await town.at.until(lambda: receiver.taken == numbers(cycle, 1))
            assert [one.data.type for one in Ledger(sqlite).entries(f"webhook/{name}")] == ["webhook_set"] * 2
