"""Making tokens: for oneself, for somebody else by an administrator, for a program, and on the machine itself."""

import getpass
import hashlib
import os
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Engine

from api.auth import Caller, signed
from api.container import Desk
from api.http.responses import command_id
from api.schemas.requests import CredentialRequest
from api.services.operations.accesses import note
from engine.contracts.credentials import Credential
from engine.domain.access.entry import kept_out
from engine.domain.access.log import AccessAct
from engine.domain.errors import FieldError, invalid, invalid_at
from engine.domain.ledger.credentials import SERVICE, USUAL, end_of, service_errors
from engine.domain.ledger.facts import TokenIssued
from engine.domain.organisation.organisation import Duty
from engine.runtime.settings import Settings
from engine.store.registers.tokens import Tokens

AS = "--as"
"""What a token of the command line is called, which acts as somebody for a day."""


@dataclass(frozen=True)
class Made:
    """A token, to be shown once."""

    credential: Credential
    token: str


@dataclass(frozen=True)
class WantedToken:
    """What a token is asked to be; see `engine.domain.ledger.facts.TokenIssued`."""

    holder: str
    days: int = USUAL
    name: str = ""
    read_only: bool = False
    rights: tuple[str, ...] = ()


def make(database: Engine, settings: Settings, wanted: WantedToken, by: str | None = None, key: str = "") -> Made:
    """A bearer token for somebody to keep, once it is written down for whom, by whom and until when it was made.

    Args:
        database: where the ledger is.
        settings: hold the signing key.
        wanted: what it is to be.
        by: the person who made it; None for whoever runs this process on the machine.
        key: its id, when asking again must give the same one.

    Raises:
        DomainError: it would be good for too long.
        SetupError: there is no signing key.
    """
    keys = settings.signing_keys()
    fact = TokenIssued(
        person=wanted.holder,
        expires_at=end_of(wanted.holder, datetime.now(UTC), wanted.days),
        account=account() if by is None else None,
        credential=key or secrets.token_hex(8),
        name=wanted.name,
        read_only=wanted.read_only,
        rights=wanted.rights,
    )
    held = Tokens(database).note(fact, by or "system")
    assert held is not None  # noqa: S101 - it has an id
    return Made(held, signed(held, keys))


def wished(asked: CredentialRequest, caller: Caller, desk: Desk, idempotency_key: str | None) -> Made:
    """A token that a person asks for: their own, or, by an administrator, anybody's and a program's.

    Who came with a token that somebody else had made makes none of their own with it: its maker is still the other.

    Raises:
        DomainError: not theirs to ask for, an unknown person, or wrong fields.
    """
    if asked.service is not None and asked.person_id is not None:
        raise invalid_at("/service", "only_one_of", other="person_id")
    holder = f"{SERVICE}{asked.service}" if asked.service is not None else asked.person_id or caller.id
    if holder != caller.id:
        caller.must_be_admin()
    wrong = service_errors(asked.service, asked.rights) if asked.service is not None else ()
    if asked.service is None and asked.rights:
        wrong = (FieldError(pointer="/rights", code="only_with_service"),)
    why = kept_out(caller.facts.organisation, holder, caller.facts.today) if asked.service is None else None
    if why is not None:
        code = "unknown_person" if why == "unknown_caller" else why
        wrong = (FieldError(pointer="/person_id", code=code, params={"person": holder}),)
    if wrong:
        raise invalid(*wrong)
    key = hashlib.sha256(command_id(caller, idempotency_key).encode()).hexdigest()[:16]
    wanted = WantedToken(holder, asked.days, asked.name.strip(), asked.read_only, asked.rights)
    made = make(desk.database, desk.settings, wanted, by=caller.by_token_of or caller.id, key=key)
    note(AccessAct.TOKEN_MADE, caller.id, desk, made.credential.id, holder)
    return made


def listed(
    caller: Caller, desk: Desk, *, everybody: bool, limit: int = 200, after: tuple[datetime, str] | None = None
) -> list[Credential]:
    """Tokens, the newest first: those that act for the caller, or everybody's for an administrator."""
    if everybody:
        caller.must_be_admin()
    return desk.tokens.listed(None if everybody else caller.id, limit, after)


def revoke(credential: str, caller: Caller, desk: Desk) -> None:
    """Ends one of the caller's, or anybody's by an administrator; somebody else's is none to others."""
    holder = None if Duty.ADMIN in caller.duties else caller.id
    desk.tokens.revoke(credential, caller.id, holder)
    note(AccessAct.TOKEN_REVOKED, caller.id, desk, credential)


def hand_out(database: Engine, settings: Settings, person_id: str, days: int = USUAL, by: str | None = None) -> str:
    """The plain token of a person; see `make`."""
    return make(database, settings, WantedToken(person_id, days), by).token


def acting_as(database: Engine, settings: Settings, person_id: str) -> str:
    """A token with which the account of this machine acts as a person: one for a day, made once and on record."""
    tokens, mine, now = Tokens(database), account(), datetime.now(UTC)
    for one in tokens.listed(person_id):
        if one.name == AS and one.made_by == mine and one.revoked_at is None and one.expires_at > now:
            return signed(one, settings.signing_keys())
    return make(database, settings, WantedToken(person_id, 1, AS)).token


def account() -> str:
    """Who runs this process, as the machine calls them."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # an account without a name, as in a container
        return f"uid {os.getuid()}"
