"""The faults: each hurts a running city, leaves it hurt for a while, and gives it back to itself or to its operator.

A fault ends when the whole could be well again; nobody mends what is in the database or the engine by hand.
"""

import asyncio
import os
import random
import shutil
import signal
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

import psycopg

from engine.runtime.embedded.devserver import DATABASE_FILE
from tests.faults.recorder.place import Place

Strike = Callable[[Place, random.Random], Awaitable[None]]
EVERYWHERE: dict[str, Strike] = {}
ON_SQLITE: dict[str, Strike] = {}
ON_POSTGRESQL: dict[str, Strike] = {}


def strikes(database: str) -> dict[str, Strike]:
    """What can be done to a city on this database, by name."""
    return EVERYWHERE | (ON_POSTGRESQL if database == "postgresql" else ON_SQLITE)


def _fault(kind: dict[str, Strike]) -> Callable[[Strike], Strike]:
    def named(strike: Strike) -> Strike:
        kind[strike.__name__] = strike
        return strike

    return named


def _kill(*parts: str) -> Strike:
    async def strike(city: Place, _: random.Random) -> None:
        city.send(signal.SIGKILL, *parts)
        await asyncio.sleep(0.5)

    return strike


def _pause(part: str, least: float, most: float) -> Strike:
    async def strike(city: Place, dice: random.Random) -> None:
        city.send(signal.SIGSTOP, part)
        await asyncio.sleep(dice.uniform(least, most))
        city.send(signal.SIGCONT, part)

    return strike


for _parts in (("api",), ("worker",), ("temporal",), ("api", "temporal"), ("worker", "api")):
    EVERYWHERE[f"kill_{'_and_'.join(_parts)}"] = _kill(*_parts)
for _part in ("api", "worker", "temporal", "supervisor"):
    EVERYWHERE[f"pause_{_part}"] = _pause(_part, 2, 8)


@_fault(EVERYWHERE)
async def kill_supervisor(city: Place, _: random.Random) -> None:
    """Its parts go on without it; the next start ends them and begins anew."""
    await asyncio.to_thread(city.kill_supervisor)
    await asyncio.to_thread(city.up)


@_fault(EVERYWHERE)
async def kill_everything(city: Place, _: random.Random) -> None:
    """A power cut."""
    await asyncio.to_thread(city.kill_all)
    await asyncio.to_thread(city.up)


@_fault(EVERYWHERE)
async def stop_while_writing(city: Place, _: random.Random) -> None:
    """As an operator does it, in the middle of the day."""
    assert await asyncio.to_thread(city.end) == 0
    await asyncio.to_thread(city.up)


@_fault(EVERYWHERE)
async def lose_the_engine_store(city: Place, _: random.Random) -> None:
    """Everything that Temporal knew is gone; the operator starts the open cycles again from the journal."""
    assert await asyncio.to_thread(city.end) == 0
    for file in _engine_files(city):
        file.unlink()
    if city.cluster:  # a stopped directory says where its engine is only when the database lies in it too
        await asyncio.to_thread(city.up)
    code, told = await asyncio.to_thread(city.spiral, "readopt")
    assert code == 0, told
    if not city.cluster:
        await asyncio.to_thread(city.up)


@_fault(EVERYWHERE)
async def put_back_an_older_engine_store(city: Place, dice: random.Random) -> None:
    """The engine's disk comes back from a copy that is some seconds old; the journal has gone on since."""
    aside = city.folder / "older-engine"
    aside.mkdir()
    assert await asyncio.to_thread(city.end) == 0
    for file in _engine_files(city):
        shutil.copy2(file, aside)
    await asyncio.to_thread(city.up)
    await asyncio.sleep(dice.uniform(2, 6))
    assert await asyncio.to_thread(city.end) == 0
    for file in _engine_files(city):
        file.unlink()
    for file in aside.iterdir():
        file.rename(city.folder / file.name)
    aside.rmdir()
    await asyncio.to_thread(city.up)


def _engine_files(city: Place) -> list[Path]:
    return sorted(city.folder.glob(f"{DATABASE_FILE}*"))


@_fault(ON_SQLITE)
async def hold_the_write_lock(city: Place, dice: random.Random) -> None:
    """A backup tool or a long import."""
    with closing(sqlite3.connect(city.folder / "spiral.db", isolation_level=None, timeout=30)) as other:
        other.execute("BEGIN IMMEDIATE")
        await asyncio.sleep(dice.uniform(1, 8))


@_fault(ON_POSTGRESQL)
async def lock_the_journal(city: Place, dice: random.Random) -> None:
    """Somebody holds the table against writers."""
    async with await _server(city) as server, server.transaction():
        await server.execute("LOCK TABLE journal IN EXCLUSIVE MODE")
        await asyncio.sleep(dice.uniform(1, 8))


@_fault(ON_POSTGRESQL)
async def kill_a_backend(city: Place, _: random.Random) -> None:
    """One process of the server dies, and the server takes all others down and recovers."""
    async with await _server(city) as server:
        found = await server.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() LIMIT 1"
        )
        if row := await found.fetchone():
            os.kill(row[0], signal.SIGKILL)


@_fault(ON_POSTGRESQL)
async def end_all_connections(city: Place, _: random.Random) -> None:
    """An administrator of the database clears it."""
    async with await _server(city) as server:
        await server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@_fault(ON_POSTGRESQL)
async def restart_the_database_hard(city: Place, _: random.Random) -> None:
    """`pg_ctl stop -m immediate`, and at once again."""
    assert city.cluster is not None
    await asyncio.to_thread(city.cluster.stop)
    await asyncio.to_thread(city.cluster.start)


@_fault(ON_POSTGRESQL)
async def take_the_database_away(city: Place, dice: random.Random) -> None:
    """Gone for some seconds."""
    assert city.cluster is not None
    await asyncio.to_thread(city.cluster.stop)
    await asyncio.sleep(dice.uniform(3, 12))
    await asyncio.to_thread(city.cluster.start)


async def _server(city: Place) -> psycopg.AsyncConnection:
    return await psycopg.AsyncConnection.connect(city.database_url.replace("+psycopg", ""), autocommit=True)
