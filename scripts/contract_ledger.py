"""Holds what the program promises against what it has promised before: a ledger that only grows.

    python -m scripts.contract_ledger           # records what is new; refuses what would break somebody
    python -m scripts.contract_ledger --check   # only says what it would do

`tests/api/contract/ledger.txt` has a line for each promise (`scripts.contract_fields`). A line never goes, and what
it says changes only so that whoever rests on it notices nothing.
"""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

from engine.domain.upcasters import UPCASTERS
from scripts.contract_fields import GIVEN, SENT, lines

FILE = Path(__file__).resolve().parent.parent / "tests/api/contract/ledger.txt"
RECORD = "python -m scripts.contract_ledger"
BROKEN = """
Programs of other people, cycles that run and journals that are old rest on this. Put it back. Then, as it fits:
  * another name or another type: add the new field or option beside the old one, and keep both right;
  * something must be given from now on: make it optional, with a default under which all goes on as before;
  * an event: a new type, or a new version with an upcaster (engine/domain/upcasters.py);
  * all of it is wrong: that is a new version of the whole API beside this one, and a page in docs/adr first.
The ledger is never edited by hand.
"""
UNRECORDED = f"""
This is new and breaks nobody. From now on it is a promise: is the name the one it shall have for ever? Then record it
with `{RECORD}` and commit the ledger with the change.
"""
LOOSER = {SENT: ("required", "optional"), GIVEN: ("optional", "required")}
FIELDS = ("api", "event", "fact", "payload")


def recorded(file: Path = FILE) -> dict[str, str]:
    """What has been promised, by name."""
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    return dict(line.rsplit(": ", 1) for line in text.splitlines())


def broken(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """What is promised no more, or not to whoever rests on it."""
    gone = [f"{name}: is gone" for name in before if name not in now and not _lifted(name)]
    changed = [
        f"{name}: was {before[name]!r}, is {now[name]!r}"
        for name in before
        if name in now and not _holds(before[name], now[name])
    ]
    holders = {_holder(name) for name in before}
    demanded = [
        f"{name}: is new and must be given"
        for name, said in now.items()
        if name not in before and _holder(name) in holders and said.startswith(SENT) and _parts(said)[1] == "required"
    ]
    return sorted([*gone, *changed, *demanded])


def unrecorded(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """What is promised now and does not stand in the ledger like that."""
    return sorted(f"{name}: {said}" for name, said in now.items() if before.get(name) != said)


def text_of(before: Mapping[str, str], now: Mapping[str, str]) -> str:
    """The ledger with what is new; old versions of events stay in it."""
    return "".join(f"{name}: {said}\n" for name, said in sorted((dict(before) | dict(now)).items()))


def _holds(before: str, now: str) -> bool:
    """Whether a promise may be said like that now.

    What callers send may be left out and be of more kinds; what they are given stays, or comes for certain. In what
    is both, such as an event, only a further kind of value is no harm.
    """
    (who, need, kind), (who_now, need_now, kind_now) = _parts(before), _parts(now)
    if before == now or not need or not need_now:
        return before == now
    writers, kinds, kinds_now = set(who.split(" and ")), set(kind.split(" or ")), set(kind_now.split(" or "))
    if not writers <= set(who_now.split(" and ")):
        return False
    looser = need_now == need or LOOSER.get(who) == (need, need_now)
    wider = kinds <= kinds_now and who != GIVEN and (who == SENT or "null" not in kinds_now - kinds)
    return looser and (kind == kind_now or wider)


def _parts(said: str) -> tuple[str, str, str]:
    """Who writes it, whether it must be there, and its type; three blanks where it is no field."""
    for need in ("required", "optional"):
        who, found, kind = said.partition(f" {need} ")
        if found:
            return who, need, kind
    return said, "", ""


def _holder(name: str) -> str:
    """What a field, value, parameter or option belongs to."""
    area, _, rest = name.partition(" ")
    if area in FIELDS:
        return name.partition(" = ")[0] if " = " in name else name.rpartition(".")[0]
    if area == "http":
        return " ".join(name.split(" ")[:3])
    if area == "cli":
        return f"{area} {rest.partition(' --')[0].partition(' argument ')[0]}"
    return area


def _lifted(name: str) -> bool:
    """Whether it is of an old version that is lifted when it is read."""
    area, _, rest = name.partition(" ")
    kind, _, version = rest.partition(".")
    number = version.partition(".")[0]
    return area in ("event", "fact") and number.isdigit() and (kind, int(number)) in UPCASTERS


def main(arguments: list[str]) -> int:
    """Records what is new, unless something would break."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing")
    asked = parser.parse_args(arguments)
    before, now = recorded(), lines()
    if wrong := broken(before, now):
        sys.stderr.writelines(f"{line}\n" for line in (*wrong, BROKEN))
        return 1
    new = unrecorded(before, now)
    sys.stdout.writelines(f"{line}\n" for line in new)
    if asked.check:
        return 1 if new else 0
    FILE.write_text(text_of(before, now), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
