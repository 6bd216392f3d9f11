"""Noting who came in, read what few may read, or took data out; and finding it again."""

import csv
import io
from collections.abc import Iterator

from api.auth import Caller
from api.container import Desk
from engine.domain.access.log import AccessAct, AccessAsked, Accessed, must_be_auditor
from engine.domain.cycle.state import CycleState
from engine.domain.cycle.visibility import Visibility
from engine.domain.errors import invalid_at
from engine.exchange.cells import guarded, shown

COLUMNS = tuple(Accessed.model_fields)


def note(act: AccessAct, person: str, desk: Desk, subject: str = "", detail: str = "") -> None:
    """Writes a line of the access log."""
    desk.access_log.note(act, person, desk.directory.now(), subject, detail)


def note_reading(state: CycleState, caller: Caller, desk: Desk) -> None:
    """Writes that somebody other than its owner looks at a cycle that few may read."""
    if state.visibility is Visibility.RESTRICTED and caller.id != state.owner:
        desk.access_log.note_reading(caller.id, state.cycle_id, desk.directory.now())


def end_visits(person: str, caller: Caller, desk: Desk) -> None:
    """Ends every visit of a person: one's own, or anybody's for an administrator.

    Raises:
        DomainError: `admin_only`, or the organisation does not know the person.
    """
    if person != caller.id:
        caller.must_be_admin()
        if caller.facts.organisation.person(person) is None:
            raise invalid_at("/of", "unknown_person", person=person)
    desk.visits.end_all(person, desk.directory.now())
    note(AccessAct.VISITS_ENDED, caller.id, desk, person)


def found(caller: Caller, desk: Desk, asked: AccessAsked, limit: int, before: int | None = None) -> list[Accessed]:
    """Lines of the log, the newest first; for who has the duty `auditor` today.

    Raises:
        DomainError: `auditor_only`.
    """
    must_be_auditor(caller.duties)
    return desk.access_log.found(asked, limit, before)


def as_csv(caller: Caller, desk: Desk, asked: AccessAsked) -> Iterator[str]:
    """All of the log's lines as CSV, with a mark that Excel reads as UTF-8; for who has the duty `auditor` today.

    Raises:
        DomainError: `auditor_only`.
    """
    must_be_auditor(caller.duties)
    return _lines(desk.access_log.every(asked))


def _lines(found: Iterator[Accessed]) -> Iterator[str]:
    yield "\ufeff" + _line(COLUMNS)
    for one in found:
        yield _line([guarded(shown(getattr(one, name))) for name in COLUMNS])


def _line(cells: tuple[str, ...] | list[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()
