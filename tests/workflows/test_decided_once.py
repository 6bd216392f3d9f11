"""What a decision costs: how often a command is decided, and each of its events applied, on the way to the record."""

import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine
from temporalio.client import Client

from engine.domain.cycle import evolve as applying
from engine.domain.moves import dispatch
from tests.support import city
from tests.support.office import office

DECIDED, APPLIED = "decided", "applied"
Counts = Counter[tuple[str, str, object]]


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> Counts:
    """How often each command was decided and each event applied, in this process: worker, API and tables."""
    found: Counts = Counter()

    def decide(state: Any, command: Any, at: Any) -> Any:
        found[DECIDED, state.cycle_id, command.id] += 1
        return deciding(state, command, at)

    def evolve(state: Any, event: Any) -> Any:
        after = applied(state, event)
        found[APPLIED, after.cycle_id, event.seq] += 1
        return after

    deciding, applied = dispatch.decide, applying.evolve
    for was, counted in ((deciding, decide), (applied, evolve)):
        assert everywhere(monkeypatch, was, counted)
    return found


def everywhere(monkeypatch: pytest.MonkeyPatch, was: Callable[..., Any], counted: Callable[..., Any]) -> int:
    """Puts `counted` wherever a module of ours holds `was`; gives in how many places."""
    places = [
        (module, name)
        for module in list(sys.modules.values())
        if getattr(module, "__name__", "").partition(".")[0] in {"engine", "workflows", "activities", "api"}
        for name, value in list(vars(module).items())
        if value is was
    ]
    for module, name in places:
        monkeypatch.setattr(module, name, counted)
    return len(places)


async def test_an_approval_is_decided_when_checked_and_when_taken_and_each_event_is_applied_three_times(
    temporal: Client, sqlite: Engine, counts: Counts
) -> None:
    decided: list[int] = []
    applied: list[int] = []
    async with office(temporal, sqlite).working() as at:
        cycle = await at.start()
        for deliverable in (city.imagine(), city.transform(), city.realise()):
            before = await at.hand_in(cycle, deliverable)
            await at.decide(cycle)
            events = at.journal.events(cycle, before.revision)
            assert [one.data.type for one in events][:2] == ["stage_voted", "step_approved"]
            decided.append(counts[DECIDED, cycle, events[0].command_id])
            applied.append(max(counts[APPLIED, cycle, one.seq] for one in events))
    # the least of three: a worker that is starved of time may be given the same task once more
    assert min(decided) == 2, decided
    assert min(applied) == 3, applied
