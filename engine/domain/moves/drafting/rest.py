"""引戻し, 取下げ and 再開: what is handed in comes back, what nobody wants ends, what rests goes on."""

from engine.domain.cycle import commands as c
from engine.domain.cycle import events as e
from engine.domain.cycle.recorder import Record, needed_text
from engine.domain.cycle.working_copy import refuse_others
from engine.domain.errors import conflict, forbidden
from engine.domain.moves.handler import WORDS, Handler, always
from engine.domain.moves.looking_up import with_grants
from engine.domain.moves.table.cells import TableRow, across, cell, done
from engine.domain.moves.table.moves import Move
from engine.domain.moves.table.rows import (
    DECIDERS,
    DRAFT,
    HELD,
    IN_REVIEW,
    OWNERS,
    SLEEPING,
    WITHDRAWN,
    owners,
)
from engine.domain.steps import CycleStatus, StepStatus


def pull_back(record: Record, _body: c.PullBack) -> None:
    """引戻し: only while the next approver has not acted."""
    refuse_others(record.state, record.actor)
    state = record.state
    if state.step_status is not StepStatus.IN_REVIEW or state.review is None:
        raise conflict("not_in_review", step=state.step.value)
    acted = [one for one in state.decisions if one.round == state.round]
    if acted:
        raise conflict("already_acted", by=acted[-1].by, action=acted[-1].action.value)
    record.add(e.PulledBack(step=state.step, round=state.round))


def withdraw(record: Record, body: c.Withdraw) -> None:
    """取下げ: the cycle ends; whoever has concurred is told."""
    refuse_others(record.state, record.actor)
    reason = needed_text(body.reason, "/reason")
    record.add(e.CycleWithdrawn(reason=reason, tell=record.state.concurring_posts()))


def resume(record: Record, body: c.Resume) -> None:
    """再開: before the day that was named; a review by whoever may decide, a cycle that sleeps by its owner."""
    state = record.state
    if state.status is not CycleStatus.ON_HOLD:
        raise conflict("not_on_hold")
    if state.review is None:
        refuse_others(state, record.actor)
    elif not any(grant.post in state.open_posts() for grant in body.grants):
        raise forbidden("not_your_decision")
    record.add(e.HoldEnded(early=True))


_PULLED_BACK = owners("not_in_review", in_review=done("pulled_back", to=DRAFT), held="already_acted")
_RESUMED = across(
    cell("not_on_hold"),
    cells={
        HELD: cell(DECIDERS, decider=done("hold_ended", to=IN_REVIEW)),
        SLEEPING: cell(OWNERS, owner=done("hold_ended", to=DRAFT)),
    },
)
HANDLERS = (
    Handler(
        c.PullBack,
        pull_back,
        {Move.PULL_BACK: TableRow("pull_back", _PULLED_BACK)},
        always((Move.PULL_BACK, c.PullBack())),
    ),
    Handler(
        c.Withdraw,
        withdraw,
        {Move.WITHDRAW: TableRow("withdraw", owners(done("cycle_withdrawn", to=WITHDRAWN)))},
        always((Move.WITHDRAW, c.Withdraw(reason=WORDS))),
    ),
    Handler(
        c.Resume,
        resume,
        {Move.RESUME: TableRow("resume", _RESUMED)},
        always((Move.RESUME, c.Resume(reason=WORDS))),
        with_grants,
    ),
)
