"""A city under load, hurt in several ways: nothing is lost, doubled, refused yet there, or stuck. The short form."""

from pathlib import Path

import pytest

from tests.faults.recorder.part import play
from tests.faults.recorder.place import place

SHORT = {
    "sqlite": ("pause_temporal", "hold_the_write_lock", "kill_worker", "kill_everything"),
    "postgresql": ("end_all_connections", "kill_api", "restart_the_database_hard"),
}


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def test_what_was_answered_stands_in_the_journal_once_whatever_died(tmp_path: Path, database: str) -> None:
    with place(tmp_path / "city", database) as city:
        part = await play(city, database, seed=1, names=SHORT[database], walkers=4)
    assert part.found == []
    assert sum(part.faults.values()) == len(SHORT[database])
    assert part.commands["start"] >= 4
    assert part.commands["comment"] > 3 * 8 + 8
    assert part.events > part.commands["comment"]
