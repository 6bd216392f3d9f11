"""Months on the time-skipping server. Commands go as signals, since awaiting an Update does not let time skip."""

import sys
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine
from sqlmodel import select
from temporalio.testing import WorkflowEnvironment

from engine.contracts.cycle import COMMAND, CycleInput, workflow_id
from engine.contracts.documents import ROADMAP
from engine.domain.calendar import CLOSING, add_business_days, closings_between, is_business_day
from engine.domain.cycle import commands as c
from engine.domain.deliverables import Deliverable
from engine.domain.errors import DomainError
from engine.domain.ledger.facts import Grade, MilestoneReported
from engine.domain.lineage.open_cycle import InitiativeAsked, open_initiative
from engine.domain.organisation.organisation import Duty, Organisation
from engine.domain.review.review import Action
from engine.domain.roadmap import Edition, Governance, Startup, StartupMilestone
from engine.domain.scope import OrgScope, WorkScope
from engine.domain.steps import CycleKind, CycleStatus
from engine.store.database import reading
from engine.store.directory.closed_days import closed_days
from engine.store.queries.inbox import Work
from engine.store.registers.milestones import Milestones
from engine.store.tables_outgoing import NoticeRow
from tests.support import city
from tests.support.office import Office, office
from workflows.upkeep.waking import wake_milestones
from workflows.worker import make_worker

BINARY = Path(sys.executable).parent / "temporal-test-server"
TOKYO = timedelta(hours=9)


class Years:
    """An office whose clock is the time-skipping server's."""

    def __init__(self, environment: WorkflowEnvironment, at: Office) -> None:
        self.environment = environment
        self.at = at
        self.at.directory.now = lambda: self.now
        self.now = datetime.now(UTC)

    async def start(self) -> str:
        await self.look()
        asked = InitiativeAsked(
            title="長い旅", org_scope=OrgScope.INDIVIDUAL, org_unit="U", work_scope=WorkScope.TASK
        )
        facts = self.at.directory.facts()
        opened = open_initiative(
            asked, initiative_id=f"i{uuid4().hex[:10]}", owner=city.OWNER, organisation=facts.organisation,
            edition=None, on=facts.today,
        )  # fmt: skip
        await self.at.client.start_workflow(
            "cycle", CycleInput(opening=opened, actor=city.OWNER), id=workflow_id(opened.cycle_id),
            task_queue=self.at.settings.task_queue,
        )  # fmt: skip
        await self.at.there(opened.cycle_id)
        return opened.cycle_id

    async def send(self, cycle_id: str, actor: str, body: object) -> None:
        revision = self.at.state(cycle_id).revision
        await self.look()
        command = c.Command(id=uuid4().hex, actor=actor, body=body)
        await self.at.client.get_workflow_handle(workflow_id(cycle_id)).signal(COMMAND, command)
        await self.at.until(lambda: self.at.state(cycle_id).revision > revision)

    async def hand_in(self, cycle_id: str, deliverable: Deliverable) -> None:
        await self.send(cycle_id, city.OWNER, c.SaveDraft(deliverable=deliverable))
        await self.send(cycle_id, city.OWNER, c.Submit())

    async def decide(self, cycle_id: str, action: Action = Action.APPROVE, **more: object) -> None:
        number = self.at.state(cycle_id).round
        await self.send(cycle_id, city.UNIT_CHIEF, c.Decide(action=action, round=number, **more))

    async def pass_by(self, days: float) -> None:
        await self.environment.sleep(timedelta(days=days))
        await self.look()

    async def look(self) -> None:
        self.now = await self.environment.get_current_time()

    @property
    def work(self) -> Work:
        return Work(self.at.database)

    def told(self, cycle_id: str | None, kind: str) -> set[str]:
        """Who had a notice of that kind."""
        with reading(self.at.database) as session:
            rows = session.exec(select(NoticeRow).where(NoticeRow.cycle_id == cycle_id, NoticeRow.kind == kind)).all()
        return {row.person_id for row in rows}

    def kinds(self, cycle_id: str) -> list[str]:
        return [event.data.type for event in self.at.journal.events(cycle_id)]


@pytest.fixture
async def years(sqlite: Engine) -> AsyncIterator[Years]:
    environment = await WorkflowEnvironment.start_time_skipping(test_server_existing_path=str(BINARY))
    async with environment:
        at = office(environment.client, sqlite)
        with ThreadPoolExecutor(16) as threads:
            async with make_worker(at.client, sqlite, at.settings, threads, at.names.task_queue):
                yield Years(environment, at)


def closing(day: date) -> datetime:
    return datetime.combine(day, CLOSING, UTC) - TOKYO


async def test_a_review_nobody_looks_at_is_reminded_and_escalated_and_never_decided(years: Years) -> None:
    cycle = await years.start()
    await years.hand_in(cycle, city.imagine())
    submitted = (years.now + TOKYO).date()
    closed = closed_days("JP", submitted.year)
    review = years.at.state(cycle).review
    assert review is not None
    assert review.open[0].due_at == closing(add_business_days(submitted, 5, closed))
    await years.pass_by(60)
    await years.at.until(lambda: "stage_escalated" in years.kinds(cycle))
    kinds = years.kinds(cycle)
    raised = [one.data for one in years.at.journal.events(cycle) if one.data.type == "stage_escalated"]
    assert [(str(one.to), one.last) for one in raised] == [("head@S", False), ("head@C", True)]
    assert kinds.count("reminder_due") > 20
    state = years.at.state(cycle)
    assert (state.status, state.step_status.value, state.decisions) == (CycleStatus.ACTIVE, "in_review", ())
    reminded = [event.at for event in years.at.journal.events(cycle) if event.data.type == "reminder_due"]
    assert closing(add_business_days(submitted, 4, closed)) <= reminded[0] < review.open[0].due_at
    assert all((moment + TOKYO).weekday() < 5 for moment in reminded)
    await years.decide(cycle)
    assert years.at.state(cycle).step.value == "transform"


async def test_a_hold_stops_the_clock_and_opens_again_by_itself_on_its_day(years: Years) -> None:
    cycle = await years.start()
    await years.hand_in(cycle, city.imagine())
    review = years.at.state(cycle).review
    assert review is not None
    due = review.open[0].due_at
    until = (years.now + TOKYO).date() + timedelta(days=90)
    await years.decide(cycle, Action.HOLD, hold_until=until, reason="条例を待つ")
    held_at = years.at.state(cycle).updated_at
    assert years.at.state(cycle).status is CycleStatus.ON_HOLD
    await years.pass_by(89)
    assert years.kinds(cycle)[-1] == "review_held"
    await years.pass_by(2)
    await years.at.until(lambda: years.at.state(cycle).status is CycleStatus.ACTIVE)
    resumed = next(event for event in years.at.journal.events(cycle) if event.data.type == "hold_ended")
    assert resumed.at >= datetime.combine(until, time.min, UTC) - TOKYO
    again = years.at.state(cycle).review
    assert again is not None
    moved, closed = again.open[0].due_at, again.route.closed_days
    assert moved == closing((moved + TOKYO).date())
    assert is_business_day((moved + TOKYO).date(), closed)
    assert closings_between(resumed.at, moved, closed, 540) == closings_between(held_at, due, closed, 540)


async def test_a_sustained_cycle_sleeps_until_its_review_date_and_then_wakes(years: Years) -> None:
    cycle = await years.start()
    for deliverable in (city.imagine(), city.transform(), city.realise()):
        await years.hand_in(cycle, deliverable)
        await years.decide(cycle)
    on = (years.now + TOKYO).date() + timedelta(days=180)
    following = {"kind": "sustain", "review_on": on.isoformat(), "reason": "効果が続くか"}
    await years.hand_in(cycle, city.share(following))
    await years.decide(cycle)
    sleeping = await years.at.there(f"{cycle}.1")
    assert (sleeping.kind, sleeping.status) == (CycleKind.SUSTAIN, CycleStatus.ON_HOLD)
    await years.pass_by(181)
    await years.at.until(lambda: years.at.state(f"{cycle}.1").status is CycleStatus.ACTIVE)
    woken = years.at.state(f"{cycle}.1")
    assert woken.updated_at >= datetime.combine(on, time.min, UTC) - TOKYO
    assert woken.deliverables.imagine.metrics[0].baseline == 30


async def test_a_transfer_on_the_first_of_april_moves_a_running_review_by_itself(years: Years) -> None:
    await years.look()
    today = (years.now + TOKYO).date()
    april = date(today.year + (today >= date(today.year, 4, 1)), 4, 1)
    years.at.import_(transferred(april))
    await years.pass_by((april - today).days - 2)
    cycle = await years.start()
    await years.hand_in(cycle, city.imagine())
    before = years.at.directory.facts()
    assert [one.cycle_id for one in years.work.inbox(city.UNIT_CHIEF, before)] == [cycle]
    assert years.work.inbox(city.PROXY, before) == []
    await years.pass_by(9)
    await years.at.until(lambda: "reminder_due" in years.kinds(cycle))
    after = years.at.directory.facts()
    assert after.today > april
    assert years.work.inbox(city.UNIT_CHIEF, after) == []
    assert [one.cycle_id for one in years.work.inbox(city.PROXY, after)] == [cycle]
    assert years.told(cycle, "decision_waits") == {city.UNIT_CHIEF}
    assert years.told(cycle, "reminder") == {city.PROXY}
    with pytest.raises(DomainError, match="not_your_decision"):
        await years.at.give(cycle, city.UNIT_CHIEF, c.Decide(action=Action.APPROVE, round=1))
    await years.at.give(cycle, city.PROXY, c.Decide(action=Action.APPROVE, round=1))
    assert years.at.state(cycle).step.value == "transform"


def transferred(on: date) -> Organisation:
    """The small city, whose unit chief leaves the day before and is followed by somebody else."""
    here = city.organisation()
    last = on - timedelta(days=1)
    posts = [
        post.model_copy(update={"valid_to": last}) if post.person_id == city.UNIT_CHIEF else post
        for post in here.posts
    ]
    follows = next(post for post in here.posts if post.person_id == city.UNIT_CHIEF)
    posts.append(follows.model_copy(update={"person_id": city.PROXY, "valid_from": on}))
    return here.model_copy(update={"posts": tuple(posts)})


async def test_a_year_of_a_milestone_is_reminded_noted_as_late_and_never_ended_by_time(years: Years) -> None:
    await years.look()
    due = (years.now + TOKYO).date() + timedelta(days=200)
    goal = StartupMilestone(code="M1", name="サンプル 棚卸し", due=due)
    startup = Startup(code="CA-01", governance=Governance.CROSS_AGENCY, milestones=(goal,))
    edition = Edition(id="one", startups=(startup,))
    years.at.directory.import_document(ROADMAP, "one", edition, "test")
    here = city.organisation()
    member = here.posts[-1].model_copy(update={"person_id": city.OTHER, "duties": (Duty.DX_TEAM,)})
    years.at.import_(here.model_copy(update={"posts": (*here.posts, member)}))
    milestones = Milestones(years.at.database, years.at.directory)
    await wake_milestones(years.at.client, milestones.followed(), years.at.names)
    await years.pass_by(365)
    kinds = [entry.data.type for entry in milestones.entries("CA-01")]
    assert kinds.count("milestone_late") == 1
    assert kinds.count("milestone_reminded") > 20
    reminded = [one.data.on for one in milestones.entries("CA-01") if one.data.type == "milestone_reminded"]
    assert reminded[1] == due
    assert years.told(None, "milestone_late") == {city.OTHER}
    done = MilestoneReported(milestone="M1", grade=Grade.C, done_on=due)
    milestones.report("CA-01", done, city.OTHER, "k")
    await wake_milestones(years.at.client, milestones.followed(), years.at.names)
    await years.pass_by(60)
    assert milestones.entries("CA-01")[-1].data == done
