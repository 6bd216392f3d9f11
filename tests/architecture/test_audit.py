"""`make audit`: what was not looked up is never told as good. The two programs that it runs are played here."""

import importlib
import json
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

LOCK = "good==1.2 \\\n    --hash=sha256:00\n"
DEV_LOCK = LOCK + "tester==3.0 \\\n    --hash=sha256:11\n"
COMPONENTS = [
    {"name": "Good", "version": "1.2", "bom-ref": "Good==1.2"},
    {"name": "tester", "version": "3.0", "bom-ref": "tester==3.0"},
]
BILL = {
    "bomFormat": "CycloneDX",
    "metadata": {"component": {"bom-ref": "root-component"}},
    "components": COMPONENTS,
    "dependencies": [
        {"ref": "root-component", "dependsOn": ["Good==1.2", "tester==3.0"]},
        {"ref": "Good==1.2"},
        {"ref": "tester==3.0", "dependsOn": ["Good==1.2"]},
    ],
}
SOUND = [{"name": "Good", "version": "1.2", "vulns": []}, {"name": "tester", "version": "3.0", "vulns": []}]
WEAK = [{**SOUND[0], "vulns": [{"id": "X-2026-1", "fix_versions": ["1.3"]}]}, SOUND[1]]
UNKNOWN = [SOUND[0], {"name": "tester", "skip_reason": "Dependency not found on PyPI and could not be audited"}]
OTHER_VERSION = [SOUND[0], {**SOUND[1], "version": "2.9"}]


@pytest.fixture(scope="module")
def audit(root: Path) -> ModuleType:
    sys.path.insert(0, str(root))
    try:
        return importlib.import_module("scripts.audit")
    finally:
        sys.path.remove(str(root))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "requirements.lock").write_text(LOCK, encoding="utf-8")
    (tmp_path / "requirements-dev.lock").write_text(DEV_LOCK, encoding="utf-8")
    return tmp_path


def _program(folder: Path, name: str, code: str) -> None:
    file = folder / name
    file.write_text(f"#!{sys.executable}\nimport sys\n{code}\n", encoding="utf-8")
    file.chmod(0o755)


@pytest.fixture
def programs(project: Path) -> Path:
    folder = project / "programs"
    folder.mkdir()
    bill = json.dumps(BILL)
    _program(folder, "cyclonedx-py", f"open(sys.argv[sys.argv.index('-o') + 1], 'w').write({bill!r})")
    return folder


def _answers(programs: Path, dependencies: list[dict[str, Any]], code: int = 0) -> None:
    report = json.dumps({"dependencies": dependencies, "fixes": []})
    _program(programs, "pip-audit", f"print({report!r})\nsys.exit({code})")


def test_every_pin_that_was_looked_up_and_is_sound_is_good(
    audit: ModuleType, project: Path, programs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _answers(programs, SOUND)
    assert audit.audit(programs, project, "pypi") == 0
    assert "known weaknesses: 0 in 2 packages, as pypi knows them" in capsys.readouterr().out


def test_a_known_weakness_is_named_with_where_it_is_mended(
    audit: ModuleType, project: Path, programs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _answers(programs, WEAK, code=1)
    assert audit.audit(programs, project, "osv") == audit.WEAK
    assert "good 1.2: X-2026-1, mended in 1.3" in capsys.readouterr().err


@pytest.mark.parametrize("told", [UNKNOWN, OTHER_VERSION, SOUND[:1], []])
def test_a_package_that_nobody_looked_up_is_named_and_never_good(
    audit: ModuleType, project: Path, programs: Path, told: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    _answers(programs, told)  # the program itself ends with 0 and says that nothing is known
    assert audit.audit(programs, project, "pypi") == audit.UNCHECKED
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert "tester" in said[0]


def test_a_service_that_cannot_be_reached_is_one_line_and_no_good_end(
    audit: ModuleType, project: Path, programs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _program(
        programs, "pip-audit", "sys.stderr.write('Traceback\\n  …\\nConnectionError: no such host\\n')\nsys.exit(1)"
    )
    assert audit.audit(programs, project, "osv") == audit.UNCHECKED
    assert capsys.readouterr().err == "known weaknesses: osv gave no answer: ConnectionError: no such host\n"
    (programs / "pip-audit").unlink()
    assert audit.audit(programs, project, "osv") == audit.UNCHECKED


def test_the_bill_holds_what_the_product_installs_and_nothing_that_tests_it(
    audit: ModuleType, project: Path, programs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit.audit(programs, project, None) == 0
    assert "not asked for" in capsys.readouterr().out
    bill = json.loads((project / "build" / "sbom.cdx.json").read_text(encoding="utf-8"))
    assert [one["name"] for one in bill["components"]] == ["Good"]
    assert bill["dependencies"] == [
        {"ref": "root-component", "dependsOn": ["Good==1.2"]},
        {"ref": "Good==1.2", "dependsOn": []},
    ]


def test_an_environment_that_is_not_as_locked_gets_no_bill(
    audit: ModuleType, project: Path, programs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "requirements.lock").write_text(LOCK.replace("1.2", "1.3"), encoding="utf-8")
    _answers(programs, SOUND)
    assert audit.audit(programs, project, None) == audit.UNCHECKED
    assert "not installed as locked: good" in capsys.readouterr().err
    assert not (project / "build").exists()


def test_what_the_audit_runs_is_pinned_hashed_and_no_part_of_the_product(audit: ModuleType, root: Path) -> None:
    lock = root / "scripts" / "audit-tools.lock"
    text = lock.read_text(encoding="utf-8")
    pinned = re.findall(r"^([\w.-]+)==", text, re.MULTILINE)
    assert {"pip-audit", "cyclonedx-bom"} <= set(pinned)
    assert len(re.findall(r"^[\w.-]+==\S+ \\\n    --hash=sha256:", text, re.MULTILINE)) == len(pinned)
    ours = set(audit.pins(root / "requirements-dev.lock"))
    assert not {"pip-audit", "cyclonedx-bom"} & ours


@pytest.mark.slow
def test_programs_that_cannot_be_installed_are_one_line(audit: ModuleType, tmp_path: Path) -> None:
    lock = tmp_path / "audit-tools.lock"
    lock.write_text("no-such-thing @ file:///nowhere/at-all.whl --hash=sha256:00\n", encoding="utf-8")
    with pytest.raises(audit.NotDoneError, match="cannot be installed") as told:
        audit.install(tmp_path / "tools", lock)
    assert "\n" not in str(told.value)
    assert not (tmp_path / "tools" / "installed-from").exists()


def test_the_make_target_runs_it_from_the_root(root: Path) -> None:
    told = subprocess.run(
        ["make", "-n", "--no-print-directory", "audit", "ARGS=--offline"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.splitlines()[-1].endswith("python -m scripts.audit --offline")
