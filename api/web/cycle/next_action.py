"""What is next for whoever looks at a cycle, in one sentence with its facts."""

from datetime import datetime
from typing import Literal

from api.web.cycle.consultation import Beside
from api.web.cycle.route_boxes import Stamps
from api.web.forms.step_form import StepForm
from api.web.frame.page import Context
from api.web.me.home import Mine
from engine.domain.cycle.state import CycleState
from engine.domain.steps import CycleStatus, StepStatus

Kind = Literal["answer", "redo", "write", "submit", "decide", "wait", "theirs", "hold", "over"]


class Call(Context):
    """One call, and who has it, since when, due when, how long it usually takes (seconds).

    Args:
        left: how many questions wait, or how many places a submission still lacks.
        first: the control of the first such place.
    """

    kind: Kind
    left: int = 0
    first: str = ""
    who: tuple[str, ...]
    since: datetime
    due_at: datetime | None
    usual: float | None


def call_of(  # noqa: PLR0913 - what the page has already looked up, each named
    state: CycleState, card: Mine, form: StepForm | None, beside: Beside, route: Stamps | None, *, may_decide: bool
) -> Call:
    """The most urgent thing, from the reader's side."""
    asked = [one.question for one in beside.questions if one.question.answer is None]
    kind, left, first = _next(state, form, len(asked) if beside.may_answer else 0, may_decide=may_decide)
    waiting = route.waiting if route else None
    usual = waiting.usual.seconds if waiting and waiting.usual else None
    return Call(
        kind=kind,
        left=left,
        first=first or (f"question-{asked[-1].n}" if asked else ""),
        who=tuple(one.name for one in card.who),
        since=card.since,
        due_at=card.due_at,
        usual=usual if state.review else route.usual_seconds if route else None,
    )


def _next(state: CycleState, form: StepForm | None, asked: int, *, may_decide: bool) -> tuple[Kind, int, str]:
    if state.status is CycleStatus.ON_HOLD:
        return "hold", 0, ""
    if not state.status.is_open:
        return "over", 0, ""
    if asked:
        return "answer", asked, ""
    if form is not None:
        first = f"f-{form.lacks[0].control}" if form.lacks else "draft"
        if state.step_status is StepStatus.RETURNED:
            return "redo", len(form.lacks), first
        return ("write", len(form.lacks), first) if form.lacks else ("submit", 0, "")
    if may_decide:
        return "decide", 0, ""
    return ("wait" if state.review else "theirs"), 0, ""
