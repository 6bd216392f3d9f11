"""What dashboards keep between questions is never shown once the journal has grown."""

from datetime import timedelta

from sqlalchemy import Engine

from engine.contracts.cycle import AppendAsk
from engine.domain.figures.wanted import Question, Wanted, wanted_of
from engine.store.figures import Figures
from engine.store.journal import Journal
from tests.domain.plays import Play
from tests.support import city


def _wanted(play: Play, *, past: bool) -> Wanted:
    now = play.at + timedelta(days=40)
    as_of = (play.at + timedelta(days=1)).date() if past else None
    return wanted_of(Question(as_of=as_of), now=now, offset=540, organisation=city.organisation(), startups=None)


def test_an_append_after_a_question_changes_the_next_answer_of_every_reader(database: Engine) -> None:
    play = Play()
    play.turn()
    opened, rest = play.events[:1], play.events[1:]
    cycle = play.state.cycle_id
    Journal(database).append(AppendAsk(cycle_id=cycle, after=0, events=opened))
    readers = (Figures(database), Figures(database))
    questions = [_wanted(play, past=past) for past in (False, True)]
    before = [reader.summary(wanted) for wanted in questions for reader in readers]
    assert before == [reader.summary(wanted) for wanted in questions for reader in readers]

    Journal(database).append(AppendAsk(cycle_id=cycle, after=len(opened), events=rest))

    after = [reader.summary(wanted) for wanted in questions for reader in readers]
    assert after == [Figures(database).summary(wanted) for wanted in questions for _ in readers]
    assert all(new != old for new, old in zip(after, before, strict=True))
