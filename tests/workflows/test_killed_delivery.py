"""A worker process that is killed in the middle of a delivery: another one goes on where the record ends."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine
from temporalio.client import Client

from engine.runtime.signing import webhook_secret
from tests.support.receiver import receiving
from tests.workflows.test_delivery import KEY, Town, numbers

pytestmark = pytest.mark.slow


async def test_a_worker_killed_in_the_middle_of_a_delivery_is_taken_over_with_nothing_lost_or_out_of_order(
    temporal: Client, sqlite: Engine, tmp_path: Path
) -> None:
    town = Town.of(temporal, sqlite)
    settings = town.at.settings.model_copy(
        update={
            "database_url": str(sqlite.url),
            "temporal_address": temporal.service_client.config.target_host,
            "data_dir": tmp_path,
        }
    )
    command = [sys.executable, "-m", "api.cli.main", "worker"]
    doomed = subprocess.Popen(  # noqa: ASYNC220 - only begins it
        command, env=os.environ | settings.environment(), stderr=subprocess.DEVNULL
    )
    try:
        with receiving() as receiver:
            receiver.answers = lambda number: -30 if number == 1 else 200
            name = town.register(receiver.url)
            cycle = await town.at.start()
            await town.at.until(lambda: len(receiver.got) == 1, within=180)
            await town.say(cycle, "一", "二")
            await town.at.until(lambda: len(receiver.got) == 2)  # it hangs at the second
            doomed.send_signal(signal.SIGKILL)
            doomed.wait(timeout=120)
            async with town.open():
                await town.at.until(lambda: len(receiver.taken) == 3, within=180)
            assert receiver.taken == numbers(cycle, 1, 2, 3)
            assert all(one.is_signed_with(webhook_secret(KEY, name, 1)) for one in receiver.got)
            assert len({one.body for one in receiver.got if one.id == f"{cycle}/2"}) == 1
    finally:
        doomed.kill()
        doomed.wait(timeout=120)
