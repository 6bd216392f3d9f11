"""The locks and the Makefile: what a fresh machine gets."""

import importlib.util
import re
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

GOOD = r"""good==1.2 \
    --hash=sha256:00
    # via dx-spiral (pyproject.toml)
setuptools==80.0 \
    --hash=sha256:11
"""
PROJECT = """
[build-system]
requires = ["setuptools>=77"]
[project]
dependencies = ["good>=1"]
[project.optional-dependencies]
dev = ["good"]
"""


@pytest.fixture(scope="module")
def check_lock(root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("check_lock", root / "scripts" / "check_lock.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    (tmp_path / "requirements.lock").write_text(GOOD, encoding="utf-8")
    (tmp_path / "requirements-dev.lock").write_text(GOOD, encoding="utf-8")
    return tmp_path


def test_our_locks_are_whole(check_lock: ModuleType, root: Path) -> None:
    assert check_lock.problems(root) == []


def test_a_good_lock_has_no_problems(check_lock: ModuleType, project: Path) -> None:
    assert check_lock.problems(project) == []


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("good==1.2", "good==0.9", "is asked for"),
        ("good==1.2", "other==1.2", "not pinned"),
        ("    --hash=sha256:00\n", "", "no hash"),
        ("good==1.2", "--index-url https://index.example/simple\ngood==1.2", "names a place"),
        ("good==1.2", "-e file:///somewhere\ngood==1.2", "names a place"),
        ("# via", "# via -r /somewhere/in.txt", "names a place"),
        ("setuptools==80.0", "setuptools==70.0", "setuptools"),
    ],
)
def test_a_bad_lock_is_found(check_lock: ModuleType, project: Path, before: str, after: str, said: str) -> None:
    (project / "requirements.lock").write_text(GOOD.replace(before, after), encoding="utf-8")
    assert any(said in problem for problem in check_lock.problems(project))


def test_make_help_names_every_target(root: Path) -> None:
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    assert phony is not None
    done = subprocess.run(["make", "help"], cwd=root, capture_output=True, text=True, check=True)
    assert set(re.findall(r"^  make ([\w-]+)", done.stdout, re.MULTILINE)) == set(phony[1].split())


def test_ci_runs_make_test_and_can_be_executed(root: Path) -> None:
    script = root / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    lines = script.read_text(encoding="utf-8").splitlines()
    assert "set -euo pipefail" in lines, "what fails ends it"
    assert "make test" in lines, "under no condition, and nothing after it forgives it"
    assert subprocess.run(["bash", "-n", script], check=False).returncode == 0
