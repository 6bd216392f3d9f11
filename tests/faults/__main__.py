"""Many faults on a city under load: `python -m tests.faults --seed 7 --database sqlite --into FOLDER`.

Each part has a fresh city; what it found is one JSON file. Started again with the same words it goes on after the
last whole part; at the end all parts are summed. Ends with 1 if anything was lost, doubled, refused yet there, stuck
or answered with an error.
"""

import argparse
import asyncio
import itertools
import json
import sys
import tempfile
from collections import Counter
from dataclasses import asdict
from pathlib import Path

from tests.faults.recorder.part import Part, order, play
from tests.faults.recorder.place import place

DATABASES = ("sqlite", "postgresql")


def main() -> int:
    """The exit code."""
    asked = argparse.ArgumentParser(
        prog="python -m tests.faults", description=__doc__.splitlines()[0] if __doc__ else ""
    )
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--database", choices=(*DATABASES, "both"), default="both")
    asked.add_argument("--faults", type=int, default=100, help="on each database")
    asked.add_argument("--each", type=int, default=20, help="faults of one part")
    asked.add_argument("--walkers", type=int, default=8)
    asked.add_argument("--into", type=Path, default=Path("faults-found"))
    given = asked.parse_args()
    given.into.mkdir(parents=True, exist_ok=True)
    for database in DATABASES if given.database == "both" else (given.database,):
        kinds = order(database, given.seed)
        for number in range(-(-given.faults // given.each)):
            names = list(itertools.islice(kinds, given.each))
            file = given.into / f"{database}-{given.seed}-{number}.json"
            if not file.exists():
                part = _part(database, given.seed * 1000 + number, names, given.walkers)
                file.write_text(json.dumps(asdict(part), ensure_ascii=False, indent=2), encoding="utf-8")
                _say(_line(file.stem, [part]))
    parts = [Part(**json.loads(file.read_text(encoding="utf-8"))) for file in sorted(given.into.glob("*.json"))]
    return summed(parts)


def summed(parts: list[Part]) -> int:
    """Prints the sum of all parts; 1 if something was found."""
    for database in sorted({part.database for part in parts}):
        _say(_line(database, [part for part in parts if part.database == database]))
    _say(_line("together", parts))
    for part in parts:
        for one in part.found:
            _say(f"  {part.database} {part.seed}: {one}")
    return 1 if any(part.found for part in parts) else 0


def _line(name: str, parts: list[Part]) -> str:
    commands, faults = Counter[str](), Counter[str]()
    for part in parts:
        commands.update(part.commands)
        faults.update(part.faults)
    found = Counter(one.split(":")[0] for part in parts for one in part.found)
    return (
        f"{name}: {commands.total()} commands ({sum(part.repeated for part in parts)} repeated), "
        f"{faults.total()} faults of {len(faults)} kinds, {sum(part.events for part in parts)} events, "
        f"longest answer {max((part.longest for part in parts), default=0.0):.1f} s, found {dict(found) or 'nothing'}"
    )


def _part(database: str, seed: int, names: list[str], walkers: int) -> Part:
    with (
        tempfile.TemporaryDirectory(prefix="spiral-faults-") as folder,
        place(Path(folder) / "city", database) as city,
    ):
        return asyncio.run(play(city, database, seed, names, walkers))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
