"""The table of every state and every command: what happens, or which refusal."""

from collections.abc import Callable
from datetime import date
from typing import Any, get_args

import pytest

from engine.domain.cycle import commands as c
from engine.domain.cycle.visibility import SetVisibility, Visibility
from engine.domain.errors import DomainError
from engine.domain.lineage.join import joining_of
from engine.domain.review.review import Action
from tests.domain.plays import Play, kinds
from tests.support import city


def draft() -> Play:
    play = Play()
    play.draft(city.imagine())
    return play


def in_review() -> Play:
    play = draft()
    play.give(city.OWNER, c.Submit())
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
    from engine.domain.lineage.next_cycles import opening_of

    done = Play()
    done.turn({"kind": "sustain", "review_on": "2027-06-01", "reason": "続くか"})
    return Play(opened=opening_of(done.state, done.state.next_cycles[0]))


def completed() -> Play:
    play = Play()
    play.turn()
    return play


def rejected() -> Play:
    play = in_review()
    play.decide(Action.REJECT, reason="重複")
    return play


def withdrawn() -> Play:
    play = draft()
    play.give(city.OWNER, c.Withdraw(reason="統合"))
    return play


def _join() -> c.JoinParent:
    done = Play()
    done.turn({"kind": "expand", "org_scope": "unit", "work_scope": "process", "reason": "効いた"})
    (planned,) = done.state.next_cycles
    joined = planned.model_copy(update={"join": "i9-1"})
    state = done.state.model_copy(update={"next_cycles": (joined,)})
    joining = joining_of(state, "i9-1", joined.cycle_id)
    return c.JoinParent(parent="i8-1", planned=joined.cycle_id, joining=joining)


JOIN = _join()
STATES: dict[str, Callable[[], Play]] = {
    one.__name__: one for one in (draft, in_review, returned, held, sleeping, completed, rejected, withdrawn)
}
CHIEF, OWNER, OTHER = city.UNIT_CHIEF, city.OWNER, city.OTHER


def body_of(kind: str, play: Play) -> Any:
    bodies: dict[str, Any] = {
        "save_draft": c.SaveDraft(deliverable=city.imagine()),
        "submit": c.Submit(),
        "decide": c.Decide(action=Action.APPROVE, round=play.state.round),
        "pull_back": c.PullBack(),
        "retract": c.Retract(round=play.state.round, reason="押し間違い"),
        "withdraw": c.Withdraw(reason="統合"),
        "resume": c.Resume(),
        "comment": c.Comment(text="見ました"),
        "close_condition": c.CloseCondition(n=1, evidence="済"),
        "attach": c.Attach(name="見積.pdf", size=9, sha256="a" * 64),
        "detach": c.Detach(n=1),
        "join_parent": JOIN,
        "ask": c.Ask(text="件数は"),
        "answer_question": c.AnswerQuestion(n=1, text="千件"),
        "acknowledge": c.Acknowledge(),
        "post_review": c.ReadAfterwards(n=1),
        "set_visibility": SetVisibility(level=Visibility.RESTRICTED),
        "assign_startup": c.AssignStartup(startup="SL-09"),
    }
    return bodies[kind]


SUBMITTED = ["step_submitted", "stage_opened"]
RETRACTED = ["decision_retracted"]
APPROVED = ["stage_voted", "step_approved", "effect_measured"]
OPEN, CLOSED = ("draft", "returned", "in_review", "held", "sleeping"), ("completed", "rejected", "withdrawn")
# command -> state -> (who, outcome): a list is the events, a text the refusal's code
TABLE: dict[str, dict[str, list[tuple[str, list[str] | str]]]] = {
    "save_draft": {
        "draft": [(OWNER, ["draft_saved"]), (OTHER, "owner_only")],
        "returned": [(OWNER, ["draft_saved"]), (CHIEF, "owner_only")],
        "in_review": [(OWNER, "in_review"), (OTHER, "owner_only")],
        "held": [(OWNER, "on_hold")],
        "sleeping": [(OWNER, "on_hold")],
    },
    "submit": {
        "draft": [(OWNER, SUBMITTED), (CHIEF, "owner_only")],
        "returned": [(OWNER, SUBMITTED), (OTHER, "owner_only")],
        "in_review": [(OWNER, "in_review")],
        "held": [(OWNER, "on_hold")],
        "sleeping": [(OWNER, "on_hold")],
    },
    "decide": {
        "draft": [(CHIEF, "round_over"), (OWNER, "round_over")],
        "returned": [(CHIEF, "round_over")],
        "in_review": [(CHIEF, APPROVED), (OWNER, "own_work"), (OTHER, "not_your_decision")],
        "held": [(CHIEF, "on_hold"), (OWNER, "own_work")],
        "sleeping": [(CHIEF, "round_over")],
    },
    "pull_back": {
        "draft": [(OWNER, "not_in_review")],
        "returned": [(OWNER, "not_in_review")],
        "in_review": [(OWNER, ["pulled_back"]), (CHIEF, "owner_only")],
        "held": [(OWNER, "already_acted")],
        "sleeping": [(OWNER, "not_in_review")],
    },
    "retract": {
        "draft": [(CHIEF, "nothing_to_retract"), (OWNER, "nothing_to_retract")],
        "returned": [(CHIEF, RETRACTED), (OTHER, "not_your_decision_to_retract")],
        "in_review": [(CHIEF, "nothing_to_retract")],
        "held": [(CHIEF, RETRACTED), (OWNER, "not_your_decision_to_retract")],
        "sleeping": [(CHIEF, "nothing_to_retract")],
        "completed": [(CHIEF, RETRACTED), (OWNER, "not_your_decision_to_retract")],
        "rejected": [(CHIEF, RETRACTED), (OTHER, "not_your_decision_to_retract")],
        "withdrawn": [(CHIEF, "nothing_to_retract")],
    },
    "withdraw": {
        "draft": [(OWNER, ["cycle_withdrawn"]), (CHIEF, "owner_only")],
        "returned": [(OWNER, ["cycle_withdrawn"])],
        "in_review": [(OWNER, ["cycle_withdrawn"])],
        "held": [(OWNER, ["cycle_withdrawn"])],
        "sleeping": [(OWNER, ["cycle_withdrawn"])],
    },
    "resume": {
        "draft": [(OWNER, "not_on_hold")],
        "returned": [(OWNER, "not_on_hold")],
        "in_review": [(CHIEF, "not_on_hold")],
        "held": [(CHIEF, ["hold_ended"]), (OTHER, "not_your_decision"), (OWNER, "not_your_decision")],
        "sleeping": [(OWNER, ["hold_ended"]), (OTHER, "owner_only")],
    },
    "comment": {
        name: [(OWNER, ["commented"]), (OTHER, ["commented"])]
        for name in ("draft", "returned", "in_review", "held", "sleeping")
    },
    "close_condition": {
        name: [(OWNER, "unknown_condition")] for name in ("draft", "returned", "in_review", "held", "sleeping")
    },
    "attach": {
        "draft": [(OWNER, ["attachment_added"]), (CHIEF, "not_yours_to_attach")],
        "returned": [(OWNER, ["attachment_added"]), (CHIEF, "not_yours_to_attach")],
        "in_review": [
            (OWNER, ["attachment_added"]),
            (CHIEF, ["attachment_added"]),
            (OTHER, "not_yours_to_attach"),
        ],
        "held": [(OWNER, ["attachment_added"]), (OTHER, "not_yours_to_attach")],
        "sleeping": [(OWNER, "on_hold")],
    },
    "detach": {
        name: [(OWNER, "unknown_attachment")] for name in ("draft", "returned", "in_review", "held", "sleeping")
    },
    "ask": {
        "draft": [(CHIEF, "not_in_review"), (OWNER, "own_work")],
        "returned": [(CHIEF, "not_in_review")],
        "in_review": [(CHIEF, ["question_asked"]), (OWNER, "own_work"), (OTHER, "not_your_decision")],
        "held": [(CHIEF, ["question_asked"]), (OTHER, "not_your_decision")],
        "sleeping": [(CHIEF, "not_in_review")],
    },
    "answer_question": {
        name: [(OWNER, "unknown_question"), (CHIEF, "owner_only")]
        for name in ("draft", "returned", "in_review", "held", "sleeping")
    },
    "acknowledge": {name: [(OTHER, "not_circulated_to_you")] for name in OPEN},
    "post_review": {name: [(CHIEF, "unknown_post_review")] for name in OPEN},
    "set_visibility": {
        name: [(OWNER, ["visibility_set"]), (CHIEF, ["visibility_set"]), (OTHER, "not_yours_to_hide")]
        for name in STATES
    },
    "assign_startup": {name: [(OWNER, "invalid_fields"), (OTHER, "not_yours_to_assign")] for name in OPEN},
}
READING = {"acknowledge", "post_review", "set_visibility"}
for name, row in TABLE.items():
    closed: list[tuple[str, list[str] | str]] = [(OWNER, "cycle_closed"), (CHIEF, "cycle_closed")]
    if name != "retract":
        row.update(dict.fromkeys(CLOSED, row["draft"] if name in READING else closed))
# a cycle of the smallest scope contains no other; one that has ended still says so to whoever comes too late
TABLE["join_parent"] = {name: [("system", ["join_refused"])] for name in STATES}
CASES = [
    (state, command, who, outcome)
    for command, row in TABLE.items()
    for state, outcomes in row.items()
    for who, outcome in outcomes
]


@pytest.mark.parametrize(("state", "command", "who", "outcome"), CASES)
def test_a_command_does_in_each_state_what_the_table_says(
    state: str, command: str, who: str, outcome: list[str] | str
) -> None:
    play = STATES[state]()
    before = play.state
    body = body_of(command, play)
    if isinstance(outcome, list):
        assert kinds(play.give(who, body)) == outcome
        assert play.state.revision == before.revision + len(outcome)
        return
    with pytest.raises(DomainError, match=f"^{outcome}$"):
        play.give(who, body)
    assert play.state == before


def test_the_table_knows_every_state_and_every_command() -> None:
    union = get_args(get_args(c.Body)[0])
    assert TABLE.keys() == {model.model_fields["type"].default for model in union}
    assert all(row.keys() == STATES.keys() for row in TABLE.values())
