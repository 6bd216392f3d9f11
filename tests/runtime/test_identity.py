import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from engine.runtime.embedded.devserver import find_binary
from engine.runtime.identity import ForeignEngineError, identify
from engine.runtime.settings import Settings
from engine.store.database import open_database
from engine.store.registers.installation import installation_of
from tests.support import warm
from tests.support.databases import fresh_sqlite
from tests.support.office import Office


@pytest.fixture
async def apart() -> AsyncIterator[Client]:
    async with await WorkflowEnvironment.start_local(dev_server_existing_path=str(find_binary())) as environment:
        yield environment.client


def settings_of(client: Client, database: Engine, **more: object) -> Settings:
    given = {
        "database_url": database.url.render_as_string(hide_password=False), "secret": SecretStr("s" * 40),
        "temporal_address": client.service_client.config.target_host, "graceful_timeout": 1,
    }  # fmt: skip
    return Settings.model_validate(given | more)


def test_every_database_gets_an_id_of_its_own_and_keeps_it(database: Engine, tmp_path: Path) -> None:
    first = installation_of(database)
    other = open_database(fresh_sqlite(tmp_path))
    assert first.id != installation_of(other).id
    assert (installation_of(database), first.sealed_since) == (first, None)
    assert len(first.id) == 12
    other.dispose()


async def test_an_engine_that_is_nobodys_is_claimed_and_ours_goes_on(apart: Client, database: Engine) -> None:
    settings = settings_of(apart, database)
    first = await identify(settings, database)
    assert first.names.task_queue == f"spiral-{first.installation.id}"
    assert first.installation.sealed_since is not None
    assert await identify(settings, database) == first or (await identify(settings, database)).names == first.names
    assert installation_of(database) == first.installation
    wished = await identify(settings_of(apart, database, task_queue="mine"), database)
    assert wished.names.task_queue == "mine"


async def test_of_two_that_claim_at_once_only_one_gets_it(apart: Client, tmp_path: Path) -> None:
    databases = [open_database(fresh_sqlite(tmp_path)) for _ in range(2)]
    outcomes = await asyncio.gather(
        *(identify(settings_of(apart, one), one) for one in databases), return_exceptions=True
    )
    assert sorted(isinstance(one, ForeignEngineError) for one in outcomes) == [False, True]
    for one in databases:
        one.dispose()


async def test_another_installations_engine_is_refused_unless_the_namespace_is_shared(
    apart: Client, sqlite: Engine, tmp_path: Path
) -> None:
    ours = await identify(settings_of(apart, sqlite), sqlite)
    other = open_database(fresh_sqlite(tmp_path))
    with pytest.raises(ForeignEngineError) as caught:
        await identify(settings_of(apart, other), other)
    assert settings_of(apart, other).temporal_address in str(caught.value)
    assert "\n" not in str(caught.value)
    assert installation_of(other).sealed_since is None
    beside = await identify(settings_of(apart, other, shared_namespace=True), other)
    assert beside.names.task_queue != ours.names.task_queue
    assert (await identify(settings_of(apart, other), other)).names == beside.names  # it holds ours too, by now
    assert (await identify(settings_of(apart, sqlite), sqlite)).names == ours.names
    other.dispose()


@pytest.mark.slow
@pytest.mark.parametrize("words", [("verify",), ("readopt",), ("worker",), ("api", "--port", "0")])
async def test_every_command_refuses_a_stranger_in_one_line(
    apart: Client, sqlite: Engine, tmp_path: Path, words: tuple[str, ...]
) -> None:
    await identify(settings_of(apart, sqlite), sqlite)
    other = open_database(fresh_sqlite(tmp_path))
    settings = settings_of(apart, other, data_dir=tmp_path)
    done = await asyncio.to_thread(warm.spiral, *words, env=_environment(settings))
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = [one for one in done.stderr.splitlines() if one.startswith("spiral: ")]
    assert "SPIRAL_SHARED_NAMESPACE" in line
    other.dispose()


def _environment(settings: Settings) -> dict[str, str]:
    import os

    return os.environ | settings.environment()


async def test_two_installations_in_one_namespace_work_beside_each_other(
    apart: Client, sqlite: Engine, tmp_path: Path
) -> None:
    other = open_database(fresh_sqlite(tmp_path))
    towns = [Office(apart, one, settings_of(apart, one, shared_namespace=True)) for one in (sqlite, other)]
    for town in towns:
        town.import_()
        await identify(town.settings, town.database)
    async with towns[0].working(), towns[1].working():
        cycles = [await town.start() for town in towns]
        for town, cycle, foreign in zip(towns, cycles, reversed(cycles), strict=True):
            assert town.state(cycle).revision == 1
            assert town.directory.state(foreign) is None
    assert towns[0].names.milestones("CA-01") != towns[1].names.milestones("CA-01")
    other.dispose()
