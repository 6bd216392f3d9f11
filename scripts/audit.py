"""What we install: a bill of materials, and the weaknesses that are publicly known of it.

`python -m scripts.audit` writes `build/sbom.cdx.json` (CycloneDX) from the installed environment, with no network,
and then asks a public database about every pin of both locks. Exit 0: every pin was looked up and none is known to be
weak. Exit 1: some are. Exit 3: something was not made or not looked up, whatever else was found; each is one line.
`--offline` makes the bill alone. The two programs that do it live in an environment of their own, `build/audit`.
"""

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
import venv
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from scripts.check_lock import ROOT, pins

WEAK, UNCHECKED = 1, 3


class NotDoneError(Exception):
    """What could not be made or looked up, in one line."""


@dataclass
class Findings:
    """What a look-up brought: `weak` is package, version, id and where it is mended; `unseen` was never looked up."""

    seen: int = 0
    weak: list[str] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)


def _run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (our own two programs)
    except OSError as error:
        raise NotDoneError(f"{command[0]}: {error.strerror}") from error


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "nothing was said"


def install(folder: Path, lock: Path) -> Path:
    """The folder of the programs that `lock` pins, installed once for each content of it."""
    programs, stamp = folder / "bin", folder / "installed-from"
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text(encoding="utf-8") == digest:
        return programs
    venv.create(folder, clear=True, with_pip=True)
    done = _run(programs / "python", "-m", "pip", "install", "--quiet", "--require-hashes", "-r", lock)
    if done.returncode != 0:
        raise NotDoneError(f"the programs of {lock.name} cannot be installed: {_last_line(done.stderr)}")
    stamp.write_text(digest, encoding="utf-8")
    return programs


def only(bill: dict[str, Any], wanted: set[str]) -> dict[str, Any]:
    """The bill without the components that are not in `wanted`: what tests the product is no part of it."""
    kept = [one for one in bill["components"] if canonicalize_name(one["name"]) in wanted]
    refs = {one["bom-ref"] for one in kept} | {bill["metadata"]["component"]["bom-ref"]}
    edges = [
        {**edge, "dependsOn": [ref for ref in edge.get("dependsOn", []) if ref in refs]}
        for edge in bill["dependencies"]
        if edge["ref"] in refs
    ]
    return {**bill, "components": kept, "dependencies": edges}


def bill_of_materials(programs: Path, root: Path, target: Path) -> int:
    """Write the bill of what the runtime lock installs; the number of components, each at the version of the lock."""
    with tempfile.TemporaryDirectory() as scratch:
        made = Path(scratch) / "all.json"
        done = _run(
            *(programs / "cyclonedx-py", "environment", "--output-reproducible", "--of", "JSON"),
            *("--pyproject", root / "pyproject.toml", "-o", made, root / ".venv" / "bin" / "python"),
        )
        if done.returncode != 0:
            raise NotDoneError(f"no bill of materials: {_last_line(done.stderr)}")
        whole = json.loads(made.read_text(encoding="utf-8"))
    locked: dict[str, str] = {name: str(version) for name, version in pins(root / "requirements.lock").items()}
    bill = only(whole, set(locked))
    found: dict[str, str] = {canonicalize_name(one["name"]): one["version"] for one in bill["components"]}
    if found != locked:
        astray = sorted(name for name in locked if found.get(name) != locked[name])
        raise NotDoneError(f"no bill of materials: not installed as locked: {', '.join(astray)}; run `make env`")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(bill, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return len(found)


def verdict(report: str, locked: dict[str, str]) -> Findings:
    """Read pip-audit's report. It calls it no failure when a service knows nothing of a package: here it is one."""
    told = Findings()
    looked_up = set()
    for one in json.loads(report)["dependencies"]:
        name = canonicalize_name(one["name"])
        if "skip_reason" in one or locked.get(name) != one["version"]:
            continue
        looked_up.add(name)
        for weakness in one["vulns"]:
            mended = ", ".join(weakness["fix_versions"]) or "nowhere yet"
            told.weak.append(f"{name} {one['version']}: {weakness['id']}, mended in {mended}")
    told.seen = len(looked_up)
    told.unseen = sorted(locked.keys() - looked_up)
    return told


def known_weaknesses(programs: Path, locks: list[Path], service: str) -> Findings:
    """Ask `service` about every pin of `locks`."""
    locked = {name: str(version) for lock in locks for name, version in pins(lock).items()}
    done = _run(
        *(programs / "pip-audit", "--disable-pip", "--require-hashes", "--progress-spinner", "off"),
        *("--format", "json", "--vulnerability-service", service),
        *(part for lock in locks for part in ("-r", lock)),
    )
    try:
        return verdict(done.stdout, locked)
    except (ValueError, KeyError, TypeError) as error:
        raise NotDoneError(f"known weaknesses: {service} gave no answer: {_last_line(done.stderr)}") from error


def audit(programs: Path, root: Path, service: str | None) -> int:
    """Make the bill, then look every pin up; the code to exit with. Without a service nothing is looked up."""
    code = 0
    target = root / "build" / "sbom.cdx.json"
    try:
        _say(f"bill of materials: {bill_of_materials(programs, root, target)} components in build/{target.name}")
    except NotDoneError as error:
        code = _fail(str(error))
    if service is None:
        _say("known weaknesses: not asked for (--offline)")
        return code
    try:
        told = known_weaknesses(programs, [root / "requirements.lock", root / "requirements-dev.lock"], service)
    except NotDoneError as error:
        return _fail(str(error))
    for line in told.weak:
        sys.stderr.write(f"{line}\n")
    if told.unseen:
        few = ", ".join(told.unseen[:5]) + (" …" if len(told.unseen) > len(told.unseen[:5]) else "")
        return _fail(f"known weaknesses: {service} was not able to tell of {len(told.unseen)} packages: {few}")
    _say(f"known weaknesses: {len(told.weak)} in {told.seen} packages, as {service} knows them")
    return code or (WEAK if told.weak else 0)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _fail(line: str) -> int:
    sys.stderr.write(f"{line}\n")
    return UNCHECKED


def main() -> int:
    """Install the programs if need be, then audit."""
    parser = argparse.ArgumentParser(prog="python -m scripts.audit", description=__doc__)
    parser.add_argument("--offline", action="store_true", help="make the bill of materials alone")
    parser.add_argument("--service", choices=("pypi", "osv"), default="pypi", help="whom to ask for weaknesses")
    asked = parser.parse_args()
    try:
        programs = install(ROOT / "build" / "audit", ROOT / "scripts" / "audit-tools.lock")
    except NotDoneError as error:
        return _fail(str(error))
    return audit(programs, ROOT, None if asked.offline else asked.service)


if __name__ == "__main__":
    raise SystemExit(main())
