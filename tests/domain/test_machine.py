"""Any order of commands and any passing of time keeps what must always hold."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from engine.domain.cycle import commands as c
from engine.domain.cycle.evolve import evolve, fold
from engine.domain.cycle.state import CycleState
from engine.domain.deliverables import step_of
from engine.domain.errors import DomainError
from engine.domain.lineage.next_cycles import opening_of
from engine.domain.moves.allowed import REFUSED, Move, allowed
from engine.domain.moves.catalogue import arrows, is_possible
from engine.domain.moves.command_log import CommandLog, Snapshot
from engine.domain.moves.table.moves import Occasion
from engine.domain.moves.table.named_states import named_state
from engine.domain.review.policy import DEFAULT, Policy
from engine.domain.review.review import Action
from engine.domain.steps import CycleKind, CycleStatus, Step, StepStatus
from tests.domain.named_states import TWO_STAGES
from tests.domain.plays import Play
from tests.support import city
from tests.support.examples import examples

PEOPLE = st.sampled_from([city.OWNER, city.UNIT_CHIEF, city.SECTION_HEAD, city.OTHER])
DELIVERABLES = st.sampled_from([city.imagine(), city.transform(), city.realise(), city.realise(44), city.share()])
NEXT: list[dict[str, object]] = [
    {"kind": "expand", "org_scope": "unit", "reason": "効いた"},
    {"kind": "expand", "work_scope": "process", "reason": "効いた"},
    {"kind": "expand", "org_scope": "department", "work_scope": "project", "reason": "一気に"},
    {"kind": "retry", "reason": "もう一度"},
    {"kind": "sustain", "review_on": "2099-06-01", "reason": "続くか"},
]
BESIDE = {
    "revision", "updated_at", "clock", "comments", "asides", "retracted", "undo", "followed", "attachments",
    "turned_away",
}  # fmt: skip
"""What has its own course and is not put back with a decision."""
WORDS = st.sampled_from(["測り直す", " ", None])


def move_of(body: Any, state: CycleState) -> Move | None:
    """The move that a command stands for; None when it is about one thing of several, or about another round."""
    match body:
        case c.Decide() if body.round != state.round or body.pull_up:
            return None
        case c.Decide():
            return Move(body.action.value)
        case c.Retract() if not state.decisions or body.round != state.decisions[-1].round:
            return None
        case c.SaveDraft() if step_of(body.deliverable) is not state.step:
            return None
        case c.CloseCondition() | c.AnswerQuestion() | c.ReadAfterwards() | c.Detach():
            return None
        case _:
            return Move(body.type)


class Spiral(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.play = Play(organisation=city.organisation(city.away(city.UNIT_CHIEF, city.PROXY, "2026-12-01")))
        self.rounds = 0

    @initialize(policy=st.sampled_from([DEFAULT, TWO_STAGES]))
    def begin(self, policy: Policy) -> None:
        self.play.policy = policy

    def attempt(self, actor: str, body: Any) -> None:
        before, move = self.play.state, move_of(body, self.play.state)
        may = allowed(before, actor, self.play.facts, self.play.at)
        try:
            events = self.play.give(actor, body)
        except DomainError as error:
            refused = error.refusal.category in REFUSED
        else:
            refused = None
        if refused is not None:
            assert self.play.state == before
            assert move not in may or not refused
            return
        assert move is None or move in may
        name = Move(body.action.value if isinstance(body, c.Decide) else body.type)
        here, then = named_state(before), named_state(self.play.state)
        assert is_possible(name, here), "the table does not know that this can be done"
        assert here is then or (name, here, then) in arrows(), "the table does not know that this leads there"
        assert [event.seq for event in events] == list(range(before.revision + 1, before.revision + 1 + len(events)))
        assert before.status.is_open or isinstance(body, c.Acknowledge | c.ReadAfterwards | c.Retract)
        if isinstance(body, c.Decide):
            assert actor != before.owner
            assert body.round == before.round

    @rule(actor=PEOPLE, deliverable=DELIVERABLES)
    def save(self, actor: str, deliverable: Any) -> None:
        self.attempt(actor, c.SaveDraft(deliverable=deliverable))

    @rule(following=st.lists(st.sampled_from(NEXT), min_size=1, max_size=3))
    def save_a_share(self, following: list[dict[str, object]]) -> None:
        self.attempt(city.OWNER, c.SaveDraft(deliverable=city.share(*following)))

    @rule()
    def hand_in_what_is_due(self) -> None:
        due = {Step.IMAGINE: city.imagine(), Step.TRANSFORM: city.transform(), Step.REALISE: city.realise()}
        self.attempt(city.OWNER, c.SaveDraft(deliverable=due.get(self.play.state.step, city.share(NEXT[0]))))
        self.attempt(city.OWNER, c.Submit())

    @rule(actor=PEOPLE)
    def submit(self, actor: str) -> None:
        self.attempt(actor, c.Submit())

    @rule(actor=PEOPLE, action=st.sampled_from(Action), off=st.sampled_from([0, 0, 0, 1]), reason=WORDS)
    def judge(self, actor: str, action: Action, off: int, reason: str | None) -> None:
        today = self.play.facts.today
        asked = (c.ConditionAsked(text="説明", due=today),) if action is Action.APPROVE_WITH_CONDITIONS else ()
        body = c.Decide(
            action=action,
            round=self.play.state.round + off,
            reason=reason,
            hold_until=today + timedelta(days=40),
            conditions=asked,
        )
        self.attempt(actor, body)

    @rule()
    def approve_as_granted(self) -> None:
        for person in self.play.deciders()[:1]:
            self.attempt(person, c.Decide(action=Action.APPROVE, round=self.play.state.round))

    @rule(actor=PEOPLE)
    def pull_up(self, actor: str) -> None:
        self.attempt(actor, c.Decide(action=Action.APPROVE, round=self.play.state.round, pull_up=True))

    @rule(actor=PEOPLE, off=st.sampled_from([0, 0, 0, 1]), reason=WORDS)
    def retract(self, actor: str, off: int, reason: str | None) -> None:
        before = self.play.state
        may = Move.RETRACT in allowed(before, actor, self.play.facts, self.play.at)
        number = before.decisions[-1].round + off if before.decisions else off
        self.attempt(actor, c.Retract(round=number, reason=reason))
        after = self.play.state
        assert (after.revision > before.revision) == (may and not off and reason == "測り直す")
        if after.revision > before.revision:
            then = fold(self.play.events[: before.undo[-1].seq - 1])
            assert self.standing_of(after) == self.standing_of(then)

    def standing_of(self, state: CycleState) -> dict[str, Any]:
        """What a retraction must put back; times of stages that stayed open may have moved on."""
        kept = state.model_dump(exclude=BESIDE)
        if kept["review"] is not None:
            kept["review"]["open"] = [one["key"] for one in kept["review"]["open"]]
        return kept

    @rule(
        actor=PEOPLE, which=st.sampled_from(["pull", "resume", "comment", "close", "ask", "answer", "read", "review"])
    )
    def other_moves(self, actor: str, which: str) -> None:
        bodies = {
            "pull": c.PullBack(), "resume": c.Resume(), "comment": c.Comment(text="見た"),
            "close": c.CloseCondition(n=1, evidence="済"), "ask": c.Ask(text="何件"),
            "answer": c.AnswerQuestion(n=1, text="千件"), "read": c.Acknowledge(), "review": c.ReadAfterwards(n=1),
        }  # fmt: skip
        self.attempt(actor, bodies[which])

    @rule(days=st.floats(min_value=0.01, max_value=30))
    def time_passes(self, days: float) -> None:
        before = self.play.state
        self.play.pass_by(timedelta(days=days))
        after = self.play.state
        here, then = named_state(before), named_state(after)
        assert here is then or (Occasion.TIME_PASSES, here, then) in arrows()
        assert (after.step, after.decisions, after.round) == (before.step, before.decisions, before.round)
        assert after.status is before.status or (before.status, after.status) == (
            CycleStatus.ON_HOLD, CycleStatus.ACTIVE,
        )  # fmt: skip

    @invariant()
    def the_events_tell_the_whole_state(self) -> None:
        assert fold(self.play.events) == self.play.state
        assert self.play.state.revision == len(self.play.events)

    @invariant()
    def the_state_survives_the_wire(self) -> None:
        state = self.play.state
        assert CycleState.model_validate_json(state.model_dump_json(by_alias=True)) == state
        snapshot = CommandLog.resumed(Snapshot(state=state)).snapshot()
        assert Snapshot.model_validate_json(snapshot.model_dump_json(by_alias=True)) == snapshot
        assert len(state.model_dump_json()) < 200_000

    @invariant()
    def at_most_one_step_is_open_and_rounds_only_rise(self) -> None:
        state = self.play.state
        assert state.round >= self.rounds
        self.rounds = state.round
        assert (state.review is not None) == (state.step_status is StepStatus.IN_REVIEW and state.status.is_open)

    @invariant()
    def nobody_decided_on_their_own_work(self) -> None:
        assert all(decision.by != self.play.state.owner for decision in self.play.state.decisions)
        assert self.play.state.owner not in self.play.deciders()

    @invariant()
    def what_follows_an_expansion_is_larger(self) -> None:
        state = self.play.state
        for planned in state.next_cycles:
            opened = opening_of(state, planned)
            before, after = (state.org_scope.rank, state.work_scope.rank), (
                opened.org_scope.rank, opened.work_scope.rank,
            )  # fmt: skip
            if planned.kind is CycleKind.EXPAND:
                assert after > before
                assert all(new >= old for new, old in zip(after, before, strict=True))
            else:
                assert after == before


TestSpiral = Spiral.TestCase
TestSpiral.settings = settings(
    max_examples=examples(20), stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)


def test_the_machine_can_reach_a_completed_cycle() -> None:
    machine = Spiral()
    for _ in range(4):
        machine.hand_in_what_is_due()
        machine.approve_as_granted()
    assert machine.play.state.status is CycleStatus.COMPLETED
    with pytest.raises(DomainError, match="cycle_closed"):
        machine.play.give(city.OWNER, c.Comment(text=str(date(2026, 1, 1))))


def test_a_cycle_opens_once_and_a_second_opening_is_no_history() -> None:
    play = Play()
    again = play.events[0].model_copy(update={"seq": 2})
    with pytest.raises(ValueError, match="opens once"):
        evolve(play.state, again)
