"""Keeps golden copies of new events: `python -m tests.domain.golden.keep`, or with `--more TYPE …` for new branches.

The tests of `tests/domain` are run and watched; from what they play, each type and version without a copy gets one
for each way in which it changes a state. What is there already is never touched.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from engine.domain.cycle import evolve as module
from engine.domain.cycle import recorder
from engine.domain.cycle.events import Event
from engine.domain.cycle.state import CycleState
from tests.domain import plays
from tests.domain.golden import copies
from tests.domain.golden.copies import GoldenCopy

MOST = 8
"""Copies of one type and version that are kept at once."""
NOT_WATCHED = ("test_machine.py", "test_route_properties.py", "golden")
"""What plays otherwise every time, and what looks at the copies."""
ALWAYS = ("revision", "updated_at", "clock")
Way = frozenset[str]


class Watched:
    """The shortest step of every kind that was played."""

    def __init__(self) -> None:
        self.steps: dict[tuple[str, int], dict[Way, GoldenCopy]] = {}

    def see(self, before: CycleState | None, event: Event, after: CycleState) -> None:
        """One step; of two that change the same, the shorter one is kept."""
        then = before.model_dump(mode="json", by_alias=True, exclude_defaults=True) if before else None
        step = GoldenCopy(then, copies.plain(event), copies.plain(after))
        known = self.steps.setdefault((event.data.type, event.data.version), {})
        way = way_of(copies.plain(before) if before else {}, step.after)
        if way not in known or len(json.dumps(step)) < len(json.dumps(known[way])):
            known[way] = step


def way_of(before: object, after: object) -> Way:
    """Which fields a step changes, two floors deep, and which in each item of a list there."""
    return frozenset(one for one in _changed(before, after) if one.split("/")[1] not in ALWAYS)


def _changed(before: object, after: object, at: str = "") -> Iterator[str]:
    if before == after:
        return
    if at.count("/") < 2 and isinstance(after, dict):
        held = before if isinstance(before, dict) else {}
        for name in sorted(held.keys() | after.keys()):
            yield from _changed(held.get(name), after.get(name), f"{at}/{name}")
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        pairs = ((old, new) for old, new in zip(before, after, strict=True) if isinstance(new, dict) and new != old)
        yield from {f"{at}/{name}" for old, new in pairs for name in new if old.get(name) != new[name]}
    else:
        yield at if after else f"{at} empty"


def watch(tests: list[str]) -> Watched:
    """What these tests play."""
    watched, real = Watched(), module.evolve

    def seen(state: CycleState | None, event: Event) -> CycleState:
        after = real(state, event)
        watched.see(state, event, after)
        return after

    with pytest.MonkeyPatch.context() as patch:
        for place in (module, plays, recorder):  # each holds the function under its own name
            patch.setattr(place, "evolve", seen)
        ignored = [f"--ignore=tests/domain/{name}" for name in NOT_WATCHED]
        if pytest.main(["-q", "-n0", "-p", "no:cacheprovider", *ignored, *tests]):
            raise SystemExit("the tests that the copies are taken from must pass first")
    return watched


def keep(watched: Watched, folder: Path = copies.HERE, more: frozenset[str] = frozenset()) -> list[Path]:
    """Writes the copies that are missing; gives the new files.

    Args:
        watched: where they come from.
        folder: where they go.
        more: types that get copies of ways beside those they have.

    Raises:
        SystemExit: a file that was kept has been edited; nothing was written.
    """
    if wrong := copies.edited(folder):
        raise SystemExit("\n".join([*wrong, "What was kept stays as it is: `git checkout` brings it back."]))
    made: list[Path] = []
    for (kind, version), ways in sorted(watched.steps.items(), key=lambda one: one[0]):
        there = [copies.read(file) for file in folder.glob(f"{kind}/v{version}-*.json")]
        if there and kind not in more:
            continue
        known = {_way_now(one) for one in there}
        fresh = chosen({way: step for way, step in ways.items() if way not in known})
        for number, step in enumerate(fresh, start=len(there) + 1):
            file = folder / kind / f"v{version}-{number}.json"
            file.parent.mkdir(exist_ok=True)
            with file.open("x", encoding="utf-8") as new:
                new.write(copies.text_of(step))
            made.append(file)
    with (folder / copies.SUMS).open("a", encoding="utf-8") as sums:
        sums.writelines(f"{copies.digest(file)}  {copies.name_of(file, folder)}\n" for file in made)
    return made


def chosen(ways: Mapping[Way, GoldenCopy]) -> list[GoldenCopy]:
    """The shortest steps, those first that change a field which none before them does."""
    by_length = sorted(ways, key=lambda way: (len(json.dumps(ways[way])), sorted(way)))
    seen = set[str]()
    first, others = list[Way](), list[Way]()
    for way in by_length:
        (others if way <= seen else first).append(way)
        seen |= way
    return [ways[way] for way in [*first, *others][:MOST]]


def _way_now(copy: GoldenCopy) -> Way:
    """What a kept step changes today: a field that states have gained since is no change of its own."""
    if copy.before is None:
        return way_of(None, copy.after)
    before = _state(copy)
    return way_of(copies.plain(before), copies.plain(module.evolve(before, Event.model_validate(copy.event))))


def _state(copy: GoldenCopy) -> CycleState:
    state = copies.state_of(copy.before)
    if state is None:
        raise ValueError("before a cycle opens there is no state")
    return state


def main(arguments: list[str]) -> int:
    """Keeps what is missing, and names what no test plays."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--more", nargs="+", default=[], metavar="TYPE", help="types that have a new branch")
    parser.add_argument("--tests", nargs="+", default=["tests/domain"], help="where to take the copies from")
    asked = parser.parse_args(arguments)
    made = keep(watch(asked.tests), more=frozenset(asked.more))
    sys.stdout.writelines(f"kept {copies.name_of(file)}\n" for file in made)
    missing = [
        f"{kind} version {version}: no test plays it; write one in tests/domain, then run this again\n"
        for kind, version in copies.types().items()
        if not list(copies.HERE.glob(f"{kind}/v{version}-*.json"))
    ]
    sys.stderr.writelines(missing)
    return 1 if missing else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
