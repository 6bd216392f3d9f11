"""The data directory is its account's alone."""

import os
import stat
from pathlib import Path

import pytest

from engine.runtime.embedded import private
from engine.runtime.embedded.private import close_to_others
from engine.runtime.problems import SetupError
from engine.runtime.runfile import hold
from tests.support import warm

OURS = ("spiral.db", "spiral.db-wal", "temporal.db", "secret.key", "run.json", "logs/api.log")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A directory as it was made before, among other things."""
    folder = tmp_path / "old"
    (folder / "logs").mkdir(parents=True)
    for name in (*OURS, "another.txt"):
        (folder / name).write_text("x")
        (folder / name).chmod(0o664)
    folder.chmod(0o775)
    (folder / "logs").chmod(0o755)
    return folder


def test_what_others_could_open_is_closed_and_named_and_nothing_else_is_touched(old: Path) -> None:
    assert set(close_to_others(old)) == {".", "logs", *OURS}
    assert {mode(old / name) for name in OURS} == {0o600}
    assert (mode(old), mode(old / "logs"), mode(old / "another.txt")) == (0o755, 0o700, 0o664)
    assert close_to_others(old) == []


def test_what_a_link_leads_to_is_not_ours(old: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("x")
    (tmp_path / "elsewhere").chmod(0o644)
    (old / "logs" / "linked").symlink_to(tmp_path / "elsewhere")
    assert "logs/linked" not in close_to_others(old)
    assert mode(tmp_path / "elsewhere") == 0o644


def test_a_directory_of_another_account_is_refused(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(private.os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(SetupError, match="belongs to another account"):
        close_to_others(old)


def test_a_directory_that_is_not_there_yet_is_made_for_this_account_alone(tmp_path: Path) -> None:
    assert close_to_others(tmp_path / "new") == ()
    before = os.umask(0)
    try:
        with hold(tmp_path / "new"):
            assert mode(tmp_path / "new") == 0o700
    finally:
        os.umask(before)


def test_a_command_makes_its_files_for_this_account_alone_and_says_what_it_closed(tmp_path: Path) -> None:
    folder = tmp_path / "city"
    before = os.umask(0o022)
    try:
        done = warm.spiral("migrate", "--data-dir", str(folder))
    finally:
        os.umask(before)
    assert (mode(folder), mode(folder / "spiral.db"), done.stderr) == (0o700, 0o600, "")
    (folder / "spiral.db").chmod(0o644)
    again = warm.spiral("migrate", "--data-dir", str(folder))
    assert "was open to others, and is closed now: spiral.db" in again.stderr
    assert mode(folder / "spiral.db") == 0o600
