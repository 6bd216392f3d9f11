"""The access log as a page: filters, the newest first, and all of it as a file."""

from datetime import UTC, datetime, time, timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query
from starlette.responses import Response

from api.http.paging import encoded, number_of
from api.http.parameters import day_of
from api.http.responses import csv_file
from api.services.operations import accesses
from api.web.format.gettext import name_of
from api.web.frame.page import Context, Member, MemberVisit, pages_router
from api.web.frame.people import Someone, someone
from engine.domain.access.log import AccessAct, AccessAsked, Accessed

router = pages_router()
AT_ONCE = 50


class AccessLine(Context):
    """A line with names."""

    one: Accessed
    who: Someone | None
    what: str


class AccessLogContext(Context):
    """The page."""

    lines: tuple[AccessLine, ...]
    typed: dict[str, str]
    acts: tuple[tuple[str, str], ...]
    csv: str
    following: str | None


@router.get("/access-log")
def shown(  # noqa: PLR0913, PLR0917 - an argument for each filter
    visit: Member,
    person: Annotated[str, Query(max_length=120)] = "",
    act: str = "",
    subject: Annotated[str, Query(max_length=120)] = "",
    since: Annotated[str, Query(max_length=40)] = "",
    until: Annotated[str, Query(max_length=40)] = "",
    cursor: Annotated[str | None, Query(max_length=400)] = None,
) -> Response:
    """For who has the duty `auditor` today."""
    typed = {"person": person, "act": act, "subject": subject, "since": since, "until": until}
    before = number_of(cursor) or None
    found = accesses.found(visit.caller, visit.desk, _asked(typed, visit), AT_ONCE + 1, before)
    kept = {name: value for name, value in typed.items() if value}
    more = urlencode(kept | {"cursor": encoded((found[AT_ONCE - 1].number,))}) if len(found) > AT_ONCE else None
    return visit.page(
        "access_log.html",
        AccessLogContext(
            lines=tuple(_line(one, visit) for one in found[:AT_ONCE]),
            typed=typed,
            acts=tuple((one.value, name_of(one, visit.language)) for one in AccessAct),
            csv=f"/access-log.csv?{urlencode(kept)}",
            following=f"/access-log?{more}" if more else None,
        ),
    )


@router.get("/access-log.csv")
def as_file(  # noqa: PLR0913, PLR0917 - as above
    visit: Member,
    person: Annotated[str, Query(max_length=120)] = "",
    act: str = "",
    subject: Annotated[str, Query(max_length=120)] = "",
    since: Annotated[str, Query(max_length=40)] = "",
    until: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    """The same lines, all of them, as a file."""
    typed = {"person": person, "act": act, "subject": subject, "since": since, "until": until}
    return csv_file(accesses.as_csv(visit.caller, visit.desk, _asked(typed, visit)), "access-log.csv")


def _asked(typed: dict[str, str], visit: MemberVisit) -> AccessAsked:
    """The filters; a day is the office's, both included."""
    zone = visit.desk.settings.zone
    first, last = day_of(typed["since"], "since"), day_of(typed["until"], "until")
    end = datetime.combine(last + timedelta(days=1), time(), zone) - timedelta(microseconds=1) if last else None
    return AccessAsked(
        person=typed["person"] or None,
        act=AccessAct(typed["act"]) if typed["act"] in set(AccessAct) else None,
        subject=typed["subject"] or None,
        since=datetime.combine(first, time(), zone).astimezone(UTC) if first else None,
        until=end.astimezone(UTC) if end else None,
    )


def _line(one: Accessed, visit: MemberVisit) -> AccessLine:
    who = someone(one.person, visit.caller.facts, visit.language) if one.person else None
    return AccessLine(one=one, who=who, what=name_of(one.act, visit.language))
