"""What a figure of the city is made of: its cycles as a list, under the same filters and the same day."""

from datetime import date
from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from api.services.city import figures
from api.services.city.questions import looked_up
from api.web.city.filters import Asked, Choices, address, filters, plain
from api.web.format.gettext import N_
from api.web.frame.page import Context, Member, MemberVisit, pages_router
from api.web.frame.people import post_name, someone, unit_name
from engine.domain.analytics.drilldown import DrilledPart
from engine.domain.analytics.history import Moment
from engine.domain.analytics.query import FiguresQuestion
from engine.domain.organisation.organisation import PostRef
from engine.domain.scope import OrgScope, WorkScope
from engine.domain.steps import CycleStatus, Step

router = pages_router()
AT_ONCE = 50
PARTS = {
    DrilledPart.UNDER_WAY: N_("Under way"),
    DrilledPart.WAITS_FOR_APPROVER: N_("Waiting for a decision"),
    DrilledPart.OVERDUE: N_("Decisions overdue"),
    DrilledPart.WAITS_FOR_OWNER: N_("With their owners"),
    DrilledPart.COMPLETED: N_("Finished cycles"),
    DrilledPart.GROWN: N_("Grew larger"),
    DrilledPart.MEASURED: N_("Measured"),
    DrilledPart.UNMEASURED: N_("Not measured yet"),
    DrilledPart.WORSE: N_("Worse than before"),
}


class CycleLine(Context):
    """A cycle of the list."""

    cycle_id: str
    title: str
    unit: str
    org_scope: OrgScope
    work_scope: WorkScope
    step: Step
    status: CycleStatus
    waits_for: str
    who: str
    days: float | None
    overdue: bool
    hours: float | None


class PartLink(Context):
    """One of the lists."""

    text: str
    href: str
    current: bool
    count: int


class CyclesContext(Context):
    """The list; `before` and `following` lead to its other pages."""

    as_of: date
    is_now: bool
    title: str
    total: int
    parts: tuple[PartLink, ...]
    filters: tuple[Choices, ...]
    hidden: tuple[tuple[str, str], ...]
    back: str
    unnamed: int
    lines: tuple[CycleLine, ...]
    before: str | None
    following: str | None


@router.get("/city/cycles")
def cycles(
    visit: Member,
    question: Asked,
    part: DrilledPart = DrilledPart.UNDER_WAY,
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> Response:
    """The cycles behind one figure."""
    return visit.page("city_cycles.html", _context(question, part, page, visit))


def _context(question: FiguresQuestion, part: DrilledPart, page: int, visit: MemberVisit) -> CyclesContext:
    wanted = looked_up(question, visit.caller.facts, visit.desk)
    start = (page - 1) * AT_ONCE
    found = figures.drilled(wanted, part, start, AT_ONCE, visit.caller, visit.desk)
    counts = found.counts

    def on(number: int) -> str:
        return address("/city/cycles", question, part=part.value, page=str(number) if number > 1 else None)

    return CyclesContext(
        as_of=wanted.today,
        is_now=wanted.is_now,
        title=visit.say(PARTS[part]),
        total=counts[part],
        parts=tuple(
            PartLink(
                text=visit.say(text),
                href=address("/city/cycles", question, part=one.value),
                current=one is part,
                count=counts[one],
            )
            for one, text in PARTS.items()
        ),
        filters=filters("/city/cycles", question, visit, part=part.value),
        hidden=(*((name, value) for name, value in plain(question).items() if name != "as_of"), ("part", part.value)),
        back=address("/city", question),
        unnamed=found.unnamed,
        lines=tuple(_line(one, wanted.at.timestamp(), visit) for one in found.cycles),
        before=on(page - 1) if page > 1 else None,
        following=on(page + 1) if counts[part] > start + AT_ONCE else None,
    )


def _line(one: Moment, at: float, visit: MemberVisit) -> CycleLine:
    facts, language = visit.caller.facts, visit.language
    posts = [post_name(PostRef.parse(post), facts, language) for post in one.posts.split()]
    waits = one.waits_for == "approver" and bool(posts)
    return CycleLine(
        cycle_id=one.cycle_id,
        title=one.title,
        unit=unit_name(one.org_unit, facts, language),
        org_scope=OrgScope(one.org_scope),
        work_scope=WorkScope(one.work_scope),
        step=Step(one.step),
        status=CycleStatus(one.status),
        waits_for=one.waits_for,
        who=("、" if language == "ja" else ", ").join(posts) if waits else someone(one.owner, facts, language).name,
        days=(at - one.waiting_since.timestamp()) / 86_400 if one.waits_for != "none" else None,
        overdue=one.due_at is not None and one.due_at.timestamp() < at,
        hours=one.hours_saved_per_year,
    )
