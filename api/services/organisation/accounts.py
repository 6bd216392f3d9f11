"""Accounts of the OpenID provider that stand for a person: listed, and released by an administrator."""

from datetime import UTC, datetime

from sqlalchemy import Engine

from api.auth import Caller
from api.container import Desk
from api.services.operations.accesses import note
from engine.domain.access.log import AccessAct
from engine.domain.errors import not_found
from engine.domain.organisation.organisation import Organisation
from engine.store.registers.sign_ins import Account, SignIns
from engine.store.registers.visits import Visits


def listed(person: str, caller: Caller, desk: Desk) -> list[Account]:
    """Those of a person: one's own, or anybody's for an administrator."""
    if person != caller.id:
        caller.must_be_admin()
    return desk.sign_ins.of(_known(person, caller.facts.organisation))


def release(person: str, caller: Caller, desk: Desk) -> int:
    """They stand for nobody any more, and the person's visits end; the next verified sign-in binds anew.

    Returns:
        How many there were.
    """
    caller.must_be_admin()
    count = desk.sign_ins.release(_known(person, caller.facts.organisation), caller.id)
    desk.visits.end_all(person, desk.directory.now())
    note(AccessAct.ACCOUNT_RELEASED, caller.id, desk, person)
    return count


def released_here(database: Engine, person: str, by: str) -> int:
    """The same on the machine itself, by whoever runs it."""
    count = SignIns(database).release(person, by)
    Visits(database).end_all(person, datetime.now(UTC))
    return count


def _known(person: str, organisation: Organisation) -> str:
    if organisation.person(person) is None:
        raise not_found("unknown_person", person=person)
    return person
