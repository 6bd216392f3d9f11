import asyncio
from uuid import uuid4

import pytest
from sqlalchemy import Engine
from temporalio.client import Client, WorkflowExecutionStatus

from api.gateway import EngineAwayError
from engine.contracts.cycle import workflow_id
from engine.domain.cycle import commands as c
from engine.domain.cycle.evolve import fold
from engine.domain.errors import DomainError
from engine.domain.review.review import Action
from engine.domain.scope import OrgScope, WorkScope
from engine.domain.steps import CycleKind, CycleStatus, Step, StepStatus
from tests.support import city
from tests.support.office import Office, expand, office

UNIT_PROCESS = expand(OrgScope.UNIT, WorkScope.PROCESS)


async def history_length(at: Office, cycle_id: str) -> int:
    return len((await at.client.get_workflow_handle(workflow_id(cycle_id)).fetch_history()).events)


async def test_an_initiative_goes_from_imagine_to_share_and_the_larger_cycle_starts_by_itself(
    working: Office,
) -> None:
    first = await working.start()
    done = await working.turn(first, city.share(UNIT_PROCESS))
    assert (done.status, done.effects.hours_saved_per_year) == (CycleStatus.COMPLETED, (30 - 12) * 1000 / 60)
    second = await working.there(f"{first}.1")
    assert (second.kind, second.turn, second.parents) == (CycleKind.EXPAND, 2, (first,))
    assert (second.org_scope, second.work_scope, second.owner) == (
        OrgScope.UNIT, WorkScope.PROCESS, city.UNIT_CHIEF,
    )  # fmt: skip
    assert second.inheritance is not None
    assert second.inheritance.rebaseline_required
    assert await working.agree(second.cycle_id)


async def test_the_reply_comes_after_the_journal_has_the_event(working: Office) -> None:
    cycle = await working.start()
    receipt = await working.give(cycle, city.OWNER, c.SaveDraft(deliverable=city.imagine()))
    assert working.state(cycle).revision == receipt.revision
    assert fold(working.journal.events(cycle)) == working.state(cycle) == await working.engine_state(cycle)


async def test_a_refused_command_leaves_no_trace_in_the_history(working: Office) -> None:
    cycle = await working.start()
    before = await history_length(working, cycle)
    with pytest.raises(DomainError, match="invalid_fields") as refused:
        await working.give(cycle, city.OWNER, c.Submit())
    assert any(error.pointer == "/ideal_statement" for error in refused.value.refusal.errors)
    with pytest.raises(DomainError, match="owner_only"):
        await working.give(cycle, city.UNIT_CHIEF, c.SaveDraft(deliverable=city.imagine()))
    assert await history_length(working, cycle) == before
    assert working.state(cycle).revision == 1


async def test_the_same_command_id_again_gets_the_same_receipt_and_nothing_happens_twice(working: Office) -> None:
    cycle = await working.start()
    await working.hand_in(cycle, city.imagine())
    approve = c.Decide(action=Action.APPROVE, round=1)
    first = await working.give(cycle, city.UNIT_CHIEF, approve, "once")
    after = working.state(cycle)
    assert await working.give(cycle, city.UNIT_CHIEF, approve, "once") == first
    assert working.state(cycle) == after
    assert after.step is Step.TRANSFORM


async def test_a_key_used_again_for_something_else_is_refused(working: Office) -> None:
    cycle = await working.start()
    await working.give(cycle, city.OWNER, c.Comment(text="一"), "key")
    with pytest.raises(DomainError, match="idempotency_key_reused"):
        await working.give(cycle, city.OWNER, c.Comment(text="二"), "key")
    assert working.state(cycle).comments == 1


async def test_the_last_decision_repeated_after_the_cycle_ended_gets_its_receipt(working: Office) -> None:
    cycle = await working.start()
    for deliverable in (city.imagine(), city.transform(), city.realise()):
        await working.hand_in(cycle, deliverable)
        await working.decide(cycle)
    state = await working.hand_in(cycle, city.share())
    last = c.Decide(action=Action.APPROVE, round=state.round)
    receipt = await working.give(cycle, city.UNIT_CHIEF, last, "the-last")
    await working.client.get_workflow_handle(workflow_id(cycle)).result()
    assert await working.give(cycle, city.UNIT_CHIEF, last, "the-last") == receipt
    with pytest.raises(DomainError, match="cycle_closed"):
        await working.give(cycle, city.UNIT_CHIEF, last, "a-new-one")


async def test_approve_and_reject_at_the_same_instant_have_one_winner_and_one_clear_conflict(working: Office) -> None:
    cycle = await working.start()
    await working.hand_in(cycle, city.imagine())
    answers = await asyncio.gather(
        working.give(cycle, city.UNIT_CHIEF, c.Decide(action=Action.APPROVE, round=1)),
        working.give(cycle, city.UNIT_CHIEF, c.Decide(action=Action.REJECT, round=1, reason="別の案")),
        return_exceptions=True,
    )
    refused = [answer for answer in answers if isinstance(answer, DomainError)]
    assert len(refused) == 1
    assert refused[0].refusal.code in {"round_over", "cycle_closed"}
    assert len(working.state(cycle).decisions) == 1


async def test_a_step_is_returned_reworked_and_approved_in_the_next_round(working: Office) -> None:
    cycle = await working.start()
    await working.hand_in(cycle, city.imagine())
    returned = await working.decide(cycle, Action.RETURN, reason="基準値の測定方法を")
    assert (returned.step, returned.step_status) == (Step.IMAGINE, StepStatus.RETURNED)
    again = await working.hand_in(cycle, city.imagine())
    assert again.round == 2
    with pytest.raises(DomainError, match="round_over"):
        await working.decide(cycle, round=1)
    assert (await working.decide(cycle)).step is Step.TRANSFORM


async def test_starting_the_same_initiative_twice_gives_one_cycle(working: Office) -> None:
    cycle = await working.start()
    opened = working.journal.events(cycle)[0].data
    assert opened.type == "cycle_opened"
    again = await working.gateway.start(opened, actor=city.OWNER, command_id=uuid4().hex, fingerprint="start")
    assert again.cycle_id == cycle
    assert len(working.journal.events(cycle)) == 1


async def test_several_cycles_can_follow_and_each_outlives_its_parent(working: Office) -> None:
    first = await working.start()
    retry = {"kind": "retry", "reason": "もう一度"}
    await working.turn(first, city.share(UNIT_PROCESS, retry))
    await working.client.get_workflow_handle(workflow_id(first)).result()
    kinds = [(await working.there(f"{first}.{number}")).kind for number in (1, 2)]
    assert kinds == [CycleKind.EXPAND, CycleKind.RETRY]
    receipt = await working.give(f"{first}.2", city.OWNER, c.Comment(text="続ける"))
    assert receipt.revision == 2


async def test_an_unknown_cycle_is_said_to_be_unknown(working: Office) -> None:
    with pytest.raises(DomainError, match="unknown_cycle"):
        await working.give("i0-1", city.OWNER, c.Comment(text="?"))


async def test_an_open_cycle_that_the_engine_does_not_run_is_not_answered_as_if_it_were(
    temporal: Client, sqlite: Engine
) -> None:
    async with office(temporal, sqlite).working() as at:
        cycle = await at.start()
        await at.client.get_workflow_handle(workflow_id(cycle)).terminate()
        with pytest.raises(EngineAwayError, match="cycle_not_running"):
            await at.give(cycle, city.OWNER, c.Comment(text="?"))


async def test_a_worker_that_starts_later_goes_on_where_the_first_one_stopped(
    temporal: Client, sqlite: Engine
) -> None:
    at = office(temporal, sqlite)
    async with at.working():
        cycle = await at.start()
        await at.hand_in(cycle, city.imagine())
    async with at.working():
        assert (await at.decide(cycle)).step is Step.TRANSFORM


async def test_a_cancel_from_outside_ends_no_cycle_and_loses_nothing_that_was_answered(working: Office) -> None:
    cycle = await working.start()
    await working.give(cycle, city.OWNER, c.Comment(text="前"))
    handle = working.client.get_workflow_handle(workflow_id(cycle))
    await handle.cancel()
    await working.give(cycle, city.OWNER, c.Comment(text="後"))
    await handle.cancel()
    assert (await working.hand_in(cycle, city.imagine())).comments == 2
    assert await working.agree(cycle)
    assert (await handle.describe()).status is WorkflowExecutionStatus.RUNNING
