"""Random spirals played through the core: larger, again, joined, worse; edges, scopes and sums hold in all."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.domain.analytics.results import entry_of
from engine.domain.cycle import commands as c
from engine.domain.cycle.events import Event, ParentJoined
from engine.domain.cycle.state import CycleState
from engine.domain.effects.account import book, summed
from engine.domain.lineage.edges import EdgeKind
from engine.domain.lineage.join import JoinTarget, joining_of
from engine.domain.lineage.next_cycles import opening_of
from engine.domain.scope import Growth, Scope
from engine.domain.steps import Step
from engine.store.projections.cycles import parent_rows
from tests.domain.plays import Play
from tests.domain.test_account import recount
from tests.support import city
from tests.support.examples import examples

ORG, WORK = ["individual", "unit", "section", "department"], ["task", "process", "project", "programme"]
LARGEST = 7


class City:
    """Cycles that are played one after the other, and those that wait for their turn."""

    def __init__(self) -> None:
        self.done: list[Play] = []
        self.open = [self._first("i1"), self._first("i2")]

    @staticmethod
    def _first(initiative: str) -> Play:
        opened = Play().events[0].data
        return Play(opened=opened.model_copy(update={"cycle_id": f"{initiative}-1", "initiative_id": initiative}))

    def turn(self, data: st.DataObject) -> None:
        """One whole cycle, with a result and with cycles that follow as they are drawn."""
        play = self.open.pop(data.draw(st.integers(0, len(self.open) - 1)))
        if play.state.hold is not None:
            play.give(play.state.owner, c.Resume())
        minutes = data.draw(st.integers(0, 40))
        for deliverable in (city.imagine(play.facts.today.isoformat()), city.transform(), city.realise(minutes)):
            if play.state.inheritance and play.state.step is Step.IMAGINE and play.state.deliverables.imagine.as_is:
                deliverable = play.state.deliverables.imagine  # noqa: PLW2901 - the same scope keeps its form
            play.hand_in(deliverable)
            play.approve()
        others = [one for one in self.open if one.state.step is Step.IMAGINE]
        play.targets = tuple(JoinTarget.of(one.state) for one in others)
        room = LARGEST - len(self.done) - len(self.open)
        play.hand_in(city.share(*following(data, play, others, room)))
        play.approve()
        self.done.append(play)
        for planned in play.state.next_cycles:
            if planned.join is None:
                self.open.append(Play(opened=opening_of(play.state, planned)))
                continue
            target = next(one for one in others if one.state.cycle_id == planned.join)
            joining = joining_of(play.state, planned.join, planned.cycle_id)
            body = c.JoinParent(parent=play.state.cycle_id, planned=planned.cycle_id, joining=joining)
            target.give("system", body)


def following(data: st.DataObject, play: Play, others: list[Play], room: int) -> list[dict[str, Any]]:
    state, found = play.state, []
    larger = [
        {"kind": "expand", "org_scope": org, "work_scope": work, "reason": "効いた"}
        for org in ORG
        for work in WORK
        if state.scope.grows_into(Scope(org=org, work=work), Growth.EITHER)  # type: ignore[arg-type]
    ]
    joins = [
        {"kind": "expand", "join": one.state.cycle_id, "reason": "一緒に"}
        for one in others
        if state.scope.grows_into(one.state.scope, Growth.EITHER)
        and play.organisation.is_same_or_ancestor(one.state.org_unit, state.org_unit)
    ]
    if joins and data.draw(st.booleans()):
        found.append(data.draw(st.sampled_from(joins)))
    again = [
        {"kind": "retry", "reason": "もう一度"}, {"kind": "sustain", "reason": "続くか", "review_on": "2099-04-01"},
    ]  # fmt: skip
    more = st.lists(st.sampled_from([*larger, *again]), max_size=min(2, max(room, 0)))
    found += data.draw(more)
    return found or [{"kind": "close", "reason": "完了"}]


def explains(events: tuple[Event, ...], seq: int, parent: str, kind: str) -> bool:
    told = next(one for one in events if one.seq == seq).data
    if isinstance(told, ParentJoined):
        return kind == "join" and told.parent == parent
    return told.type == "cycle_opened" and told.kind.value == kind and parent in told.parents


@settings(max_examples=examples(12), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_in_every_spiral_edges_are_explained_scopes_grow_and_sums_are_those_of_a_recount(data: st.DataObject) -> None:
    played = City()
    while played.open and len(played.done) < LARGEST:
        played.turn(data)
    plays = [*played.done, *played.open]
    states: dict[str, CycleState] = {play.state.cycle_id: play.state for play in plays}
    for play in plays:
        rows = parent_rows(play.state)
        assert sorted(row["parent_id"] for row in rows) == sorted(play.state.parents)
        for row in rows:
            assert explains(play.events, row["seq"], row["parent_id"], row["kind"])
            before, after = states[row["parent_id"]].scope, play.state.scope
            if EdgeKind(row["kind"]).same_scope:
                assert before == after
            else:
                assert before.grows_into(after, Growth.EITHER)
    entries = [entry_of(state) for state in states.values()]
    number = {play.state.cycle_id: f"{n:02}" for n, play in enumerate(plays)}  # in the order of measuring
    found = book(one.model_copy(update={"realised_at": when(states[one.cycle_id], plays)}) for one in entries)
    renamed = [
        one.model_copy(
            update={
                "cycle_id": number[one.cycle_id],
                "parents": tuple(number[parent] for parent in one.parents),
                "again": tuple(number[parent] for parent in one.again),
            }
        )
        for one in entries
    ]
    assert (summed(found).hours_saved_per_year or 0.0) == pytest.approx(recount(renamed), abs=1e-5)


def when(state: CycleState, plays: list[Play]) -> Any:
    """Plays all have the same clock, so the order in which they were played is put beside it."""
    entry = entry_of(state)
    place = next(n for n, play in enumerate(plays) if play.state is state)
    return entry.realised_at + timedelta(minutes=place) if entry.realised_at else None
