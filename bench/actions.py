"""What does it cost a list to say of each row what its reader may do with it?

Each list is made with the moves and without them, in turn, and the CPU time of both is compared: 1.00 is no cost. A
list is what a program is answered: rows read, made into views and written as JSON.
`python -m bench.actions --cycles 10000 --postgresql`.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Sequence

from sqlalchemy import Engine

from api.http.paging import Page
from api.schemas.cycle import CycleView, cycle_view
from bench.at_size import fresh
from bench.reading import PAGE
from bench.seeding import Seeded, seed
from engine.contracts.lists import CycleFilter, Lineage
from engine.domain.access.reading import clearance_of
from engine.domain.moves.allowed import Move
from engine.domain.review.facts import Facts
from engine.store.database import open_database
from engine.store.directory.directory import Directory
from engine.store.queries.cycles import Reader
from engine.store.queries.inbox import Work

Rows = Callable[[], Sequence[Lineage]]
Moves = Callable[[Sequence[Lineage]], dict[str, tuple[Move, ...]]]


def main() -> None:
    """One line for each list."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--cycles", type=int, default=1000)
    asked.add_argument("--times", type=int, default=20)
    asked.add_argument("--postgresql", action="store_true")
    given = asked.parse_args()
    with fresh(postgresql=given.postgresql) as url:
        database = open_database(url)
        seeded = seed(database, given.cycles)
        facts = Directory(database).facts()
        for what, (person, rows) in lists(database, seeded, facts).items():
            with_moves, without, count = compared(rows, person, database, facts, given.times)
            times = f"{with_moves * 1000:.1f} ms against {without * 1000:.1f}"
            print(f"{what}, {count} rows: {with_moves / without:.2f} ({times})")


def lists(database: Engine, seeded: Seeded, facts: Facts) -> dict[str, tuple[str, Rows]]:
    """Lists as programs ask for them, each with its reader."""
    reader, owner, head = Reader(database), seeded.owner, seeded.manager
    waiting = frozenset(one.cycle_id for one in Work(database).inbox(head, facts))

    def asked(person: str, wanted: CycleFilter) -> tuple[str, Rows]:
        clearance = clearance_of(person, facts)
        return person, lambda: reader.cycles(wanted, PAGE, clearance)

    return {
        "what waits for a head": asked(head, CycleFilter(ids=waiting)),
        "what waits for others": asked(owner, CycleFilter(waits_for=("approver",))),
        "an owner's own": asked(owner, CycleFilter(owner=owner)),
        "the newest, for a head": asked(head, CycleFilter()),
        "the newest, for an owner": asked(owner, CycleFilter()),
        "finished ones, for a head": asked(head, CycleFilter(status="completed")),
    }


def compared(rows: Rows, person: str, database: Engine, facts: Facts, times: int) -> tuple[float, float, int]:
    """Median CPU seconds with the moves and without them, in turn, and how many rows there are.

    On PostgreSQL those of this process only.
    """
    directory = Directory(database)

    def moves(found: Sequence[Lineage]) -> dict[str, tuple[Move, ...]]:
        return directory.allowed_in([one.state for one in found], person, facts)

    taken: dict[Moves, list[float]] = {moves: [], lambda _found: {}: []}
    for _ in range(times):
        for one, seconds in taken.items():
            begun = time.process_time()
            count = listed(rows(), one, facts)
            seconds.append(time.process_time() - begun)
    with_moves, without = (statistics.median(one) for one in taken.values())
    return with_moves, without, count


def listed(found: Sequence[Lineage], moves: Moves, facts: Facts) -> int:
    """Makes the answer; gives how many rows it has."""
    known = moves(found)
    items = [cycle_view(one, facts, known.get(one.state.cycle_id, ())) for one in found]
    assert Page[CycleView].model_construct(items=items).model_dump_json()
    return len(items)


if __name__ == "__main__":
    main()
