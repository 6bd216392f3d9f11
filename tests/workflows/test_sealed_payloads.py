"""Whoever can reach Temporal, but has no key: can neither read, nor act, nor stop a cycle."""

import os
from collections.abc import Callable
from uuid import uuid4

import pytest
from sqlalchemy import Engine
from temporalio.api.common.v1 import Payload
from temporalio.client import Client, WorkflowFailureError, WorkflowUpdateFailedError
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError
from temporalio.worker import Replayer

from engine.contracts import cycle as wire
from engine.domain.cycle import commands as c
from engine.domain.cycle.events import CommandRefused
from engine.domain.review.review import Action
from engine.domain.steps import Step
from engine.runtime.plugin import SpiralPlugin
from engine.runtime.sealing import SEALED, KeyRing
from engine.store.record import verify as check
from engine.store.registers.installation import installation_of
from tests.support import city
from tests.support.office import Office, office
from tests.support.wire import changed, payloads_in, plain, stranger
from workflows.registry import WORKFLOWS

Forge = Callable[[Office, str], Payload]


def ring(at: Office) -> KeyRing:
    return KeyRing(at.settings.secrets(), installation_of(at.database).id)


def approval() -> c.Command:
    return c.Command(id=uuid4().hex, actor=city.UNIT_CHIEF, body=c.Decide(action=Action.APPROVE, round=1))


def sealed(at: Office, cycle: str, command: c.Command) -> Payload:
    return ring(at).seal(plain(command), wire.workflow_id(cycle))


def garbage(_at: Office, _cycle: str) -> Payload:
    return Payload(metadata={"encoding": SEALED, "key": b"00000000"}, data=os.urandom(60))


def under_our_keys_name(at: Office, cycle: str) -> Payload:
    return Payload(metadata=sealed(at, cycle, approval()).metadata, data=os.urandom(60))


def cut_short(at: Office, cycle: str) -> Payload:
    return Payload(metadata=sealed(at, cycle, approval()).metadata, data=b"short")


def one_bit_turned(at: Office, cycle: str) -> Payload:
    return changed(sealed(at, cycle, approval()), 40)


def written_plainly(_at: Office, _cycle: str) -> Payload:
    return plain(approval())


def marked_by_hand(_at: Office, _cycle: str) -> Payload:
    return Payload(metadata={"encoding": b"spiral/unreadable", "why": b"\xff"})


def of_another_cycle(at: Office, _cycle: str) -> Payload:
    return sealed(at, "another-1", approval())


def of_another_installation(at: Office, cycle: str) -> Payload:
    return KeyRing(at.settings.secrets(), "f" * 12).seal(plain(approval()), wire.workflow_id(cycle))


def of_another_shape(at: Office, cycle: str) -> Payload:
    return ring(at).seal(plain({"body": {"type": "fly"}}), wire.workflow_id(cycle))


FORGED = [
    garbage, under_our_keys_name, cut_short, one_bit_turned, written_plainly, marked_by_hand, of_another_cycle,
    of_another_installation, of_another_shape,
]  # fmt: skip


def refusals(at: Office, cycle: str) -> list[str]:
    data = [event.data for event in at.journal.events(cycle)]
    return [one.refusal.code for one in data if isinstance(one, CommandRefused)]


async def in_review(at: Office) -> str:
    cycle = await at.start()
    await at.hand_in(cycle, city.imagine())
    return cycle


@pytest.mark.parametrize("forge", FORGED, ids=lambda one: one.__name__)
async def test_what_was_not_sealed_for_this_cycle_is_refused_and_the_cycle_goes_on(
    temporal: Client, working: Office, forge: Forge
) -> None:
    cycle = await in_review(working)
    revision = working.state(cycle).revision
    outside = stranger(temporal, ring(working)).get_workflow_handle(wire.workflow_id(cycle))
    with pytest.raises(WorkflowUpdateFailedError) as caught:
        await outside.execute_update(wire.COMMAND, RawValue(forge(working, cycle)))
    assert isinstance(caught.value.cause, ApplicationError)
    assert caught.value.cause.type == "unreadable_command"
    await outside.signal(wire.COMMAND, RawValue(forge(working, cycle)))
    await working.until(lambda: refusals(working, cycle) == ["unreadable_command"])
    state = working.state(cycle)
    assert (state.revision, state.step) == (revision + 1, Step.IMAGINE)
    assert (await working.decide(cycle)).step is Step.TRANSFORM
    assert await working.agree(cycle)


@pytest.mark.parametrize("args", [[], ["one", "two"], [None, 1, {}]], ids=["none", "two", "three"])
async def test_a_message_with_too_many_or_no_arguments_stops_nothing(
    temporal: Client, working: Office, args: list[object]
) -> None:
    cycle = await in_review(working)
    outside = stranger(temporal, ring(working)).get_workflow_handle(wire.workflow_id(cycle))
    for name in (wire.COMMAND, wire.CATCH_UP, wire.MOVE):
        await outside.signal(name, args=args)
    assert await outside.execute_update(wire.OPENED, args=args, result_type=RawValue) is not None
    with pytest.raises(WorkflowUpdateFailedError):
        await outside.execute_update(wire.COMMAND, args=args)
    await working.until(lambda: refusals(working, cycle) == ["unreadable_command"])
    assert (await working.decide(cycle)).step is Step.TRANSFORM


async def test_a_sealed_payload_sent_again_acts_once_as_signal_and_as_update(
    temporal: Client, working: Office
) -> None:
    cycle = await in_review(working)
    said = c.Command(id=uuid4().hex, actor=city.OWNER, body=c.Comment(text="一度だけ"))
    await working.client.get_workflow_handle(wire.workflow_id(cycle)).signal(wire.COMMAND, said)
    await working.until(lambda: working.state(cycle).comments == 1)
    outside = stranger(temporal, ring(working)).get_workflow_handle(wire.workflow_id(cycle))
    (seen,) = [
        payload for event in (await outside.fetch_history()).events
        for payload in event.workflow_execution_signaled_event_attributes.input.payloads
    ]  # fmt: skip
    await outside.signal(wire.COMMAND, RawValue(seen))
    assert await outside.execute_update(wire.COMMAND, RawValue(seen), result_type=RawValue) is not None
    await working.give(cycle, city.OWNER, c.Comment(text="あと"))
    assert working.state(cycle).comments == 2
    assert refusals(working, cycle) == []


async def test_the_history_shows_no_word_of_what_people_wrote_and_no_reason_of_a_refusal(
    temporal: Client, working: Office
) -> None:
    cycle = await in_review(working)
    with pytest.raises(Exception, match="own_work"):
        await working.decide(cycle, by=city.OWNER)
    signal = c.Command(id=uuid4().hex, actor=city.OWNER, body=c.Comment(text="合図の言葉"))
    await working.client.get_workflow_handle(wire.workflow_id(cycle)).signal(wire.COMMAND, signal)
    await working.until(lambda: working.state(cycle).comments == 1)
    history = await temporal.get_workflow_handle(wire.workflow_id(cycle)).fetch_history()
    found = payloads_in(history)
    sealing = {bytes(one.metadata["encoding"]) for one in found}
    raw = b"".join(event.SerializeToString() for event in history.events)
    words = [city.imagine().ideal_statement, "届かせる", "合図の言葉"]
    assert all(word is not None and word.encode() not in raw for word in words)
    opened = b"".join(ring(working).open(one, wire.workflow_id(cycle)).data for one in found)
    assert all(word is not None and word.encode() in opened for word in words)
    assert sealing - {b"json/plain"} == {SEALED}


async def test_a_sealed_history_replays_with_the_key_and_never_goes_another_way_without_it(
    temporal: Client, working: Office, caplog: pytest.LogCaptureFixture
) -> None:
    cycle = await in_review(working)
    history = await temporal.get_workflow_handle(wire.workflow_id(cycle)).fetch_history()
    right = Replayer(workflows=WORKFLOWS, plugins=[SpiralPlugin(ring(working))])
    assert (await right.replay_workflow(history)).replay_failure is None
    wrong = Replayer(workflows=WORKFLOWS, plugins=[SpiralPlugin(KeyRing(("x" * 40,), "0" * 12))])
    failed = await wrong.replay_workflow(history, raise_on_replay_failure=False)
    assert failed.replay_failure is not None
    assert "SPIRAL_SECRET_PREVIOUS" in caplog.text


async def test_a_cycle_that_a_stranger_starts_ends_at_once_and_leaves_no_trace_in_the_record(
    temporal: Client, working: Office
) -> None:
    cycle = await in_review(working)
    snapshot = await working.engine_state(cycle)
    forged = plain({"snapshot": {"state": snapshot.model_dump(mode="json")}, "sealed": True})
    handle = await temporal.start_workflow(
        wire.CYCLE_WORKFLOW, RawValue(forged), id=f"cycle/{uuid4().hex}", task_queue=working.names.task_queue
    )
    with pytest.raises(WorkflowFailureError):
        await handle.result()
    assert check.verify(working.database).faults == ()
    assert (await working.decide(cycle)).step is Step.TRANSFORM


async def test_after_the_secret_was_changed_a_cycle_goes_on_with_the_previous_one_still_read(
    temporal: Client, sqlite: Engine
) -> None:
    async with office(temporal, sqlite, cached=0).working() as before:
        cycle = await in_review(before)
    previous = before.settings.secret
    after = office(temporal, sqlite, cached=0, task_queue=before.names.task_queue, secret="n" * 40,
                   secret_previous=previous)  # fmt: skip
    async with after.working():
        assert (await after.decide(cycle)).step is Step.TRANSFORM
        history = await temporal.get_workflow_handle(wire.workflow_id(cycle)).fetch_history()
        used = {bytes(one.metadata["key"]) for one in payloads_in(history) if "key" in one.metadata}
        assert len(used) == 2
