"""An engine or a worker that is dead or hangs: 503 in time, nothing twice, and all goes on by itself."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine
from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import WorkflowEnvironment

from api.gateway import EngineAwayError, Gateway
from engine.contracts.cycle import COMMAND, workflow_id
from engine.domain.cycle import commands as c
from engine.domain.errors import DomainError
from engine.language.refusals import sentence
from engine.runtime.embedded.devserver import DYNAMIC_CONFIG, find_binary
from tests.api.conftest import Http, problem, serving
from tests.support import city
from tests.support.office import Office, office
from workflows.upkeep.waking import nudge


@pytest.fixture
async def own_engine(tmp_path: Path) -> AsyncIterator[tuple[Client, int]]:
    """A dev server that nobody else uses, and its process."""
    arguments = [word for value in DYNAMIC_CONFIG for word in ("--dynamic-config-value", value)]
    before = set(_children())
    environment = await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(find_binary()), dev_server_extra_args=arguments
    )
    (server,) = set(_children()) - before
    async with environment:
        yield environment.client, server


def _children() -> Iterator[int]:
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(stat.read_text().rpartition(")")[2].split()[1]) == os.getpid() and "temporal" in stat.read_text():
                yield int(stat.parent.name)


@contextmanager
def stopped(process: int) -> Iterator[None]:
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process, signal.SIGCONT)


async def test_a_hung_engine_is_a_503_in_time_for_one_for_many_and_for_a_page_and_the_same_key_does_it_once(
    own_engine: tuple[Client, int], sqlite: Engine
) -> None:
    client, server = own_engine
    async with serving(client, sqlite, engine_patience=1.0) as http:
        cycle = await http.start()
        await http.hand_in(cycle, city.imagine())
        tell = {"json": {"text": "一"}, "idempotency_key": "k"}
        approve = {"items": [{"cycle_id": cycle, "round": 1, "action": "approve"}]}
        with stopped(server):
            clock = asyncio.get_running_loop().time
            began = clock()
            hung = await http.call("POST", f"/cycles/{cycle}/comments", **tell)
            many = await http.call("POST", "/inbox/decisions", city.UNIT_CHIEF, approve, idempotency_key="bulk")
            new = await http.call("POST", "/initiatives", json=asked("甲"), idempotency_key=uuid4().hex)
            took = clock() - began
        assert (problem(hung)[:2], hung.headers["retry-after"]) == ((503, "engine_away"), "2")
        assert many.json()["items"][0]["problem"]["code"] == "engine_away"
        assert problem(new)[:2] == (503, "engine_away")
        assert took < 3 * 20  # three times the old patience of one
        done = await again(http, f"/cycles/{cycle}/comments", **tell)
        assert (done.status_code, done.json()["comments"]) == (200, 1)
        decided = await again(http, "/inbox/decisions", city.UNIT_CHIEF, json=approve, idempotency_key="bulk")
        assert decided.json()["items"][0]["ok"]


def asked(title: str) -> dict[str, str]:
    return {"title": title, "org_scope": "individual", "org_unit": "U", "work_scope": "task"}


async def again(http: Http, path: str, person: str = city.OWNER, **more: object) -> object:
    """As a client does that was told to come again."""
    for _ in range(30):
        answer = await http.call("POST", path, person, **more)  # type: ignore[arg-type]
        if answer.status_code != 503 and "retry-after" not in answer.headers:
            return answer
        await asyncio.sleep(0.5)
    return answer


async def test_without_a_worker_a_command_is_told_to_come_again_and_done_once_when_there_is_one(
    temporal: Client, sqlite: Engine
) -> None:
    at = office(temporal, sqlite)
    async with at.working():
        cycle = await at.start()
    hurried = Gateway(at.client, at.directory, at.journal, at.names, patience=0.5)
    command = c.Command(id="k", actor=city.OWNER, body=c.Comment(text="一"))
    with pytest.raises(EngineAwayError):
        await hurried.command(cycle, command)
    async with at.working():
        assert (await at.gateway.command(cycle, command)).revision == 2
    assert at.state(cycle).comments == 1


class Gone:
    """A client whose server is not there."""

    def __init__(self, status: RPCStatusCode, times: int) -> None:
        self.status, self.left = status, times

    def get_workflow_handle(self, _name: str) -> "Gone":
        return self

    async def signal(self, *_words: object, **_more: object) -> None:
        if self.left:
            self.left -= 1
            raise RPCError("gone", self.status, b"")

    async def describe(self) -> None:
        raise RPCError("gone", self.status, b"")

    async def execute_update(self, *_words: object, **_more: object) -> None:
        raise RPCError("gone", self.status, b"")

    async def execute_update_with_start_workflow(self, *_words: object, **_more: object) -> None:
        raise RPCError("gone", self.status, b"")


async def test_what_stands_in_the_journal_is_answered_though_the_engine_is_away(working: Office) -> None:
    cycle = await working.start()
    comment = c.Command(id="k", actor=city.OWNER, body=c.Comment(text="一"))
    first = await working.gateway.command(cycle, comment)
    gone = Gateway(
        Gone(RPCStatusCode.UNAVAILABLE, 99), working.directory, working.journal, working.names, patience=0.1  # type: ignore[arg-type]
    )  # fmt: skip
    assert await gone.command(cycle, comment) == first


@pytest.mark.parametrize("status", [RPCStatusCode.UNAVAILABLE, RPCStatusCode.INTERNAL, RPCStatusCode.UNKNOWN])
async def test_a_start_without_an_engine_is_told_as_that_whatever_the_server_says(
    working: Office, status: RPCStatusCode
) -> None:
    opened = working.journal.events(await working.start())[0].data
    gone = Gateway(Gone(status, 99), working.directory, working.journal, working.names, patience=0.1)  # type: ignore[arg-type]
    with pytest.raises(EngineAwayError):
        await gone.start(opened, actor=city.OWNER, command_id="x", fingerprint="x")  # type: ignore[arg-type]


async def test_two_starts_of_one_id_with_other_words_are_one_and_the_other_is_refused(working: Office) -> None:
    first = working.journal.events(await working.start())[0].data
    name = f"i{uuid4().hex[:10]}"
    opened = first.model_copy(update={"initiative_id": name, "cycle_id": f"{name}-1"})
    answers = await asyncio.gather(
        *(
            working.gateway.start(opened, actor=city.OWNER, command_id="k", fingerprint=words)  # type: ignore[arg-type]
            for words in ("甲", "乙", "甲")
        ),
        return_exceptions=True,
    )
    refused = [one for one in answers if isinstance(one, DomainError)]
    assert {error.refusal.code for error in refused} == {"idempotency_key_reused"}
    assert len(refused) in {1, 2}
    assert len(working.journal.events(f"{name}-1")) == 1


async def test_other_words_under_one_command_id_are_refused_by_the_engine_itself(working: Office) -> None:
    cycle = await working.start()
    commands = [c.Command(id="same", actor=city.OWNER, body=c.Comment(text=text)) for text in ("一", "二", "三")]
    answers = await asyncio.gather(*(working.gateway.command(cycle, one) for one in commands), return_exceptions=True)
    assert sum(isinstance(one, c.Receipt) for one in answers) == 1
    assert working.state(cycle).comments == 1


async def test_a_nudge_is_told_again_until_the_engine_takes_it_and_says_when_it_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("workflows.upkeep.waking.NUDGED_AGAIN", (0.0, 0.0))
    assert await nudge(Gone(RPCStatusCode.UNAVAILABLE, 2), ["a", "b"]) == 2  # type: ignore[arg-type]
    assert await nudge(Gone(RPCStatusCode.NOT_FOUND, 1), ["a", "b"]) == 1  # type: ignore[arg-type]
    with pytest.raises(RPCError):
        await nudge(Gone(RPCStatusCode.UNAVAILABLE, 3), ["a"])  # type: ignore[arg-type]


async def test_an_update_whose_command_nobody_foresaw_fails_itself_and_not_the_cycle(working: Office) -> None:
    cycle = await working.start()
    handle = working.client.get_workflow_handle(workflow_id(cycle))
    with pytest.raises(WorkflowUpdateFailedError):
        await handle.execute_update(COMMAND, {"id": "x", "actor": city.OWNER, "body": {"type": "fly"}})
    assert (await working.give(cycle, city.OWNER, c.Comment(text="まだ動く"))).revision == 2


@pytest.mark.parametrize("code", ["engine_away", "database_away", "not_written_yet", "not_recorded", "not_decided"])
def test_what_a_person_is_told_names_no_key_and_no_part_of_a_program(code: str) -> None:
    for language, words in (("ja", ("キー", "key")), ("en", (" key", "Idempotency"))):
        assert not [word for word in words if word in sentence(code, language)]
