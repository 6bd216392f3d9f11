import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.runtime import ports
from engine.runtime.embedded.supervisor import ProcessPart, Restarts, Supervisor
from engine.runtime.problems import SetupError
from engine.runtime.runfile import RunningProcess

Make = Callable[..., ProcessPart]
QUICK = Restarts(limit=2, window=30, first_pause=0.01, longest_pause=0.02)


async def test_ready_is_said_once_when_every_part_answers_and_stop_ends_them_all(
    tmp_path: Path, answering_part: Make, gone: Callable[..., bool]
) -> None:
    parts = [answering_part(name, ports.any_free("127.0.0.1")) for name in ("first", "second")]
    told: list[list[RunningProcess]] = []
    supervisor = Supervisor(parts, tmp_path, on_change=lambda running: told.append(list(running)))
    ready: list[bool] = []

    async def when_ready() -> None:
        ready.extend([await part.answers(0) for part in parts])
        supervisor.stop()

    await supervisor.run(when_ready)
    assert ready == [True, True]
    assert {part.name for part in told[-1]} == {"first", "second"}
    assert gone([part.pid for part in told[-1]])


async def test_parts_stop_in_the_reverse_of_the_order_they_need_each_other(
    tmp_path: Path, scripted_part: Make
) -> None:
    code = """
        import signal, sys, time
        def stop(*_):
            time.sleep(0.2); open(sys.argv[1], "a").write(sys.argv[2] + "\\n"); sys.exit(0)
        signal.signal(signal.SIGTERM, stop)
        open(sys.argv[3], "w").close()
        time.sleep(60)
    """
    order = tmp_path / "order"

    def part(name: str) -> ProcessPart:
        flag = tmp_path / f"{name}.up"

        async def up(_pid: int) -> bool:
            return flag.exists()

        return scripted_part(name, code, str(order), name, str(flag), answers=up)

    supervisor = Supervisor([part("server"), part("worker"), part("api")], tmp_path / "logs")

    async def when_ready() -> None:
        supervisor.stop()

    await supervisor.run(when_ready)
    assert order.read_text().split() == ["api", "worker", "server"]


async def test_a_part_that_dies_is_started_again(tmp_path: Path, answering_part: Make) -> None:
    port = ports.any_free("127.0.0.1")
    pids: list[int] = []
    supervisor = Supervisor(
        [answering_part("worker", port)], tmp_path, lambda running: pids.extend(p.pid for p in running), QUICK
    )

    async def when_ready() -> None:
        os.kill(pids[0], signal.SIGKILL)
        for _ in range(100):
            if len(pids) > 1 and await answering_part("worker", port).answers(pids[1]):
                break
            await asyncio.sleep(0.05)
        supervisor.stop()

    await supervisor.run(when_ready)
    assert len(set(pids)) == 2


async def test_a_part_that_keeps_dying_ends_the_whole_with_its_name_and_last_words(
    tmp_path: Path, scripted_part: Make, answering_part: Make, gone: Callable[..., bool]
) -> None:
    running: list[RunningProcess] = []
    healthy = answering_part("api", ports.any_free("127.0.0.1"))
    sick = scripted_part("worker", "print('no table named events'); raise SystemExit(3)")
    supervisor = Supervisor([sick, healthy], tmp_path, running.extend, QUICK)

    async def when_ready() -> None:
        await asyncio.sleep(0)

    with pytest.raises(SetupError, match=r"worker.*3.*no table named events") as caught:
        await supervisor.run(when_ready)
    assert "\n" not in str(caught.value)
    assert (tmp_path / "worker.log").read_text().count("no table") == QUICK.limit + 1
    assert gone([part.pid for part in running])


async def test_a_part_that_never_answers_is_named(tmp_path: Path, scripted_part: Make) -> None:
    async def no(_pid: int) -> bool:
        return False

    part = scripted_part("api", "import time; time.sleep(60)", answers=no, patience=0.3)
    with pytest.raises(SetupError, match=r"api did not answer"):
        await Supervisor([part], tmp_path).run(lambda: asyncio.sleep(0))


async def test_a_part_that_will_not_stop_is_killed_after_its_grace(
    tmp_path: Path, scripted_part: Make, gone: Callable[..., bool]
) -> None:
    deaf = """
        import signal, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN); print("deaf", flush=True); time.sleep(60)
    """
    log = tmp_path / "worker.log"

    async def deaf_by_now(_pid: int) -> bool:
        return "deaf" in log.read_text()

    pids: list[int] = []
    part = scripted_part("worker", deaf, answers=deaf_by_now, grace=0.3)
    supervisor = Supervisor([part], tmp_path, lambda running: pids.extend(p.pid for p in running))

    async def when_ready() -> None:
        supervisor.stop()

    began = time.monotonic()
    await supervisor.run(when_ready)
    assert 0.3 < time.monotonic() - began < 5
    assert gone(pids)


async def test_how_a_part_ends_after_it_was_asked_to_is_no_failure(tmp_path: Path, scripted_part: Make) -> None:
    fatal = """
        import os, signal, time
        signal.signal(signal.SIGTERM, lambda *_: os.abort()); print("up", flush=True); time.sleep(60)
    """
    log = tmp_path / "worker.log"

    async def up(_pid: int) -> bool:
        return log.exists() and "up" in log.read_text()

    supervisor = Supervisor([scripted_part("worker", fatal, answers=up)], tmp_path)

    async def when_ready() -> None:
        supervisor.stop()

    await supervisor.run(when_ready)
    assert log.read_text() == "up\n"


async def test_a_stop_during_the_pause_before_a_restart_does_not_wait_for_it(
    tmp_path: Path, scripted_part: Make
) -> None:
    async def no(_pid: int) -> bool:
        return False

    slow = Restarts(limit=9, first_pause=30, longest_pause=30)
    supervisor = Supervisor([scripted_part("worker", "pass", answers=no)], tmp_path, restarts=slow)
    asyncio.get_running_loop().call_later(0.5, supervisor.stop)
    began = time.monotonic()
    await supervisor.run(lambda: asyncio.sleep(0))
    assert time.monotonic() - began < 5


def test_the_pause_doubles_with_every_death_up_to_the_longest() -> None:
    assert [Restarts().pause(deaths) for deaths in (1, 2, 3, 9)] == [0.2, 0.4, 0.8, 5.0]


async def test_a_log_that_grew_too_large_is_put_aside(
    tmp_path: Path, scripted_part: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.runtime.embedded.supervisor._LARGEST_LOG", 10)
    (tmp_path / "api.log").write_text("old " * 10)
    supervisor = Supervisor([scripted_part("api", "import time; time.sleep(60)")], tmp_path)

    async def when_ready() -> None:
        supervisor.stop()

    await supervisor.run(when_ready)
    assert (tmp_path / "api.log.1").read_text() == "old " * 10
    assert "old" not in (tmp_path / "api.log").read_text()


def test_no_part_outlives_a_supervisor_that_was_killed(tmp_path: Path, gone: Callable[..., bool]) -> None:
    code = """
import asyncio, sys
from pathlib import Path
from engine.runtime.embedded.supervisor import ProcessPart, Supervisor
async def yes(_): return True
sleeper = (sys.executable, "-c", "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(60)")
seen = []
parts = [ProcessPart(n, sleeper, yes) for n in "ab"]
supervisor = Supervisor(parts, Path(sys.argv[1]), lambda parts: seen.append(parts))
async def ready():
    print(*[part.pid for part in seen[-1]], flush=True)
asyncio.run(supervisor.run(ready))
"""
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE) as supervisor:
        assert supervisor.stdout is not None
        pids = [int(word) for word in supervisor.stdout.readline().split()]
        supervisor.kill()
    assert len(pids) == 2
    assert gone(pids)


async def test_a_second_stop_ends_at_once_what_takes_its_time_over_the_first(
    tmp_path: Path, scripted_part: Make, gone: Callable[..., bool]
) -> None:
    slow = """
        import signal, time
        signal.signal(signal.SIGTERM, lambda *_: print("soon", flush=True)); print("up", flush=True)
        while True: time.sleep(1)
    """
    log = tmp_path / "worker.log"

    async def up(_pid: int) -> bool:
        return log.exists() and "up" in log.read_text()

    pids: list[int] = []
    part = scripted_part("worker", slow, answers=up, grace=100)
    supervisor = Supervisor([part], tmp_path, lambda running: pids.extend(p.pid for p in running))

    async def insisting() -> None:
        for _ in range(1000):
            if "soon" in log.read_text():
                break
            await asyncio.sleep(0.02)
        supervisor.stop()

    async def when_ready() -> None:
        supervisor.stop()
        tasks.append(asyncio.create_task(insisting()))

    tasks: list[asyncio.Task[None]] = []
    async with asyncio.timeout(30):
        await supervisor.run(when_ready)
    assert gone(pids)


async def test_what_runs_beside_the_parts_and_takes_no_cancellation_does_not_hold_the_end_up(
    tmp_path: Path, answering_part: Make, gone: Callable[..., bool]
) -> None:
    port, pids = ports.any_free("127.0.0.1"), list[int]()
    supervisor = Supervisor([answering_part("api", port)], tmp_path, lambda now: pids.extend(one.pid for one in now))
    free = asyncio.Event()

    async def stubborn() -> None:
        supervisor.stop()
        while not free.is_set():
            try:
                await free.wait()
            except asyncio.CancelledError:
                continue

    async with asyncio.timeout(30):
        await supervisor.run(stubborn)
    free.set()
    assert gone(pids)
