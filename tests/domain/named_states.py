"""A cycle in each named state, with something for every move to be about: what the table of moves is held against.

Each has its Imagine decided by a proxy while the chief was away, with a condition, a question and a circulation, its
Transform decided by the chief, and stands at Realise. One that sleeps has just been opened and has nothing of this.
"""

from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from typing import Any

from engine.domain.cycle import commands as c
from engine.domain.cycle.events import SYSTEM
from engine.domain.cycle.visibility import SetVisibility, Visibility
from engine.domain.lineage.join import joining_of
from engine.domain.lineage.next_cycles import opening_of
from engine.domain.moves.table.moves import Asker, Move, Occasion
from engine.domain.moves.table.named_states import NamedState
from engine.domain.review.policy import StageRule
from engine.domain.review.review import Action, StageKind
from engine.domain.roadmap import Edition, Governance, Startup
from tests.domain.offices import rule
from tests.domain.plays import MORNING, Play
from tests.support import city

PERSON = {
    Asker.OWNER: city.OWNER,
    Asker.DECIDER: city.UNIT_CHIEF,
    Asker.SUPERIOR: city.SECTION_HEAD,
    Asker.OTHER: city.OTHER,
    Asker.SYSTEM: SYSTEM,
}
EDITION = Edition(id="一", startups=(Startup(code="SL-09", governance=Governance.SECTION_LED),))
CIRCULATED = rule(StageRule(), circulate=("head@S",))
TWO_STAGES = rule(StageRule(kind=StageKind.LINE, posts=("own_head",)), StageRule(posts=("head@S",)))
ONE_DAY = MORNING.date().isoformat()


def fresh() -> Play:
    """At its very beginning."""
    return Play(edition=EDITION)


def draft() -> Play:
    away = city.organisation(city.away(city.UNIT_CHIEF, city.PROXY, ONE_DAY, ONE_DAY))
    play = Play(organisation=away, policy=CIRCULATED, edition=EDITION)
    play.hand_in(city.imagine())
    play.give(city.PROXY, c.Ask(text="件数は"))
    asked = c.ConditionAsked(text="説明会を開く", due=date(2026, 12, 20), owner=city.OWNER)
    play.decide(Action.APPROVE_WITH_CONDITIONS, by=city.PROXY, conditions=(asked,), reason="急ぎ")
    play.pass_by(timedelta(days=1))
    play.hand_in(city.transform())
    play.decide()
    return play


def in_review() -> Play:
    play = draft()
    play.hand_in(city.realise())
    return play


def returned() -> Play:
    play = in_review()
    play.decide(Action.RETURN, reason="測り直す")
    return play


def held() -> Play:
    play = in_review()
    play.decide(Action.HOLD, hold_until=date(2099, 4, 1))
    return play


def sleeping() -> Play:
    done = Play()
    done.turn({"kind": "sustain", "review_on": "2027-06-01", "reason": "続くか"})
    return Play(opened=opening_of(done.state, done.state.next_cycles[0]), edition=EDITION)


def completed() -> Play:
    play = in_review()
    play.decide()
    play.give(city.OWNER, c.CloseCondition(n=1, evidence="開いた"))
    play.hand_in(city.share())
    play.decide()
    return play


def rejected() -> Play:
    play = in_review()
    play.decide(Action.REJECT, reason="重複")
    return play


def withdrawn() -> Play:
    play = draft()
    play.give(city.OWNER, c.Withdraw(reason="統合"))
    return play


_STORIES: dict[NamedState, Callable[[], Play]] = {
    NamedState.DRAFT: draft,
    NamedState.IN_REVIEW: in_review,
    NamedState.RETURNED: returned,
    NamedState.HELD: held,
    NamedState.SLEEPING: sleeping,
    NamedState.COMPLETED: completed,
    NamedState.REJECTED: rejected,
    NamedState.WITHDRAWN: withdrawn,
}
FILE = c.Attach(name="見積.pdf", size=9, sha256="a" * 64)
FILE_FITS = {NamedState.DRAFT, NamedState.RETURNED, NamedState.IN_REVIEW, NamedState.HELD}


@cache
def _story(state: NamedState) -> Play:
    return _STORIES[state]()


def cycle_in(state: NamedState, move: str | None = None) -> Play:
    """A cycle in `state`, and what `move` needs, where a cycle in this state can have it."""
    play = _story(state).copy()
    if move == Move.DETACH and state in FILE_FITS:
        play.give(city.OWNER, FILE)
    if move == Move.SUBMIT and state in {NamedState.DRAFT, NamedState.RETURNED}:
        play.draft(city.realise())
    return play


def body_of(move: str, play: Play) -> Any:
    """The command of a move, filled in."""
    number = play.state.round
    if move in {action.value for action in Action} | {Move.PULL_UP.value}:
        action = Action.APPROVE if move == Move.PULL_UP else Action(move)
        due = play.facts.today + timedelta(days=9)
        return c.Decide(
            action=action,
            round=number,
            reason="わけ",
            pull_up=move == Move.PULL_UP,
            conditions=(c.ConditionAsked(text="説明", due=due),) if action is Action.APPROVE_WITH_CONDITIONS else (),
            hold_until=date(2099, 4, 1) if action is Action.HOLD else None,
        )
    last = play.state.decisions[-1].round if play.state.decisions else number
    bodies: dict[str, Any] = {
        Move.SAVE_DRAFT: c.SaveDraft(deliverable=play.state.deliverables.of(play.state.step)),
        Move.SUBMIT: c.Submit(),
        Move.PULL_BACK: c.PullBack(),
        Move.RETRACT: c.Retract(round=last, reason="押し間違い"),
        Move.WITHDRAW: c.Withdraw(reason="統合"),
        Move.RESUME: c.Resume(),
        Move.COMMENT: c.Comment(text="見ました"),
        Move.CLOSE_CONDITION: c.CloseCondition(n=1, evidence="済"),
        Move.ATTACH: FILE,
        Move.DETACH: c.Detach(n=1),
        Move.ASK: c.Ask(text="件数は"),
        Move.ANSWER_QUESTION: c.AnswerQuestion(n=1, text="千件"),
        Move.ACKNOWLEDGE: c.Acknowledge(),
        Move.POST_REVIEW: c.ReadAfterwards(n=1),
        Move.SET_VISIBILITY: SetVisibility(level=Visibility.RESTRICTED),
        Move.ASSIGN_STARTUP: c.AssignStartup(startup="SL-09"),
        Occasion.JOIN_PARENT: _join(),
    }
    return bodies[move]


@cache
def _join() -> c.JoinParent:
    done = Play()
    done.turn({"kind": "expand", "org_scope": "unit", "work_scope": "process", "reason": "効いた"})
    (planned,) = done.state.next_cycles
    joined = planned.model_copy(update={"join": "i9-1"})
    state = done.state.model_copy(update={"next_cycles": (joined,)})
    return c.JoinParent(parent="i8-1", planned=joined.cycle_id, joining=joining_of(state, "i9-1", joined.cycle_id))
