"""The systemd units: each is held against a table and against what it names; systemd, where it is, judges them."""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
import typer.main

from api.cli.main import app
from engine.runtime.settings import Settings
from tests.support.programs import found

Section = dict[str, list[str]]
EXPOSURE = 1.0
"""The most of ten points that `systemd-analyze security` may give a unit; 1.0 is the end of what it calls safe."""
SHARE = "/opt/spiral/share/"


@dataclass(frozen=True)
class Unit:
    runs: tuple[str, ...]
    credentials: tuple[str, ...]
    kind: str
    needs_tables: bool = True


OF_THE_CITY = ("spiral_app_url", "spiral_secret")
TABLE = {
    "spiral-migrate.service": Unit(
        ("spiral migrate", "grants.sh"), ("spiral_owner_url",), "oneshot", needs_tables=False
    ),
    "spiral-worker@.service": Unit(("spiral worker", "ready.sh worker"), OF_THE_CITY, "exec"),
    "spiral-api.service": Unit(("spiral api", "ready.sh api"), OF_THE_CITY, "exec"),
    "spiral-verify.service": Unit(("spiral verify",), OF_THE_CITY, "oneshot"),
    "spiral-backup.service": Unit(("backup.sh %S/spiral-backups",), OF_THE_CITY, "oneshot"),
}


def read(file: Path) -> dict[str, Section]:
    """The sections of a unit; a name may stand more than once."""
    sections: dict[str, Section] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        if head := re.fullmatch(r"\[(\w+)\]", line):
            sections[head[1]] = {}
        elif line and not line.startswith("#"):
            name, _, value = line.partition("=")
            list(sections.values())[-1].setdefault(name, []).append(value)
    return sections


def environment(section: Section) -> dict[str, str]:
    return dict(word.split("=", 1) for line in section.get("Environment", []) for word in line.split())


@pytest.fixture(scope="module")
def installed(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place as `install.sh` leaves it; it may be run again."""
    place = tmp_path_factory.mktemp("installed")
    for _ in range(2):
        subprocess.run(
            ["sh", root / "scripts/systemd/install.sh"],
            env=os.environ | {"DESTDIR": str(place)},
            timeout=120,
            check=True,
        )
    return place


@pytest.fixture(scope="module")
def units(installed: Path) -> Path:
    return installed / "etc/systemd/system"


def test_there_are_the_units_of_the_table_and_two_timers(units: Path) -> None:
    assert {file.name for file in units.glob("*.service")} == set(TABLE)
    timers = {file.name: read(file)["Timer"] for file in units.glob("*.timer")}
    assert set(timers) == {"spiral-backup.timer", "spiral-verify.timer"}
    for name, said in timers.items():
        assert (units / name.replace(".timer", ".service")).is_file()
        assert (said["Persistent"], len(said["OnCalendar"])) == (["yes"], 1)


@pytest.mark.parametrize("name", TABLE)
def test_a_unit_is_what_the_table_says(name: str, units: Path, installed: Path) -> None:
    unit, expected = read(units / name), TABLE[name]
    service = unit["Service"]
    lines = [*service.get("ExecStart", []), *service.get("ExecStartPost", [])]
    short = tuple(line.replace("/opt/spiral/bin/", "").replace(f"/bin/sh {SHARE}", "") for line in lines)
    assert short == expected.runs
    assert service["Type"] == [expected.kind]
    given = tuple(line.partition(":")[0] for line in service["LoadCredential"])
    assert given == expected.credentials
    assert service["LoadCredential"] == [f"{one}:/etc/spiral/secrets/{one}" for one in given]
    assert {"MemoryMax", "TasksMax", "TimeoutStartSec"} <= set(service)
    needed = unit["Unit"].get("Requires", [])
    assert ("spiral-migrate.service" in needed) is expected.needs_tables
    assert (service.get("Restart") == ["always"]) is (expected.kind == "exec")
    named = re.findall(rf"{SHARE}(\S+)", " ".join([*lines, *environment(service).values()]))
    assert [one for one in named if not (installed / SHARE.lstrip("/") / one).is_file()] == []


def test_every_command_is_one_of_spirals() -> None:
    commands = getattr(typer.main.get_command(app), "commands", {})
    said = {words.split()[1] for unit in TABLE.values() for words in unit.runs if words.startswith("spiral ")}
    assert said - set(commands) == set()


def settings_of(root: Path) -> list[tuple[str, dict[str, str]]]:
    folder = root / "scripts/systemd"
    found = [(file.name, environment(read(file)["Service"])) for file in sorted(folder.rglob("*.service"))]
    found += [(file.name, environment(read(file)["Service"])) for file in sorted(folder.glob("optional/*.conf"))]
    example = (folder / "spiral.env.example").read_text(encoding="utf-8")
    return [*found, ("spiral.env", dict(re.findall(r"^#?([A-Z_]+)=(.*)$", example, re.MULTILINE)))]


def test_every_spiral_variable_is_a_setting_or_the_file_of_one(root: Path) -> None:
    known = {f"SPIRAL_{name.upper()}{end}" for name in Settings.model_fields for end in ("", "_FILE")} | {
        "SPIRAL_PROXIES"
    }
    named = {name for _, one in settings_of(root) for name in one if name.startswith("SPIRAL_")}
    assert named - known == set()


def test_secrets_are_credentials_of_the_unit_that_names_them(root: Path) -> None:
    folder = root / "scripts/systemd"
    for file in [*folder.glob("*.service"), *folder.glob("optional/*.conf")]:
        service = read(file)["Service"]
        loaded = {line.partition(":")[0] for line in service["LoadCredential"]}
        files = {name: value for name, value in environment(service).items() if name.endswith("_FILE")}
        assert {value.removeprefix("%d/") for value in files.values()} == loaded, file.name
    spoken = re.compile(r"PASSWORD|SECRET|TOKEN|(MAIL|CHAT|DATABASE)_URL")
    assert [name for _, one in settings_of(root) for name in one if spoken.search(name) and not name.endswith("_FILE")
            and name != "SECRETS"] == []  # fmt: skip


def test_an_optional_secret_is_one_that_make_secrets_makes(root: Path, tmp_path: Path) -> None:
    subprocess.run(
        ["sh", root / "scripts/compose/make-secrets.sh", tmp_path / "s"], capture_output=True, timeout=120, check=True
    )
    folder = root / "scripts/systemd"
    for file in [*folder.glob("*.service"), *folder.glob("optional/*.conf")]:
        for line in read(file)["Service"]["LoadCredential"]:
            assert (tmp_path / "s" / line.partition(":")[0]).is_file(), file.name


def test_hardening_reaches_every_unit_by_its_name_and_secrets_are_roots_alone(units: Path, installed: Path) -> None:
    assert all(name.startswith("spiral-") for name in TABLE)
    hardened = read(units / "spiral-.service.d/hardened.conf")["Service"]
    assert (hardened["User"], hardened["CapabilityBoundingSet"], hardened["NoNewPrivileges"]) == (
        ["spiral"],
        [""],
        ["yes"],
    )
    assert (hardened["ProtectSystem"], hardened["UMask"]) == (["strict"], ["0077"])
    assert (installed / "etc/spiral/secrets").stat().st_mode & 0o777 == 0o700


def test_what_an_operator_has_set_stays_when_it_is_installed_again(root: Path, tmp_path: Path) -> None:
    own = tmp_path / "etc/spiral/spiral.env"
    own.parent.mkdir(parents=True)
    own.write_text("SPIRAL_PUBLIC_URL=https://own.example\n", encoding="utf-8")
    given = os.environ | {"DESTDIR": str(tmp_path)}
    subprocess.run(["sh", root / "scripts/systemd/install.sh"], env=given, timeout=120, check=True)
    assert own.read_text(encoding="utf-8") == "SPIRAL_PUBLIC_URL=https://own.example\n"


@pytest.mark.parametrize("name", TABLE)
def test_systemd_itself_calls_a_unit_safe(name: str, units: Path, installed: Path) -> None:
    analyze = found("systemd-analyze", "Debian: systemd, 250 or later")
    if analyze is None:
        assert (units / name).is_file()
        return
    started = name.replace("@", "@1")
    if started != name:
        (units / started).write_bytes((units / name).read_bytes())
    done = subprocess.run(
        [analyze, "security", "--offline=true", f"--root={installed}", "--no-pager",
         f"--threshold={EXPOSURE * 10:.0f}", started],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    if started != name:
        (units / started).unlink()
    assert done.returncode == 0, done.stdout + done.stderr
    level = re.search(r"exposure level for \S+: ([\d.]+)", done.stdout)
    assert level is not None, done.stdout + done.stderr
    assert float(level[1]) <= EXPOSURE


def test_systemd_understands_every_line(units: Path, installed: Path) -> None:
    analyze = found("systemd-analyze", "Debian: systemd, 250 or later")
    if analyze is None:
        assert units.is_dir()
        return
    for place in ("opt/spiral/bin/spiral", "bin/sh"):
        program = installed / place
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text("#!/bin/sh\n", encoding="utf-8")
        program.chmod(0o755)
    names = [name.replace("@.", "@1.") for name in TABLE] + ["spiral-backup.timer", "spiral-verify.timer"]
    done = subprocess.run(
        [analyze, "verify", f"--root={installed}", *names], capture_output=True, text=True, timeout=120, check=False
    )
    ours = [line for line in done.stderr.splitlines() if "spiral" in line]
    assert [
        line for line in ours if not re.search(r"(network-online|sysinit|basic|timers|shutdown)\.target", line)
    ] == []
