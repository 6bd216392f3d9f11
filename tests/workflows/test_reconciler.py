"""Whatever makes engine and record differ: it is mended without hands, or it is told with what to do."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from engine.contracts.cycle import AppendAnswer, AppendAsk, workflow_id
from engine.contracts.differences import DifferenceKind
from engine.contracts.engines import KnownEngine, OpenEngine
from engine.domain.cycle import commands as c
from engine.domain.moves.dispatch import decide
from engine.domain.review.review import Action
from engine.store.directory.directory import utc_now
from engine.store.queries import reconciling
from engine.store.queries.reconciling import Reconciling
from engine.store.record import verify as check
from engine.store.registers.differences import Differences
from engine.store.registers.installation import installation_of
from tests.support import city
from tests.support.office import Office, office
from tests.support.unguarded import unguard
from workflows.upkeep.census import end_runs, readopt_cycles, running_cycles
from workflows.upkeep.reconciler import OFTEN, Reconciler
from workflows.upkeep.waking import wake_missing


@dataclass
class Watched:
    """An office at work, with a reconciler whose rounds the test calls."""

    at: Office
    reconciler: Reconciler
    engine: OpenEngine

    async def rounds(self, count: int = OFTEN) -> None:
        await self._listed()
        for _ in range(count):
            await self.reconciler.round()

    async def tells(self, *expected: tuple[str, str]) -> None:
        """Rounds until that is told and nothing else; the engine's list of runs is behind what it does."""
        await self.rounds()
        for _ in range(200):
            if told(self) == [*expected]:
                break
            await self.rounds(1)
        assert told(self) == [*expected]

    async def _listed(self) -> None:
        """Waits until the engine's list of runs shows the recorded cycles as they are."""
        client, queue = self.at.client, self.at.names.task_queue
        for _ in range(600):
            recorded = Reconciling(self.at.database).open_cycles()
            missing, _unexpected = await running_cycles(client, recorded, queue)
            if {one for one in recorded if not await _runs(client, one)} == set(missing):
                return
            await asyncio.sleep(0.05)
        raise AssertionError("the list of runs never came up to date")

    def behind_its_back(self, cycle: str, actor: str, body: object, name: str = "lost") -> None:
        """As a process that dies between the journal's commit and the end of the workflow task leaves it."""
        state = self.at.state(cycle)
        command = c.Command.model_validate({"id": name, "actor": actor, "body": body})
        events, _ = decide(state, self.at.directory.prepare(command, state), utc_now())
        ask = AppendAsk(cycle_id=cycle, after=state.revision, events=events)
        assert self.at.journal.append(ask) == AppendAnswer()


def watch(at: Office) -> Watched:
    known = KnownEngine(at.client, installation_of(at.database), at.names, shared=True)
    engine = OpenEngine(known, at.client, set())

    async def wake() -> None:
        await wake_missing(engine, [])

    record, tell = Reconciling(at.database), Differences(at.database).replace
    return Watched(at, Reconciler(engine, record, at.journal.seen, tell, wake), engine)


@pytest.fixture
async def watched(temporal: Client, database: Engine, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Watched]:
    monkeypatch.setattr(reconciling, "SETTLED", timedelta(0))
    async with office(temporal, database).working() as at:
        yield watch(at)


async def _runs(client: Client, cycle: str) -> bool:
    try:
        found = await client.get_workflow_handle(workflow_id(cycle)).describe()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return False
    return found.status is WorkflowExecutionStatus.RUNNING


def told(watched: Watched) -> list[tuple[str, str]]:
    return [(one.kind.value, one.subject) for one in Differences(watched.at.database).now()]


async def test_an_engine_behind_its_journal_catches_up_though_nobody_asks_it_again(watched: Watched) -> None:
    cycle = await watched.at.start()
    await watched.at.hand_in(cycle, city.imagine())
    await watched.rounds(1)
    watched.behind_its_back(cycle, city.UNIT_CHIEF, c.Decide(action=Action.APPROVE, round=1))
    await watched.rounds(1)
    assert await watched.at.agree(cycle)
    assert told(watched) == []


async def test_no_more_cycles_than_a_worker_can_answer_for_are_asked_in_one_round_and_the_others_in_the_next(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workflows.upkeep.reconciler.MOST", 1)
    cycles = [await watched.at.start() for _ in range(3)]
    for cycle in cycles:
        watched.behind_its_back(cycle, city.OWNER, c.Comment(text="記録だけにある"), f"lost-{cycle}")
    await watched.rounds(1)
    behind = [cycle for cycle in cycles if (await watched.at.engine_state(cycle)).comments == 0]
    assert len(behind) >= 2
    await watched.rounds(4)
    for cycle in cycles:
        assert await watched.at.agree(cycle)


async def test_an_engine_from_an_older_copy_brings_its_mark_along_and_all_that_moved_since_is_asked(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workflows.upkeep.reconciler.MARGIN", 0)
    cycle, other = await watched.at.start(), await watched.at.start()
    await watched.rounds(1)  # the mark stands here
    watched.behind_its_back(cycle, city.OWNER, c.Comment(text="記録だけにある"))
    await watched.at.given(other, city.OWNER, c.Comment(text="その後も仕事は続く"))
    later = watch(watched.at)  # as a worker that starts again and never saw the first one move
    await later.rounds(1)
    assert await watched.at.agree(cycle)


async def test_an_open_cycle_of_which_the_engine_never_heard_is_started_with_the_commands_it_has_seen(
    watched: Watched,
) -> None:
    cycle = await watched.at.start()
    comment = c.Comment(text="一度だけ")
    await watched.at.given(cycle, city.OWNER, comment)
    await watched.at.give(cycle, city.OWNER, c.Comment(text="二度目は何もしない"), "told-once")
    await watched.at.until(lambda: watched.at.state(cycle).comments == 2)
    await _forgotten(watched, cycle)
    await watched.rounds(1)
    assert await watched.at.agree(cycle)
    await watched.at.client.get_workflow_handle(workflow_id(cycle)).signal(
        "command", c.Command(id="told-once", actor=city.OWNER, body=c.Comment(text="二度目は何もしない"))
    )
    await watched.at.given(cycle, city.OWNER, c.Comment(text="三つ目"))
    assert watched.at.state(cycle).comments == 3


async def _forgotten(watched: Watched, cycle: str) -> None:
    """As an engine whose store was lost: no run of that id, ended or not."""
    client, name = watched.at.client, workflow_id(cycle)
    await client.workflow_service.delete_workflow_execution(
        DeleteWorkflowExecutionRequest(
            namespace=client.namespace, workflow_execution=WorkflowExecution(workflow_id=name)
        )
    )
    for _ in range(600):
        if await watched.reconciler._was_never_there(cycle):
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it is still there")


async def test_a_cycle_that_somebody_terminated_waits_for_readopt_and_is_named_until_then(watched: Watched) -> None:
    cycle = await watched.at.start()
    await watched.at.client.get_workflow_handle(workflow_id(cycle)).terminate()
    await watched.tells(("not_running", cycle))
    queue = watched.at.names.task_queue
    state_of, seen = watched.at.directory.state, watched.at.journal.seen
    assert await readopt_cycles(watched.at.client, state_of, [cycle], queue, seen) == 1
    await watched.tells()
    assert await watched.at.agree(cycle)


async def test_a_planned_next_cycle_that_the_engine_lost_is_started(watched: Watched) -> None:
    cycle = await watched.at.start()
    for deliverable in (city.imagine(), city.transform(), city.realise()):
        await watched.at.hand_in(cycle, deliverable)
        await watched.at.decide(cycle)
    state = await watched.at.hand_in(cycle, city.share({"kind": "retry", "reason": "続ける"}))
    await watched.at.client.get_workflow_handle(workflow_id(cycle)).terminate()
    watched.behind_its_back(cycle, city.UNIT_CHIEF, c.Decide(action=Action.APPROVE, round=state.round))
    assert watched.at.directory.state(f"{cycle}.1") is None
    assert [planned.cycle_id for _, planned in Reconciling(watched.at.database).not_followed()] == [f"{cycle}.1"]
    await watched.rounds(1)
    assert (await watched.at.there(f"{cycle}.1")).turn == 2
    await watched.rounds(1)
    assert await watched.at.agree(f"{cycle}.1")
    assert Reconciling(watched.at.database).not_followed() == []


async def test_a_record_that_is_older_than_the_engine_is_named_and_goes_on_from_the_record_when_told_to(
    watched: Watched,
) -> None:
    at = watched.at
    cycle = await at.start()
    await at.given(cycle, city.OWNER, c.Comment(text="記録から消える"))
    unguard(at.database)
    with at.database.begin() as older:
        older.execute(text("DELETE FROM journal WHERE cycle_id = :cycle AND seq = 2"), {"cycle": cycle})
    check.rebuild(at.database)
    assert at.state(cycle).revision == 1
    await watched.tells(("journal_older", cycle))
    await end_runs(at.client, [cycle])
    assert await readopt_cycles(at.client, at.directory.state, [cycle], at.names.task_queue, at.journal.seen) == 1
    await at.given(cycle, city.OWNER, c.Comment(text="もう一度"))
    await watched.tells()
    assert await at.agree(cycle)


async def test_a_run_that_never_heard_that_its_cycle_has_ended_is_told_and_ends(watched: Watched) -> None:
    cycle = await watched.at.start()
    watched.behind_its_back(cycle, city.OWNER, c.Withdraw(reason="別の取組に含まれる"))
    assert not watched.at.state(cycle).status.is_open
    await watched.rounds(1)
    run = watched.at.client.get_workflow_handle(workflow_id(cycle))
    await asyncio.wait_for(run.result(), 60)
    await watched.tells()


async def test_a_cycle_that_the_record_has_lost_wholly_is_named(watched: Watched) -> None:
    cycle, other = await watched.at.start(), await watched.at.start()
    unguard(watched.at.database)
    with watched.at.database.begin() as older:
        older.execute(text("DELETE FROM journal WHERE cycle_id = :cycle"), {"cycle": cycle})
    check.rebuild(watched.at.database)
    await watched.tells(("unrecorded", cycle))
    assert await watched.at.agree(other)


async def test_the_run_that_sends_notices_is_started_again_when_it_is_gone(watched: Watched) -> None:
    await watched.rounds(1)
    notices = watched.at.client.get_workflow_handle(watched.at.names.notices)
    first = (await notices.describe()).run_id
    await notices.terminate()
    await watched.rounds(1)
    assert (await notices.describe()).run_id != first


def test_what_is_told_keeps_since_when_and_is_gone_when_no_worker_sees_it(database: Engine) -> None:
    differences, kind = Differences(database), DifferenceKind.STUCK
    differences.replace([(kind, "a")])
    (first,) = differences.now()
    differences.replace([(kind, "a"), (kind, "b")])
    assert [(one.subject, one.since == first.since) for one in differences.now()] == [("a", True), ("b", False)]
    with database.begin() as later:
        later.execute(text("UPDATE difference SET seen_at = '2020-01-01 00:00:00+00:00' WHERE subject = 'a'"))
    assert [one.subject for one in differences.now()] == ["b"]
    differences.replace([])
    assert differences.now() == []
