from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import Engine
from temporalio.client import Client
from temporalio.worker import Worker

from activities.directory import DirectoryActivities
from activities.journal import JournalActivities
from api import gateway
from api.gateway import EngineAwayError
from engine.contracts.cycle import AppendAnswer, AppendAsk, workflow_id
from engine.domain.cycle import commands as c
from engine.domain.cycle.evolve import fold
from engine.domain.cycle.incoming import LARGEST_DELIVERABLE
from engine.domain.errors import DomainError
from engine.domain.moves.dispatch import decide
from engine.domain.review.review import Action
from engine.domain.steps import Step
from engine.store.directory.directory import utc_now
from engine.store.record.journal import ONE_PAGE
from tests.support import city
from tests.support.office import Office, office
from workflows.registry import WORKFLOWS
from workflows.upkeep.waking import nudge


def write_behind_its_back(at: Office, cycle_id: str, command: c.Command) -> None:
    """As a process that dies between the journal's commit and the end of the workflow task leaves it."""
    state = at.state(cycle_id)
    events, _ = decide(state, at.directory.prepare(command, state), utc_now())
    assert at.journal.append(AppendAsk(cycle_id=cycle_id, after=state.revision, events=events)) == AppendAnswer()


async def test_a_cycle_behind_its_journal_catches_up_when_the_next_command_comes(working: Office) -> None:
    cycle = await working.start()
    lost = c.Command(id="lost", actor=city.OWNER, body=c.SaveDraft(deliverable=city.imagine()))
    write_behind_its_back(working, cycle, lost)
    await working.give(cycle, city.OWNER, c.Submit())
    assert await working.agree(cycle)
    assert fold(working.journal.events(cycle)) == working.state(cycle)


async def test_a_cycle_that_does_not_catch_up_in_time_refuses_nothing_but_asks_to_come_again(
    working: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a machine under load; a person's decision is no conflict because the engine is slow."""

    async def too_slow(*_: object) -> None:
        """The engine does not hear of the journal in time."""

    cycle = await working.start()
    lost = c.Command(id="lost", actor=city.OWNER, body=c.SaveDraft(deliverable=city.imagine()))
    write_behind_its_back(working, cycle, lost)
    with monkeypatch.context() as patch:
        patch.setattr(working.gateway, "_catch_up", too_slow)
        patch.setattr(gateway, "CATCHING_UP", (0.01,))
        with pytest.raises(EngineAwayError):
            await working.give(cycle, city.OWNER, c.Submit(), "again")
    await working.give(cycle, city.OWNER, c.Submit(), "again")
    assert await working.agree(cycle)


async def test_a_cycle_takes_over_more_than_one_answer_of_the_journal_holds(working: Office) -> None:
    cycle = await working.start()
    for number in range(8):
        draft = c.SaveDraft(deliverable=city.long_imagine(56_000 + 1000 * (number % 2)))
        write_behind_its_back(working, cycle, c.Command(id=f"lost-{number}", actor=city.OWNER, body=draft))
    size = sum(len(event.model_dump_json().encode()) for event in working.journal.events(cycle))
    assert size > ONE_PAGE * 1.3
    receipt = await working.give(cycle, city.OWNER, c.Submit())
    assert receipt.revision == working.state(cycle).revision
    assert await working.agree(cycle)


async def test_a_form_that_is_too_large_is_refused_with_its_size_and_what_to_do(working: Office) -> None:
    cycle = await working.start()
    with pytest.raises(DomainError) as refused:
        await working.give(cycle, city.OWNER, c.SaveDraft(deliverable=city.long_imagine(70_000)))
    (place,) = refused.value.refusal.errors
    assert place.code == "deliverable_too_large"
    assert 210 < int(place.params["kilobytes"]) < 220
    assert 180_000 < len(city.long_imagine().model_dump_json().encode()) <= LARGEST_DELIVERABLE
    assert working.state(cycle).revision == 1


async def test_the_lost_command_repeated_gets_the_receipt_it_should_have_had(working: Office) -> None:
    cycle = await working.start()
    comment = c.Comment(text="届いたか")
    write_behind_its_back(working, cycle, c.Command(id="lost", actor=city.OWNER, body=comment))
    receipt = await working.give(cycle, city.OWNER, comment, "lost")
    assert (receipt.revision, working.state(cycle).comments) == (2, 1)
    assert await working.agree(cycle)


async def test_a_decision_that_only_the_journal_knows_takes_effect_without_being_asked_again(working: Office) -> None:
    cycle = await working.start()
    for deliverable in (city.imagine(), city.transform(), city.realise()):
        await working.hand_in(cycle, deliverable)
        await working.decide(cycle)
    state = await working.hand_in(cycle, city.share({"kind": "retry", "reason": "続ける"}))
    last = c.Command(id="last", actor=city.UNIT_CHIEF, body=c.Decide(action=Action.APPROVE, round=state.round))
    write_behind_its_back(working, cycle, last)
    assert await nudge(working.client, [cycle]) == 1
    assert (await working.there(f"{cycle}.1")).turn == 2


async def test_a_command_that_no_longer_fits_what_the_journal_holds_is_refused_and_leaves_it_whole(
    working: Office,
) -> None:
    cycle = await working.start()
    await working.hand_in(cycle, city.imagine())
    lost = c.Command(id="lost", actor=city.UNIT_CHIEF, body=c.Decide(action=Action.REJECT, round=1, reason="重複"))
    write_behind_its_back(working, cycle, lost)
    with pytest.raises(DomainError, match=r"round_over|cycle_closed"):
        await working.give(cycle, city.UNIT_CHIEF, c.Decide(action=Action.APPROVE, round=1))
    assert [event.data.type for event in working.journal.events(cycle)][-1] == "cycle_rejected"


class AwayForAWhile:
    """A journal whose database does not answer the first times; everything after that is the real thing."""

    def __init__(self, at: Office, failures: int) -> None:
        self._journal = at.journal
        self.left = failures

    def append(self, ask: AppendAsk) -> AppendAnswer:
        if self.left:
            self.left -= 1
            raise ConnectionError("the database is away")
        return self._journal.append(ask)


@asynccontextmanager
async def worker_with(at: Office, journal: AwayForAWhile) -> AsyncIterator[None]:
    directory = DirectoryActivities(at.directory)
    with ThreadPoolExecutor(4) as threads:
        async with Worker(
            at.client, task_queue=at.settings.task_queue, workflows=WORKFLOWS, activity_executor=threads,
            activities=[JournalActivities(journal).append, directory.prepare], max_concurrent_activities=4,
        ):  # fmt: skip
            yield


async def test_while_the_database_is_away_people_are_answered_and_nothing_is_lost(
    temporal: Client, sqlite: Engine
) -> None:
    at = office(temporal, sqlite)
    journal = AwayForAWhile(at, 0)
    async with worker_with(at, journal):
        cycle = await at.start()
        journal.left = 2
        receipt = await at.give(cycle, city.OWNER, c.Comment(text="届くまで"))
        assert (receipt.revision, at.state(cycle).revision) == (2, 1)
        await at.until(lambda: at.state(cycle).revision == 2)
        assert await at.agree(cycle)


async def test_an_activity_that_runs_twice_writes_once(working: Office) -> None:
    cycle = await working.start()
    events = working.journal.events(cycle)
    assert working.journal.append(AppendAsk(cycle_id=cycle, after=0, events=events)) == AppendAnswer()
    assert working.journal.events(cycle) == events
    assert working.state(cycle).step is Step.IMAGINE


async def test_a_cancel_while_the_database_is_away_loses_nothing_that_was_answered(
    temporal: Client, sqlite: Engine
) -> None:
    at = office(temporal, sqlite)
    journal = AwayForAWhile(at, 0)
    async with worker_with(at, journal):
        cycle = await at.start()
        journal.left = 4
        for text in ("一", "二"):
            assert (await at.give(cycle, city.OWNER, c.Comment(text=text))).revision > 1
        await at.client.get_workflow_handle(workflow_id(cycle)).cancel()
        await at.until(lambda: at.state(cycle).revision == 3)
        assert await at.agree(cycle)
