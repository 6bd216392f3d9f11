"""What delivery, notices and milestones live through while `record` listens: real engine, store and receivers.

Each scenario gives the run to write down. Long rests are waited for on the time-skipping server.
"""

import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from pydantic import SecretStr
from sqlalchemy.exc import OperationalError
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from activities import deliveries
from engine.contracts.documents import ROADMAP
from engine.domain.cycle import commands as c
from engine.domain.cycle.visibility import Visibility
from engine.domain.ledger.facts import Grade, MilestoneReported
from engine.domain.notices.preferences import Channel, Preferences
from engine.domain.organisation.organisation import Duty
from engine.domain.roadmap import Edition, Governance, Startup, StartupMilestone
from engine.store.database import open_database
from engine.store.outbox import Outbox
from engine.store.outgoing.messages import Sendings
from engine.store.outgoing.webhook_deliveries import Deliveries
from engine.store.record.ledger import Ledger
from engine.store.registers.milestones import Milestones
from engine.store.registers.webhooks import Registration, Webhooks
from tests.support import city
from tests.support.databases import fresh_sqlite
from tests.support.office import Office, office
from tests.support.receiver import receiving
from tests.workflows.replay.keys import take_on
from workflows.upkeep.waking import wake_delivery, wake_milestones, wake_notices

SKIPPING = Path(sys.executable).parent / "temporal-test-server"
STARTUP = "CA-01"


@dataclass(frozen=True)
class Run:
    """A run of a workflow; without a run id it is the newest. `history` when its server is gone already."""

    workflow_id: str
    run_id: str | None = None
    history: str | None = None


Wake = Callable[[], Awaitable[None]]
Scenario = Callable[[Client, Path], Awaitable[Run]]


@asynccontextmanager
async def at_work(client: Client, place: Path, **settings: Any) -> AsyncIterator[Office]:
    """A town of its own for each scenario, so that no history holds what another one did."""
    given = {"secret": SecretStr("k" * 40), "webhook_allow": "127.0.0.1"} | settings
    at = office(client, take_on(open_database(fresh_sqlite(place))), **given)
    async with at.working():
        yield at


@contextmanager
def away_at_first(owner: type, name: str) -> Iterator[None]:
    """The database does not answer twice; the engine tries again by itself."""
    left, real = [2], getattr(owner, name)

    def failing(*given: Any) -> Any:
        if left[0]:
            left[0] -= 1
            raise OperationalError("SELECT", {}, OSError("the database is away"))
        return real(*given)

    with patch.object(owner, name, failing):
        yield


async def _runs(at: Office, workflow_id: str) -> tuple[str, str]:
    """The first and the newest run of a workflow, once there are two."""
    handle = at.client.get_workflow_handle(workflow_id)
    found = await handle.describe()
    return found.raw_description.workflow_execution_info.first_run_id, found.run_id or ""


async def _woken_until_continued(
    at: Office, workflow_id: str, wake: Callable[[], Awaitable[None]]
) -> tuple[str, str]:
    for _ in range(60):
        await wake()
        first, newest = await _runs(at, workflow_id)
        if first != newest:
            return first, newest
    raise RuntimeError(f"{workflow_id} did not continue as new")


_EVERYTHING = Registration(url="", description="庁内ポータル", ceiling=Visibility.RESTRICTED)


class Hook:
    """One webhook of a town, and somebody who has something to say."""

    def __init__(self, at: Office, url: str) -> None:
        self.at, self.name = at, "w1"
        self.webhooks = Webhooks(at.database, at.directory, Ledger(at.database))
        self.webhooks.add(self.name, _EVERYTHING.model_copy(update={"url": url}), city.ADMIN, self.name)

    async def wake(self) -> None:
        await wake_delivery(self.at.client, self.name, self.at.names)

    async def remove(self) -> Run:
        self.webhooks.remove(self.name)
        await self.wake()
        await self.at.client.get_workflow_handle(self.at.names.delivery(self.name)).result()
        return Run(self.at.names.delivery(self.name))


async def delivery_tried_again_and_removed(client: Client, place: Path) -> Run:
    """Two answers that are no, each waited for by a timer; then woken by the next event; then the webhook goes."""
    async with at_work(client, place) as at:
        with receiving() as receiver, patch("engine.domain.notices.preferences._FIRST", timedelta(milliseconds=300)):
            receiver.answers = lambda number: 500 if number < 2 else 204
            hook = Hook(at, receiver.url)
            cycle = await at.start()
            await hook.wake()
            await at.until(lambda: len(receiver.taken) == 1)
            await at.give(cycle, city.OWNER, c.Comment(text="続き"))
            await hook.wake()
            await at.until(lambda: len(receiver.taken) == 2)
            return await hook.remove()


async def delivery_in_several_goes_with_the_database_away(client: Client, place: Path) -> Run:
    """More events than one go sends, and a database that comes back: the activity is retried by the engine."""
    async with at_work(client, place) as at:
        with receiving() as receiver, patch.object(deliveries, "AT_ONCE", 2), away_at_first(Deliveries, "next"):
            hook = Hook(at, receiver.url)
            cycle = await at.start()
            for number in range(5):
                await at.give(cycle, city.OWNER, c.Comment(text=str(number)))
            await hook.wake()
            await at.until(lambda: len(receiver.taken) == 6)
            return await hook.remove()


async def _delivery_continuing(client: Client, place: Path) -> tuple[str, str, str]:
    async with at_work(client, place) as at:
        with receiving() as receiver:
            hook = Hook(at, receiver.url)
            await at.start()
            first, newest = await _woken_until_continued(at, at.names.delivery(hook.name), hook.wake)
            await hook.remove()
            return at.names.delivery(hook.name), first, newest


async def delivery_continued(client: Client, place: Path) -> Run:
    """The run that ends with continue-as-new."""
    name, first, _ = await _delivery_continuing(client, place)
    return Run(name, first)


async def delivery_went_on(client: Client, place: Path) -> Run:
    """The run after it."""
    name, _, newest = await _delivery_continuing(client, place)
    return Run(name, newest)


async def notices_sent_and_tried_again(client: Client, place: Path) -> Run:
    """A chat that says no at first: a timer, a second try, and a rest that ends with a wake-up for nothing."""
    with receiving() as chat, patch("engine.domain.notices.preferences._FIRST", timedelta(milliseconds=300)):
        chat.answers = lambda number: 500 if number < 1 else 204
        async with at_work(client, place, chat_url=f"json://127.0.0.1:{chat.port}/") as at:
            Outbox(at.database).choose(city.OWNER, Preferences(channels=(Channel.CHAT,)), at.directory.now())
            cycle = await at.start()
            await at.give(cycle, city.OTHER, c.Comment(text="よい案です"))
            await wake_notices(at.client, at.names)
            await at.until(lambda: [one.status for one in chat.got] == [500, 204])
            await _looks(at)
            return Run(at.names.notices)


async def notices_with_the_database_away(client: Client, place: Path) -> Run:
    """The activity fails twice and is retried; then it rests."""
    async with at_work(client, place) as at:
        with away_at_first(Sendings, "sort_out"):
            await _looks(at)
        return Run(at.names.notices)


async def _looks(at: Office) -> None:
    """Wakes the notices and waits until they have looked."""
    looked: list[None] = []
    real = Sendings.next_at

    def counted(self: Sendings) -> datetime | None:
        looked.append(None)
        return real(self)

    with patch.object(Sendings, "next_at", counted):
        await wake_notices(at.client, at.names)
        await at.until(lambda: bool(looked))


async def notices_continued(client: Client, place: Path) -> Run:
    """The run that ends with continue-as-new, after many wake-ups for nothing."""
    async with at_work(client, place) as at:
        name = at.names.notices
        first, _ = await _woken_until_continued(at, name, lambda: wake_notices(at.client, at.names))
        return Run(name, first)


def _follow(at: Office, days: int) -> Milestones:
    """A startup with one milestone in so many days, and somebody in the DX team."""
    due = at.directory.facts().today + timedelta(days=days)
    goal = StartupMilestone(code="M1", name="サンプル 棚卸し", due=due)
    startup = Startup(code=STARTUP, governance=Governance.CROSS_AGENCY, milestones=(goal,))
    at.directory.import_document(ROADMAP, "one", Edition(id="one", startups=(startup,)), "test")
    here = city.organisation()
    member = here.posts[-1].model_copy(update={"person_id": city.OTHER, "duties": (Duty.DX_TEAM,)})
    at.import_(here.model_copy(update={"posts": (*here.posts, member)}))
    return Milestones(at.database, at.directory)


async def _end(at: Office) -> Run:
    """The roadmap drops the startup, and the run ends."""
    at.directory.import_document(ROADMAP, "two", Edition(id="two"), "test")
    await wake_milestones(at.client, [STARTUP], at.names)
    await at.client.get_workflow_handle(at.names.milestones(STARTUP)).result()
    return Run(at.names.milestones(STARTUP))


async def milestones_reminded_late_done_and_dropped(client: Client, place: Path) -> Run:
    """Timers through months: reminders, late, a report of done that wakes it, the edition that drops the startup."""
    environment = await WorkflowEnvironment.start_time_skipping(test_server_existing_path=str(SKIPPING))
    async with environment, at_work(environment.client, place) as at:
        milestones = _follow(at, 40)
        await wake_milestones(at.client, [STARTUP], at.names)
        await environment.sleep(timedelta(days=60))
        done = MilestoneReported(milestone="M1", grade=Grade.C, done_on=datetime.now(UTC).date())
        milestones.report(STARTUP, done, city.OTHER, "k")
        await wake_milestones(at.client, [STARTUP], at.names)
        await environment.sleep(timedelta(days=40))
        run = await _end(at)
        recorded = await environment.client.get_workflow_handle(run.workflow_id).fetch_history()
        return replace(run, history=recorded.to_json())


async def milestones_with_the_database_away(client: Client, place: Path) -> Run:
    """The look fails twice and is retried; then the edition drops the startup."""
    async with at_work(client, place) as at:
        _follow(at, 40)
        with away_at_first(Milestones, "look"):
            await wake_milestones(at.client, [STARTUP], at.names)
            return await _end(at)


async def milestones_continued(client: Client, place: Path) -> Run:
    """The run that ends with continue-as-new."""
    async with at_work(client, place) as at:
        _follow(at, 40)
        name = at.names.milestones(STARTUP)
        first, _ = await _woken_until_continued(at, name, lambda: wake_milestones(at.client, [STARTUP], at.names))
        await _end(at)
        return Run(name, first)


SCENARIOS: tuple[Scenario, ...] = (
    delivery_tried_again_and_removed, delivery_in_several_goes_with_the_database_away, delivery_continued,
    delivery_went_on, notices_sent_and_tried_again, notices_with_the_database_away, notices_continued,
    milestones_reminded_late_done_and_dropped, milestones_with_the_database_away, milestones_continued,
)  # fmt: skip
