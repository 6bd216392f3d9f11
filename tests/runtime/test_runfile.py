import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.runtime.problems import SetupError
from engine.runtime.runfile import (
    Run,
    RunningProcess,
    end_leftovers,
    hold,
    read_run,
    running,
    this_process,
    write_run,
)

SLEEP = (sys.executable, "-c", "import time; time.sleep(60)")
STUBBORN = (
    sys.executable,
    "-c",
    "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)",
)


def run_of(*parts: RunningProcess) -> Run:
    return Run(supervisor=this_process("me"), host="127.0.0.1", port=1, temporal_port=2, ui_port=3, parts=parts)


def test_a_second_start_on_one_directory_is_refused_naming_directory_and_pid(tmp_path: Path) -> None:
    with hold(tmp_path), pytest.raises(SetupError) as caught, hold(tmp_path):
        pass
    assert str(tmp_path) in str(caught.value)
    assert str(os.getpid()) in str(caught.value)


def test_the_directory_is_free_again_after_its_holder_was_killed(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from engine.runtime.runfile import hold\n"
        "with hold(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(SetupError, match=str(holder.pid)), hold(tmp_path):
            pass
        holder.kill()
    with hold(tmp_path):
        assert (tmp_path / "spiral.lock").read_text() == f"{os.getpid()}\n"


def test_a_directory_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SetupError, match="file") as caught, hold(tmp_path / "file" / "data"):
        pass
    assert "\n" not in str(caught.value)


def test_what_runs_is_read_back_as_written(tmp_path: Path) -> None:
    write_run(tmp_path, run_of())
    assert running(tmp_path) == run_of()
    assert run_of().url == "http://127.0.0.1:1"


def test_half_a_run_file_is_no_run_file(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text('{"supervisor": {"name"')
    assert read_run(tmp_path) is None
    assert end_leftovers(tmp_path) == []


def test_what_a_crash_left_behind_is_ended_even_if_it_does_not_listen(
    tmp_path: Path, gone: Callable[..., bool]
) -> None:
    with subprocess.Popen(SLEEP) as meek, subprocess.Popen(STUBBORN, stdout=subprocess.PIPE) as deaf:
        assert deaf.stdout is not None
        deaf.stdout.readline()
        parts = [RunningProcess.of("meek", meek.pid), RunningProcess.of("deaf", deaf.pid)]
        write_run(tmp_path, run_of(*(part for part in parts if part)))
        assert end_leftovers(tmp_path, patience=0.3) == ["meek", "deaf"]
        assert gone([meek.pid, deaf.pid])
    assert read_run(tmp_path) is None


def test_a_stranger_that_got_the_same_pid_is_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen(SLEEP) as stranger:
        part = RunningProcess.of("worker", stranger.pid)
        assert part is not None
        write_run(tmp_path, run_of(part.model_copy(update={"created": part.created - 60})))
        assert end_leftovers(tmp_path) == []
        assert stranger.poll() is None
        stranger.kill()
