"""Golden copies: for every event ever released its JSON as it was written, with the state before and after it.

`<type>/v<version>-<n>.json` holds one step of a cycle, `SHA256SUMS` what each file was when it was kept. Files are
only ever added (`python -m tests.domain.golden.keep`): an event's meaning is what its copies say, for ever.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, get_args

from engine.domain.cycle.events import Event, EventData
from engine.domain.cycle.evolve import evolve
from engine.domain.cycle.state import CycleState

HERE = Path(__file__).parent
SUMS = "SHA256SUMS"
KEEP = "python -m tests.domain.golden.keep"
ADVICE = f"""
A released event never changes its meaning: journals and running cycles rest on it. Take back what changed it
(engine/domain/cycle: events.py, evolve.py, retracting.py, state.py), and then do one of these:
  * the event shall say something more: give it an optional field whose default leaves everything as it was;
  * it is another fact: a new event type, with a class in events.py and a branch in evolve.py;
  * it is the same fact, told otherwise: `version: Literal[2] = 2` in its class, and a line in
    engine/domain/upcasters.py that lifts version 1 to 2, so that this copy comes out as it did.
New types and versions get their copies by `{KEEP}`. Never edit or delete a file in tests/domain/golden.
"""


class GoldenCopy(NamedTuple):
    """One step: the states are those of a `CycleState`; the one before is None where a cycle opens."""

    before: dict[str, Any] | None
    event: dict[str, Any]
    after: dict[str, Any]


def types() -> dict[str, int]:
    """Every event type with the version that is written today."""
    members = get_args(get_args(EventData)[0])
    return {one.model_fields["type"].default: one.model_fields["version"].default for one in members}


def files(folder: Path = HERE) -> list[Path]:
    """Every copy, in order of types, versions and numbers."""
    return sorted(folder.glob("*/v*-*.json"), key=lambda one: (one.parent.name, len(one.stem), one.stem))


def read(file: Path) -> GoldenCopy:
    """The step in a file."""
    return GoldenCopy(**json.loads(file.read_text(encoding="utf-8")))


def text_of(copy: GoldenCopy) -> str:
    """A step as its file has it: a line for each of the three."""
    parts = (f'"{name}": {_one_line(value)}' for name, value in copy._asdict().items())
    return "{\n" + ",\n".join(parts) + "\n}\n"


def state_of(plain: dict[str, Any] | None) -> CycleState | None:
    """The state in a copy, read as any state that was written earlier is."""
    return None if plain is None else CycleState.model_validate_json(json.dumps(plain))


def plain(model: CycleState | Event) -> dict[str, Any]:
    """As it is stored."""
    return model.model_dump(mode="json", by_alias=True)


def changed_meaning(copy: GoldenCopy) -> list[str]:
    """What the event of a copy says or does otherwise today; what is new beside it does not count."""
    try:
        event = Event.model_validate_json(json.dumps(copy.event))
        after = evolve(state_of(copy.before), event)
    except ValueError as error:
        return [f"cannot be read any more: {error}"]
    found = [f"state{one}" for one in lost(copy.after, plain(after))]
    if event.data.version == copy.event["data"]["version"]:
        found += [f"event{one}" for one in lost(copy.event, plain(event))]
    return found


def lost(then: object, now: object, at: str = "") -> Iterator[str]:
    """What `then` says and `now` does not, each with its pointer."""
    if isinstance(then, dict) and isinstance(now, dict):
        for name, value in then.items():
            if name in now:
                yield from lost(value, now[name], f"{at}/{name}")
            else:
                yield f"{at}/{name}: was {_short(value)}, is gone"
    elif isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        for index, (old, new) in enumerate(zip(then, now, strict=True)):
            yield from lost(old, new, f"{at}/{index}")
    elif then != now:
        yield f"{at}: was {_short(then)}, is {_short(now)}"


def edited(folder: Path = HERE) -> list[str]:
    """Copies that are not what they were when they were kept, that are gone, or that were never kept."""
    sums = kept_sums(folder)
    there = {name_of(file, folder): digest(file) for file in files(folder)}
    return [
        *(f"{name}: is gone" for name in sorted(sums.keys() - there.keys())),
        *(f"{name}: was put there without `{KEEP}`" for name in sorted(there.keys() - sums.keys())),
        *(f"{name}: was edited" for name in sorted(sums.keys() & there.keys()) if sums[name] != there[name]),
    ]


def kept_sums(folder: Path = HERE) -> Mapping[str, str]:
    """What each file was when it was kept."""
    file = folder / SUMS
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return {name: value for value, _, name in (line.partition("  ") for line in lines)}


def name_of(file: Path, folder: Path = HERE) -> str:
    """A file as `SHA256SUMS` names it."""
    return file.relative_to(folder).as_posix()


def digest(file: Path) -> str:
    """Its SHA-256, as lower-case hex."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _one_line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:77]}…"
