"""How much slower a dashboard is with 10,000 cycles than with ten: the ratio is what to look at.

Every cycle is one that was played on the pure core, written under another name through the journal and projections.
"""

import argparse
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from engine.contracts.cycle import AppendAsk
from engine.domain.events import CycleOpened
from engine.domain.figures.wanted import Question, wanted_of
from engine.store.database import open_database
from engine.store.figures import Figures
from engine.store.journal import Journal
from tests.domain.plays import Play
from tests.support import city
from tests.support.databases import fresh_sqlite

ROUNDS = 7


def measured(folder: Path, cycles: int) -> dict[str, float]:
    """Milliseconds of each question, the median of some rounds."""
    database = open_database(fresh_sqlite(folder))
    journal, figures = Journal(database), Figures(database)
    play = Play()
    play.turn()
    for number in range(cycles):
        name = f"b{number}"
        events = play.events[: 1 + number % len(play.events)]
        opened = events[0].data
        assert isinstance(opened, CycleOpened)
        renamed = opened.model_copy(update={"cycle_id": f"{name}-1", "initiative_id": name})
        first = events[0].model_copy(update={"data": renamed})
        journal.append(AppendAsk(cycle_id=f"{name}-1", after=0, events=(first, *events[1:])))
    now, organisation = play.at + timedelta(days=40), city.organisation()
    found = {}
    for kind, as_of in (("now", None), ("past", (play.at + timedelta(days=1)).date())):
        wanted = wanted_of(Question(as_of=as_of), now=now, offset=540, organisation=organisation, startups=None)
        for what, ask in (
            ("summary", lambda: figures.summary(wanted)),  # noqa: B023 - asked inside this round
            ("waiting", lambda: figures.waiting(wanted, organisation)),  # noqa: B023 - as above
        ):
            ask()
            took = []
            for _ in range(ROUNDS):
                begun = time.perf_counter()
                ask()
                took.append((time.perf_counter() - begun) * 1000)
            found[f"{what} {kind}"] = statistics.median(took)
    database.dispose()
    return found


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--cycles", type=int, default=10_000)
    many = asked.parse_args().cycles
    with tempfile.TemporaryDirectory() as folder:
        few, lots = measured(Path(folder), 10), measured(Path(folder), many)
    print(f"{datetime.now(UTC):%Y-%m-%d}  10 cycles against {many}")
    for name, took in few.items():
        print(f"{name:<14} {took:8.1f} ms {lots[name]:8.1f} ms  x {lots[name] / took:.1f}")


if __name__ == "__main__":
    main()
