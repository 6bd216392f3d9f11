"""What does it cost a list to hold only what its reader may read?

Each list is asked with the rule and without it, in turn, and the CPU time of both is compared: 1.00 is no cost.
Drafts, of which not everybody sees the same, are left out. One cycle in ten is kept to those concerned or to few.
`python -m bench.reading --cycles 10000 --postgresql`.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import Engine

from bench.at_size import fresh
from bench.seeding import Seeded, seed
from engine.contracts.cycle import AppendAsk
from engine.contracts.lists import CaseFilter, CycleFilter, OfferFilter
from engine.domain.access.reading import EVERYTHING, Clearance, clearance_of
from engine.domain.cycle.events import Event
from engine.domain.cycle.visibility import Visibility, VisibilitySet
from engine.domain.organisation.organisation import Duty, PostRef
from engine.store.database import open_database
from engine.store.directory.directory import Directory
from engine.store.projections.library import Library
from engine.store.queries.cycles import Reader
from engine.store.queries.inbox import Work
from engine.store.record.journal import Journal
from engine.store.record.spread_offers import OfferReader

PAGE = 50
LEVELS = (Visibility.CONCERNED, Visibility.RESTRICTED)
List = Callable[[Clearance], object]


def main() -> None:
    """One line for each reader and list."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--cycles", type=int, default=1000)
    asked.add_argument("--times", type=int, default=40)
    asked.add_argument("--postgresql", action="store_true")
    given = asked.parse_args()
    with fresh(postgresql=given.postgresql) as url:
        database = open_database(url)
        seeded = seed(database, given.cycles)
        print(f"{given.cycles} cycles, {hide(database)} of them kept to fewer people")
        for who, clearance in readers(database, seeded).items():
            for what, ask in lists(database, seeded).items():
                with_rule, without = compared(ask, clearance, given.times)
                times = f"{with_rule * 1000:.1f} ms against {without * 1000:.1f}"
                print(f"{who}, {what}: {with_rule / without:.2f} ({times})")


def hide(database: Engine) -> int:
    """Keeps one cycle in ten to fewer people; gives how many."""
    reader, journal = Reader(database), Journal(database)
    after, count = None, 0
    while page := reader.cycles(CycleFilter(), 200, EVERYTHING, after):
        for one in page[::10]:
            state = one.state
            level = LEVELS[count % 2]
            fact = VisibilitySet(level=level, before=state.visibility)
            event = Event(seq=state.revision + 1, at=datetime.now(UTC), actor=state.owner, data=fact)
            journal.append(AppendAsk(cycle_id=state.cycle_id, after=state.revision, events=(event,)))
            count += 1
        after = (page[-1].state.created_at, page[-1].state.cycle_id)
    return count


def readers(database: Engine, seeded: Seeded) -> dict[str, Clearance]:
    """A clerk, their head, the mayor, and somebody of the DX team."""
    facts = Directory(database).facts()
    top, team = PostRef(kind="head", unit=facts.organisation.citywide().code), PostRef(kind="duty", duty=Duty.DX_TEAM)
    people = {
        "clerk": seeded.owner,
        "head": seeded.manager,
        "mayor": facts.organisation.holders(top, facts.today)[0],
        "DX team": facts.organisation.holders(team, facts.today)[0],
    }
    return {who: clearance_of(person, facts) for who, person in people.items()}


def lists(database: Engine, seeded: Seeded) -> dict[str, List]:
    """Lists as pages and programs ask for them."""
    reader, library, offers, work = Reader(database), Library(database), OfferReader(database), Work(database)
    facts = Directory(database).facts()
    return {
        "finished cycles": lambda clearance: reader.cycles(CycleFilter(status="completed"), PAGE, clearance),
        "cycles found by a word": lambda clearance: reader.cycles(
            CycleFilter(q="窓口", status="completed"), PAGE, clearance
        ),
        "an owner's cycles": lambda clearance: reader.cycles(
            CycleFilter(owner=seeded.owner, is_open=False), PAGE, clearance
        ),
        "offers": lambda clearance: offers.listed(OfferFilter(), PAGE, clearance),
        "how much lies below": lambda clearance: work.below_count(seeded.manager, facts, clearance),
        "cases": lambda clearance: library.newest(CaseFilter(), PAGE, clearance),
        "cases found by a word": lambda clearance: library.matching("窓口", CaseFilter(), PAGE, clearance),
    }


def compared(ask: List, clearance: Clearance, times: int) -> tuple[float, float]:
    """Median CPU seconds with the rule and without it, in turn; on PostgreSQL those of this process only."""
    taken: dict[Clearance, list[float]] = {clearance: [], EVERYTHING: []}
    for _ in range(times):
        for one, found in taken.items():
            begun = time.process_time()
            ask(one)
            found.append(time.process_time() - begun)
    return statistics.median(taken[clearance]), statistics.median(taken[EVERYTHING])


if __name__ == "__main__":
    main()
