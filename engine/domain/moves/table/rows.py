"""The table itself: of a cycle that one person works on and one head decides, in its third step.

What a move may be about is there: a condition, a question, a file, a reading; one that sleeps has nothing of it yet.
What other cycles answer stands in `otherwise`. A move that is done nowhere in a state is not even tried there.
"""

from collections.abc import Mapping
from types import MappingProxyType

from engine.domain.moves.table.cells import (
    CLOSED,
    Answer,
    Arrow,
    Because,
    Cell,
    Happens,
    Otherwise,
    TableRow,
    across,
    cell,
    done,
)
from engine.domain.moves.table.moves import Asker, Move, Occasion
from engine.domain.moves.table.named_states import ENDED, NamedState

DRAFT, IN_REVIEW, RETURNED = NamedState.DRAFT, NamedState.IN_REVIEW, NamedState.RETURNED
HELD, SLEEPING = NamedState.HELD, NamedState.SLEEPING
COMPLETED, REJECTED, WITHDRAWN = ENDED
_OWNERS, _DECIDERS, _DONE_BEFORE = "owner_only", "not_your_decision", "not_your_decision_to_retract"


def _writing(answer: Happens) -> Mapping[NamedState, Cell]:
    """The owner's, while the step is with the owner."""
    asleep = cell(_OWNERS, owner="on_hold")
    waiting = {IN_REVIEW: cell(_OWNERS, owner="in_review"), HELD: asleep, SLEEPING: asleep}
    return across(cell(_OWNERS, owner=answer), cells=waiting)


def _deciding(decider: Answer, superior: Answer = _DECIDERS) -> Mapping[NamedState, Cell]:
    """Of whom the route asks, while it does."""
    in_review = cell(_DECIDERS, owner="own_work", decider=decider, superior=superior)
    return across(cell("round_over"), cells={IN_REVIEW: in_review, HELD: cell("on_hold", owner="own_work")})


def _owners(answer: Answer, **cells: Answer) -> Mapping[NamedState, Cell]:
    """The owner's in every open state, but for what is said of some."""
    said = {NamedState(name): cell(_OWNERS, owner=one) for name, one in cells.items()}
    return across(cell(_OWNERS, owner=answer), cells=said)


def _system(answer: Happens) -> Mapping[NamedState, Cell]:
    return MappingProxyType({one: MappingProxyType({Asker.SYSTEM: answer}) for one in NamedState})


def _retracting() -> Mapping[NamedState, Cell]:
    back = cell(_DONE_BEFORE, decider=done("decision_retracted", to=IN_REVIEW))
    followed = cell(_DONE_BEFORE, decider="retract_followed")
    late = {IN_REVIEW: followed, WITHDRAWN: followed, SLEEPING: cell("nothing_to_retract")}
    return across(back, ended=back, cells=late)


_VOTED = ("stage_voted", "step_approved")
_APPROVED = done(*_VOTED, "effect_measured", to=DRAFT)
_APPROVED_FOR = done(*_VOTED, "effect_measured", "post_review_due", to=DRAFT)
_APPROVALS = (
    Otherwise(IN_REVIEW, Asker.DECIDER, done("stage_voted", "stage_opened"), Because.MORE_TO_ASK),
    Otherwise(IN_REVIEW, Asker.DECIDER, done(*_VOTED, "cycle_completed", to=COMPLETED), Because.LAST_STEP),
)
_OPPOSED = (Otherwise(IN_REVIEW, Asker.OTHER, done("stage_voted", "stage_opened"), Because.OPINION),)
_SENT_BACK = (Otherwise(IN_REVIEW, Asker.DECIDER, done("stage_returned", "stage_opened"), Because.EARLIER_APPROVER),)
_VOTE_RETRACTED = (Otherwise(IN_REVIEW, Asker.DECIDER, done("decision_retracted"), Because.MORE_TO_ASK),)
_JOINED = tuple(
    Otherwise(one, Asker.SYSTEM, done("parent_joined"), Because.LARGER) for one in (DRAFT, RETURNED, SLEEPING)
)
_CARRIED_OVER = (Otherwise(SLEEPING, Asker.OWNER, done("condition_closed"), Because.CARRIED_OVER),)
_SUBMITTED = done("step_submitted", "stage_opened", "circulated", to=IN_REVIEW)
_ATTACHED = done("attachment_added")
_ATTACHES = cell("not_yours_to_attach", owner=_ATTACHED)
_REVIEWED_FILES = cell("not_yours_to_attach", owner=_ATTACHED, decider=_ATTACHED)
_NO_FILE = cell("unknown_attachment")
_ASKS = cell(_DECIDERS, owner="own_work", decider=done("question_asked"))
_READ = cell("not_circulated_to_you", superior=done("circulation_read"))
_READ_AFTERWARDS = cell("not_your_post_review", decider=done("post_reviewed"))
_HIDES = cell("not_yours_to_hide", owner=done("visibility_set"), decider=done("visibility_set"))

ROWS: Mapping[Move | Occasion, TableRow] = MappingProxyType(
    {
        Move.SAVE_DRAFT: TableRow("save_draft", _writing(done("draft_saved"))),
        Move.SUBMIT: TableRow("submit", _writing(_SUBMITTED), lacking="invalid_fields"),
        Move.APPROVE: TableRow("decide", _deciding(_APPROVED), otherwise=_APPROVALS),
        Move.APPROVE_WITH_CONDITIONS: TableRow("decide", _deciding(_APPROVED), otherwise=_APPROVALS[1:]),
        Move.OPPOSE: TableRow("decide", _deciding("oppose_in_opinion_only"), otherwise=_OPPOSED),
        Move.RETURN: TableRow("decide", _deciding(done("step_returned", to=RETURNED)), otherwise=_SENT_BACK),
        Move.HOLD: TableRow("decide", _deciding(done("review_held", to=HELD))),
        Move.REJECT: TableRow("decide", _deciding(done("cycle_rejected", to=REJECTED))),
        Move.PULL_UP: TableRow("decide", _deciding(_APPROVED, _APPROVED_FOR), otherwise=_APPROVALS),
        Move.RETRACT: TableRow("retract", _retracting(), lacking="nothing_to_retract", otherwise=_VOTE_RETRACTED),
        Move.PULL_BACK: TableRow(
            "pull_back", _owners("not_in_review", in_review=done("pulled_back", to=DRAFT), held="already_acted")
        ),
        Move.WITHDRAW: TableRow("withdraw", _owners(done("cycle_withdrawn", to=WITHDRAWN))),
        Move.RESUME: TableRow(
            "resume",
            across(
                cell("not_on_hold"),
                cells={
                    HELD: cell(_DECIDERS, decider=done("hold_ended", to=IN_REVIEW)),
                    SLEEPING: cell(_OWNERS, owner=done("hold_ended", to=DRAFT)),
                },
            ),
        ),
        Move.COMMENT: TableRow("comment", across(cell(done("commented")))),
        Move.CLOSE_CONDITION: TableRow(
            "close_condition",
            across(
                cell("not_your_condition", owner=done("condition_closed")),
                cells={SLEEPING: cell("unknown_condition")},
            ),
            lacking="unknown_condition",
            otherwise=_CARRIED_OVER,
        ),
        Move.ASK: TableRow(
            "ask", across(cell("not_in_review", owner="own_work"), cells={IN_REVIEW: _ASKS, HELD: _ASKS})
        ),
        Move.ANSWER_QUESTION: TableRow(
            "answer_question",
            _owners(done("question_answered"), sleeping="unknown_question"),
            lacking="unknown_question",
        ),
        Move.ACKNOWLEDGE: TableRow(
            "acknowledge",
            across(_READ, ended=_READ, cells={SLEEPING: cell("not_circulated_to_you")}),
            lacking="not_circulated_to_you",
        ),
        Move.POST_REVIEW: TableRow(
            "post_review",
            across(_READ_AFTERWARDS, ended=_READ_AFTERWARDS, cells={SLEEPING: cell("unknown_post_review")}),
            lacking="unknown_post_review",
        ),
        Move.ATTACH: TableRow(
            "attach",
            across(
                _ATTACHES,
                cells={
                    IN_REVIEW: _REVIEWED_FILES,
                    HELD: _REVIEWED_FILES,
                    SLEEPING: cell("not_yours_to_attach", owner="on_hold"),
                },
            ),
        ),
        Move.DETACH: TableRow(
            "detach",
            across(
                cell(_OWNERS, owner=done("attachment_removed")),
                cells={
                    IN_REVIEW: cell(_OWNERS, owner="attachment_stays"),
                    HELD: cell(_OWNERS, owner="on_hold"),
                    SLEEPING: _NO_FILE,
                },
            ),
            lacking="unknown_attachment",
        ),
        Move.ASSIGN_STARTUP: TableRow(
            "assign_startup", across(cell("not_yours_to_assign", owner=done("startup_assigned")))
        ),
        Move.SET_VISIBILITY: TableRow("set_visibility", across(_HIDES, ended=_HIDES)),
        Occasion.JOIN_PARENT: TableRow("join_parent", _system(done("join_refused")), otherwise=_JOINED),
    }
)
"""By move; the last is no person's."""
TIME: Mapping[NamedState, Happens] = MappingProxyType(
    {
        IN_REVIEW: done("stage_escalated", "reminder_due"),
        HELD: done("hold_ended", to=IN_REVIEW),
        SLEEPING: done("hold_ended", to=DRAFT),
    }
)
"""What a day that comes brings; nothing in the other states."""
BEGINNINGS = (DRAFT, SLEEPING)
"""Where a cycle is when it has just been opened."""
_POSSIBLE = frozenset((state, move) for move, row in ROWS.items() for state, _, _ in row.happens())
TAKEN_AFTER_THE_END = frozenset(
    row.command
    for row in ROWS.values()
    if any(answer != CLOSED for state in ENDED for answer in row.cells[state].values())
)
"""The types of the commands that a cycle which has ended still takes, if only to refuse them by their own rule."""


def is_possible(move: Move, state: NamedState) -> bool:
    """Whether the move can be done at all by anybody in this state, in any cycle."""
    return (state, move) in _POSSIBLE


def arrows() -> tuple[Arrow, ...]:
    """Each move that leads from one state to another, once, in the order of the table."""
    found = [(move, state, one) for move, row in ROWS.items() for state, _, one in row.happens()]
    found += [(Occasion.TIME_PASSES, state, one) for state, one in TIME.items()]
    return tuple(dict.fromkeys(Arrow(move, state, one.to) for move, state, one in found if one.to is not None))
