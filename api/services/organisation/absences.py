"""Absences: entered, changed and ended by oneself, a head in the line or an administrator."""

import hashlib

from api.auth import Caller
from api.container import Desk
from api.http.responses import command_id
from api.schemas.requests import AskedAbsence
from engine.contracts.lists import EnteredAbsence
from engine.domain.errors import forbidden, invalid, invalid_at, not_found
from engine.domain.notices.stand_ins import stand_in_notices
from engine.domain.organisation.absences import ProxyLimits, absence_errors, may_look_after, puts_themselves_in
from engine.domain.organisation.organisation import Absence, Duty
from engine.domain.review.policy import ProxyFrom
from engine.store.tables import AbsenceRow


def enter(asked: AskedAbsence, caller: Caller, desk: Desk, idempotency_key: str | None) -> EnteredAbsence:
    """Enters one; the same key again is the same absence.

    Raises:
        DomainError: not theirs to enter, wrong fields, or it overlaps another one.
    """
    name = hashlib.sha256(f"absence\n{command_id(caller, idempotency_key)}".encode()).hexdigest()[:16]
    return _put(name, asked, asked.person_id or caller.id, caller, desk)


def change(absence: str, asked: AskedAbsence, caller: Caller, desk: Desk) -> EnteredAbsence:
    """Changes one, at once.

    Raises:
        DomainError: there is none, it is not theirs to change, wrong fields, or it overlaps another one.
    """
    return _put(absence, asked, _held(absence, caller, desk).person_id, caller, desk)


def end(absence: str, caller: Caller, desk: Desk) -> None:
    """Ends one, at once and not at midnight.

    Raises:
        DomainError: there is none, or it is not theirs to end.
    """
    before = _absence_of(_held(absence, caller, desk))
    told = stand_in_notices(before, None, caller.facts.organisation)
    desk.directory.end_absence(absence, caller.id, told)


def looked_after(caller: Caller, desk: Desk) -> list[EnteredAbsence]:
    """The caller's own absences, and those of others that they may change and that are not over."""
    facts = caller.facts
    return [
        row
        for row in _all(desk)
        if row.person_id == caller.id
        or (row.last >= facts.today and may_look_after(caller.id, row.person_id, facts.organisation, facts.today))
    ]


def seen(caller: Caller, desk: Desk) -> list[EnteredAbsence]:
    """The caller's absences; an administrator sees everybody's."""
    every = Duty.ADMIN in caller.duties
    return [one for one in _all(desk) if every or one.person_id == caller.id]


def _put(name: str, asked: AskedAbsence, person: str, caller: Caller, desk: Desk) -> EnteredAbsence:
    facts = caller.facts
    absence = Absence(person_id=person, first=asked.first, last=asked.last, proxy=asked.proxy)
    known = facts.organisation.person(person) is not None
    if known and not may_look_after(caller.id, person, facts.organisation, facts.today):
        raise forbidden("not_your_absence")
    if asked.person_id not in {None, person}:
        raise forbidden("not_your_absence")
    if puts_themselves_in(caller.id, absence, facts.organisation, facts.today):
        raise invalid_at("/proxy", "not_oneself")
    limits = ProxyLimits(facts.policy.absence_days, facts.policy.proxy_from is ProxyFrom.LINE)
    if wrong := absence_errors(absence, facts.organisation, limits):
        raise invalid(*wrong)
    row = next((one for one in _all(desk) if one.id == name), None)
    told = stand_in_notices(_absence_of(row) if row else None, absence, facts.organisation, caller.id)
    return _entered(desk.directory.enter_absence(name, absence, caller.id, told))


def _all(desk: Desk) -> list[EnteredAbsence]:
    return [_entered(row) for row in desk.reader.absences(None)]


def _entered(row: AbsenceRow) -> EnteredAbsence:
    return EnteredAbsence(id=row.id, person_id=row.person_id, first=row.first, last=row.last, proxy=row.proxy)


def _absence_of(row: EnteredAbsence) -> Absence:
    return Absence(person_id=row.person_id, first=row.first, last=row.last, proxy=row.proxy)


def _held(absence: str, caller: Caller, desk: Desk) -> EnteredAbsence:
    """The absence, if the caller looks after it; somebody else's is none to others."""
    facts = caller.facts
    row = next((one for one in _all(desk) if one.id == absence), None)
    if row is None or not may_look_after(caller.id, row.person_id, facts.organisation, facts.today):
        raise not_found("unknown_absence", absence=absence)
    return row
