import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.whole import until

SOON = 120.0
"""Seconds a busy machine may take for what takes a few."""
SPIRAL = (sys.executable, "-m", "api.cli.main")
FAKE = """
    import sys
    from api.cli import main
    from api.cli.operate import up
    from engine.runtime.embedded.http_ready import http_ready
    from engine.runtime.embedded.supervisor import ProcessPart
    SERVER = (sys.executable, "-m", "http.server", "--bind", "127.0.0.1")
    def parts(whole, binary):
        port = whole.settings.port
        return (ProcessPart("api", (*SERVER, str(port)), lambda _: http_ready("127.0.0.1", port, "/")),)
    up.parts_of = parts
    up._prepare_store = lambda settings, sample: None
    up._first_run = lambda settings, url: None
    main.main()
"""
Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """`spiral up` with a tiny web server for its only part; everything around the parts is the real thing."""
    with ExitStack() as stack:

        def begin(*arguments: str) -> subprocess.Popen[str]:
            process = subprocess.Popen(
                [sys.executable, "-c", textwrap.dedent(FAKE), "up", "--no-sample", "--port", "0", *arguments],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            )  # fmt: skip
            stack.enter_context(process)
            stack.callback(process.kill)
            return process

        yield begin


def wait_until_ready(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline().strip()
    assert line.startswith("ready http://127.0.0.1:"), line or process.stderr
    return line


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_up_says_ready_once_runs_until_asked_to_stop_and_leaves_nothing_behind(
    start: Start, tmp_path: Path, number: signal.Signals, gone: Callable[..., bool]
) -> None:
    process = start()
    ready = wait_until_ready(process)
    run = json.loads((tmp_path / "data" / "run.json").read_text())
    assert ready.endswith(f":{run['port']}")
    assert run["supervisor"]["pid"] == process.pid
    process.send_signal(number)
    rest, errors = process.communicate(timeout=SOON)
    assert (process.returncode, rest.count("ready http"), errors) == (0, 0, "")
    assert gone([part["pid"] for part in run["parts"]])
    assert not (tmp_path / "data" / "run.json").exists()


def test_a_second_start_says_so_in_one_line_and_leaves_the_first_alone(start: Start, tmp_path: Path) -> None:
    first = start()
    wait_until_ready(first)
    second = start()
    out, errors = second.communicate(timeout=SOON)
    assert (second.returncode, out, errors.count("\n")) == (1, "", 1)
    assert str(tmp_path / "data") in errors
    assert str(first.pid) in errors
    assert first.poll() is None


@pytest.mark.slow
def test_it_starts_again_on_the_same_directory_after_it_was_killed(start: Start) -> None:
    first = start()
    wait_until_ready(first)
    first.kill()
    first.wait(timeout=SOON)
    second = start()
    assert second.stdout is not None
    lines = iter(second.stdout.readline, "")
    assert any(line.startswith("ready ") for line in lines)


@pytest.mark.slow
def test_that_nobody_reads_its_output_any_more_does_not_stop_it(start: Start, tmp_path: Path) -> None:
    process = start()
    assert process.stdout is not None
    process.stdout.close()
    until((tmp_path / "data" / "run.json").exists, within=SOON)
    time.sleep(0.5)
    assert process.poll() is None
    os.kill(process.pid, signal.SIGTERM)
    assert process.wait(timeout=SOON) == 0


@pytest.mark.slow
def test_a_port_in_use_is_refused_before_anything_is_started(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        for option in ("--port", "--temporal-port"):
            other = () if option == "--port" else ("--port", "0")
            done = subprocess.run(
                [*SPIRAL, "up", option, port, *other], check=False, capture_output=True, text=True, timeout=120
            )
            assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
            assert f"127.0.0.1:{port}" in done.stderr
    assert not (tmp_path / "data" / "spiral.db").exists()
    assert not (tmp_path / "data" / "logs").exists()


@pytest.mark.parametrize("words", [["up", "--port", "many"], ["fly"], ["up", "--fast"]])
def test_a_command_line_that_makes_no_sense_is_one_line_and_exit_2(words: list[str]) -> None:
    done = subprocess.run([*SPIRAL, *words], check=False, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


@pytest.mark.slow
def test_the_help_names_every_command_and_says_it_in_both_languages() -> None:
    done = subprocess.run([*SPIRAL, "--help"], check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0
    for word in ("up", "api", "worker", "起動", "everything"):
        assert word in done.stdout
