"""What dashboards keep between questions is what the journal says now, whoever wrote it and whatever it was."""

from contextlib import suppress
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from engine.contracts.cycle import AppendAsk
from engine.domain.analytics.query import FiguresQuestion, FiguresWanted, wanted_of
from engine.domain.cycle import commands as c
from engine.domain.effects.sums import GroupBy, Selection, Sums
from engine.domain.errors import DomainError
from engine.domain.lineage.next_cycles import opening_of
from engine.domain.lineage.open_cycle import InitiativeAsked, open_initiative
from engine.domain.review.review import Action
from engine.domain.roadmap import Pillar
from engine.domain.scope import OrgScope, WorkScope
from engine.domain.steps import Step
from engine.store.queries.effects import AccountReader
from engine.store.queries.figures import Figures
from engine.store.record.journal import Journal
from tests.domain.plays import MORNING, Play
from tests.support import city

pytestmark = pytest.mark.slow

NUMBERS = count(1)
OFFICE = city.organisation()
GROWS = {"kind": "expand", "org_scope": "unit", "work_scope": "task", "reason": "効いた"}
MOVES = st.sampled_from(
    ["open", "hand in", "hand in", "approve", "approve", "approve", "return", "hold", "reject", "withdraw",
     "pull back", "comment", "wait", "turn"]
)  # fmt: skip


def _wanted(at: Any, question: FiguresQuestion) -> FiguresWanted:
    startups = frozenset({question.startup}) if question.startup else None
    return wanted_of(question, now=at, offset=540, organisation=OFFICE, startups=startups)


def test_an_append_after_a_question_changes_the_next_answer_of_every_reader(database: Engine) -> None:
    play = Play()
    play.turn()
    opened, rest = play.events[:1], play.events[1:]
    cycle = play.state.cycle_id
    Journal(database).append(AppendAsk(cycle_id=cycle, after=0, events=opened))
    readers = (Figures(database), Figures(database))
    now, day = play.at + timedelta(days=40), (play.at + timedelta(days=1)).date()
    questions = [_wanted(now, FiguresQuestion()), _wanted(now, FiguresQuestion(as_of=day))]
    before = [reader.summary(wanted) for wanted in questions for reader in readers]
    assert before == [reader.summary(wanted) for wanted in questions for reader in readers]

    Journal(database).append(AppendAsk(cycle_id=cycle, after=len(opened), events=rest))

    after = [reader.summary(wanted) for wanted in questions for reader in readers]
    assert after == [Figures(database).summary(wanted) for wanted in questions for _ in readers]
    assert all(new != old for new, old in zip(after, before, strict=True))


class Town:
    """Several cycles at once, by random moves, each written down at once."""

    def __init__(self, database: Engine) -> None:
        self.journal = Journal(database)
        self.at = MORNING
        self.plays: list[Play] = []
        self._written: dict[str, int] = {}

    def move(self, what: str, which: int) -> None:
        if what == "open" or not self.plays:
            self._open(which)
        play = self.plays[which % len(self.plays)]
        play.at = self.at
        with suppress(DomainError, IndexError):  # not possible now; what was done before that is written all the same
            self._give(play, what, which)
        self.at = max(self.at, play.at) + timedelta(minutes=7)
        for planned in play.state.next_cycles:
            if all(one.state.cycle_id != planned.cycle_id for one in self.plays):
                self.plays.append(Play(opened=opening_of(play.state, planned), owner=planned.owner, at=self.at))
        for one in self.plays:
            self._write(one)

    def _open(self, which: int) -> None:
        asked = InitiativeAsked(
            title="題", org_scope=OrgScope.INDIVIDUAL, org_unit="U" if which % 2 else "U2", work_scope=WorkScope.TASK,
            pillar=list(Pillar)[which % 2],
        )  # fmt: skip
        owner = city.OWNER if which % 2 else city.OTHER
        opened = open_initiative(
            asked,
            initiative_id=f"i{next(NUMBERS)}",
            owner=owner,
            organisation=OFFICE,
            edition=None,
            on=MORNING.date(),
        )
        self.plays.append(Play(opened=opened, owner=owner, at=self.at))

    def _give(self, play: Play, what: str, which: int) -> None:
        owner, state = play.state.owner, play.state
        match what:
            case "hand in":
                sharing = city.share(GROWS) if which % 2 else city.share()
                made = {
                    Step.IMAGINE: city.imagine(), Step.TRANSFORM: city.transform(),
                    Step.REALISE: city.realise(10.1 + which),
                }  # fmt: skip
                play.hand_in(made.get(state.step, sharing))
            case "approve":
                play.decide()
            case "return":
                play.decide(Action.RETURN, reason="数字")
            case "hold":
                play.decide(Action.HOLD, reason="待ち", hold_until=(play.at + timedelta(days=9)).date())
            case "reject":
                play.decide(Action.REJECT, reason="重複")
            case "withdraw":
                play.give(owner, c.Withdraw(reason="終わり"))
            case "retract":
                play.give(state.decisions[-1].by, c.Retract(round=state.decisions[-1].round, reason="押し間違い"))
            case "pull back":
                play.give(owner, c.PullBack())
            case "comment":
                play.give(owner, c.Comment(text="ひとこと"))
            case "wait":
                play.pass_by(timedelta(days=which))
            case "turn":
                play.turn(GROWS)

    def _write(self, play: Play) -> None:
        name = play.state.cycle_id
        after = self._written.get(name, 0)
        if play.events[after:]:
            ask = AppendAsk(cycle_id=name, after=after, events=play.events[after:])
            assert not self.journal.append(ask).ahead
        self._written[name] = len(play.events)


def told(figures: Figures, town: Town) -> list[Any]:
    now = town.at + timedelta(days=1)
    questions = [
        FiguresQuestion(),
        FiguresQuestion(pillar="P1"),
        FiguresQuestion(org_unit="S"),
        FiguresQuestion(fiscal_year=2026, pillar="P2"),
        FiguresQuestion(as_of=(MORNING + timedelta(days=1)).date()),
        FiguresQuestion(as_of=(town.at - timedelta(days=3)).date(), org_unit="D"),
    ]
    found: list[Any] = []
    for wanted in (_wanted(now, one) for one in questions):
        found += [figures.summary(wanted), figures.waiting(wanted, OFFICE), figures.quality(wanted)]
        found += [figures.spread(wanted, OFFICE), figures.stories(wanted), figures.begun(wanted)]
        found += [figures.overview(wanted, OFFICE, 540, 3), figures.parts(wanted)]
    return found


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(MOVES, st.integers(0, 7)), min_size=4, max_size=11))
def test_figures_kept_up_are_those_read_anew(database: Engine, moves: list[tuple[str, int]]) -> None:
    town, kept, account = Town(database), Figures(database), AccountReader(database)
    chosen = Selection(org_unit="S")
    for what, which in moves:
        town.move(what, which)
        assert told(kept, town) == told(Figures(database), town)
        for by in (None, GroupBy.PILLAR, GroupBy.ORG_UNIT, GroupBy.FISCAL_YEAR):
            anew = Sums(Selection(), by, OFFICE, chosen.of(account.bookings(), OFFICE)).result()
            assert kept.effects(chosen, by, OFFICE, 540) == anew
