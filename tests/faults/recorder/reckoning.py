"""Holds what was answered against what the journal says, by a reader of its own."""

import hashlib
import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import psycopg

from tests.faults.recorder.answers import Answered

COLUMNS = "position, cycle_id, seq, type, command_id, content, hash"
ONCE = ("comment", "submit", "approve", "return", "hold", "resume", "pull_back")
"""Commands that may stand in the journal at most once under a key: one event of their own kind."""


@dataclass(frozen=True)
class Line:
    """One row of the journal, as SQL gives it."""

    position: int
    cycle: str
    seq: int
    type: str
    command: str | None
    content: str
    hash: str


@dataclass
class Reckoning:
    """What does not hold; all empty is what is promised."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    refused_yet_there: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    broken_chains: list[str] = field(default_factory=list)
    faulty_answers: list[str] = field(default_factory=list)
    verify: list[str] = field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        """All of it, each with its kind."""
        return [f"{kind}: {one}" for kind, found in vars(self).items() for one in found]


def journal(url: str) -> list[Line]:
    """Every row, in the order of positions.

    Args:
        url: of the database, as SQLAlchemy spells it.
    """
    query = f"SELECT {COLUMNS} FROM journal ORDER BY position"
    if url.startswith("sqlite"):
        with sqlite3.connect(f"file:{url.removeprefix('sqlite:///')}?mode=ro", uri=True) as file:
            return [Line(*row) for row in file.execute(query)]
    with psycopg.connect(url.replace("+psycopg", "")) as server:
        return [Line(*row) for row in server.execute(query)]


def working_copies(url: str) -> list[str]:
    """The texts that are being written and not handed in, with the same address as `journal`."""
    query = "SELECT deliverable FROM working_copy WHERE deliverable IS NOT NULL"
    if url.startswith("sqlite"):
        with sqlite3.connect(f"file:{url.removeprefix('sqlite:///')}?mode=ro", uri=True) as file:
            return [text for (text,) in file.execute(query)]
    with psycopg.connect(url.replace("+psycopg", "")) as server:
        return [text for (text,) in server.execute(query)]


def reckon(answers: Iterable[Answered], lines: Sequence[Line], copies: Iterable[str] = ()) -> Reckoning:
    """What of the answers is not in the journal, what is there twice, and where a chain breaks.

    A draft is no event: its text stands in what was handed in, or in the working copy.

    Args:
        answers: what clients were told.
        lines: the journal.
        copies: what is being written.
    """
    texts = "\n".join([*(line.content for line in lines if line.type == "step_submitted"), *copies])
    found = Reckoning(broken_chains=_broken(lines))
    standing: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        if line.command is not None:
            standing[line.command].append(line)
    for one in answers:
        events, name = standing[one.command], f"{one.kind} {one.key} on {one.cycle}"
        if one.faulty:
            found.faulty_answers.append(f"{name}: {one.faulty}")
        if one.status is None:
            found.stuck.append(f"{name}: never answered, {one.tries[-3:]}")
        if one.refused:  # walkers ask for nothing that is not theirs
            found.refused.append(f"{name}: {one.status} {one.code}")
        if one.refused and events:
            found.refused_yet_there.append(f"{name}: {one.status} {one.code}, event {events[0].seq}")
        if one.kind == "draft" and events:
            found.doubled.append(f"{name}: events {[line.seq for line in events]}")
        if one.accepted and not (one.mark in texts if one.kind == "draft" else events):
            found.lost.append(f"{name}: {one.status}")
        if _doubled(one, events):
            found.doubled.append(f"{name}: events {[line.seq for line in events]}")
    return found


def _doubled(one: Answered, events: Sequence[Line]) -> bool:
    cycles = {line.cycle for line in events}
    seqs = [line.seq for line in events]
    apart = seqs != list(range(seqs[0], seqs[0] + len(seqs))) if seqs else False
    types = [line.type for line in events]
    return len(cycles) > 1 or apart or (one.kind in ONCE and len(set(types)) != len(types))


def _broken(lines: Sequence[Line]) -> list[str]:
    """Cycles whose chain does not hold: `hash = sha256(previous + "\\n" + content)`, seq from 1 without a gap."""
    heads: dict[str, tuple[int, str]] = {}
    broken: list[str] = []
    for line in lines:
        seq, previous = heads.get(line.cycle, (0, "0" * 64))
        digest = hashlib.sha256(f"{previous}\n{line.content}".encode()).hexdigest()
        if line.seq != seq + 1 or line.hash != digest or json.loads(line.content)["seq"] != line.seq:
            broken.append(f"{line.cycle} at {line.seq}")
        heads[line.cycle] = (line.seq, line.hash)
    return broken
