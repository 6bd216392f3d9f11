"""Check, without any network, that both locks fit `pyproject.toml` and can be installed anywhere.

Every requirement is pinned to a version it allows, every pin carries hashes, the runtime lock is a part of the
development lock, and no line names an index, a URL or a path. Prints one line for each problem; exit 1 if any.
"""

import re
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;]+)")
PLACES = re.compile(r"^\s*-[-a-z]+|://|\s@\s|file:/|(?:^|\s)/\w")


def pins(lock: Path) -> dict[str, Version]:
    """Return canonical name to version for each pinned line of a lock."""
    found = (PIN.match(line) for line in lock.read_text(encoding="utf-8").splitlines())
    return {canonicalize_name(pin["name"]): Version(pin["version"]) for pin in found if pin}


def unhashed(lock: Path) -> list[str]:
    """Name each pin that is not followed by a hash."""
    lines = lock.read_text(encoding="utf-8").splitlines()
    pairs = zip(lines, [*lines[1:], ""], strict=True)
    return [line for line, after in pairs if PIN.match(line) and "--hash=sha256:" not in after]


def places(lock: Path) -> list[str]:
    """List the lines that name an index, an option, a URL or a path; there must be none."""
    lines = [line for line in lock.read_text(encoding="utf-8").splitlines() if not line.strip().startswith("--hash=")]
    return [line for line in lines if PLACES.search(line)]


def missing(requirements: list[str], pinned: dict[str, Version], lock_name: str) -> list[str]:
    """Name each requirement that applies here and is not pinned, or pinned to a version it does not allow."""
    problems = []
    for requirement in map(Requirement, requirements):
        if requirement.marker is not None and not requirement.marker.evaluate():
            continue
        version = pinned.get(canonicalize_name(requirement.name))
        if version is None:
            problems.append(f"{lock_name}: {requirement} is not pinned; run `make lock`")
        elif not requirement.specifier.contains(version, prereleases=True):
            problems.append(f"{lock_name}: {version} is pinned, but {requirement} is asked for; run `make lock`")
    return problems


def problems(root: Path) -> list[str]:
    """Everything that is wrong with the two locks under `root`; empty when they are good."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    build: list[str] = project["build-system"]["requires"]
    runtime_asked: list[str] = project["project"]["dependencies"] + build
    dev_asked: list[str] = runtime_asked + project["project"]["optional-dependencies"]["dev"]
    runtime, dev = root / "requirements.lock", root / "requirements-dev.lock"
    runtime_pins, dev_pins = pins(runtime), pins(dev)
    wrong = missing(runtime_asked, runtime_pins, runtime.name) + missing(dev_asked, dev_pins, dev.name)
    for lock in (runtime, dev):
        wrong += [f"{lock.name}: no hash for {line.strip()}" for line in unhashed(lock)]
        wrong += [f"{lock.name}: names a place: {line.strip()}" for line in places(lock)]
    wrong += [
        f"{name} is {version} in {runtime.name} and {dev_pins.get(name)} in {dev.name}; run `make lock`"
        for name, version in runtime_pins.items()
        if dev_pins.get(name) != version
    ]
    return wrong


def main() -> int:
    """Print the problems, one a line."""
    wrong = problems(ROOT)
    for line in wrong:
        sys.stderr.write(f"{line}\n")
    if not wrong:
        sys.stdout.write("locks: every requirement pinned, hashed and free of places\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
