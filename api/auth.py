"""Who is asking: bearer tokens that name a person and nothing else, and what that person holds today."""

import getpass
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated

import jwt
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy import Engine

from engine.domain.errors import Category, DomainError, forbidden
from engine.domain.ledger.facts import TokenIssued
from engine.domain.organisation.organisation import Duty, Person, Post
from engine.domain.review.facts import Facts
from engine.language.refusals import Language, language_of
from engine.runtime.settings import Settings
from engine.store.directory.directory import Directory
from engine.store.registers.tokens import Tokens

ALGORITHM = "HS256"
ISSUER = "dx-spiral"
_bearer = HTTPBearer(auto_error=False, description="`spiral token PERSON_ID` prints one")


class NotSignedInError(DomainError):
    """No valid token; the answer is 401."""

    def __init__(self, code: str, **params: str) -> None:
        super().__init__(code, Category.FORBIDDEN, params=params)


@dataclass(frozen=True)
class Caller:
    """The person who asks, with everything as of today."""

    person: Person
    posts: tuple[Post, ...]
    duties: frozenset[Duty]
    facts: Facts
    language: Language

    @property
    def id(self) -> str:
        """The person's id."""
        return self.person.person_id

    def must_be_admin(self) -> None:
        """Raises `admin_only` for everybody else."""
        if Duty.ADMIN not in self.duties:
            raise forbidden("admin_only")


def issue_token(settings: Settings, person_id: str, days: int = 30) -> str:
    """A bearer token that is good for `days`."""
    now = datetime.now(UTC)
    claims = {"sub": person_id, "iss": ISSUER, "iat": now, "exp": now + timedelta(days=days)}
    return jwt.encode(claims, settings.signing_key(), algorithm=ALGORITHM)


def hand_out(database: Engine, settings: Settings, person_id: str, days: int = 30, by: str | None = None) -> str:
    """A bearer token for somebody to keep, once it is written down for whom, by whom and until when it was made.

    Args:
        database: where the ledger is.
        settings: hold the signing key.
        person_id: for whom it acts.
        days: how long it is good.
        by: the person who made it; None for whoever runs this process on the machine.
    """
    made = issue_token(settings, person_id, days)
    expires_at = datetime.now(UTC).replace(microsecond=0) + timedelta(days=days)
    account = _account() if by is None else None
    Tokens(database).note(TokenIssued(person=person_id, expires_at=expires_at, account=account), by or "system")
    return made


def _account() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # an account without a name, as in a container
        return f"uid {os.getuid()}"


def person_of(token: str, key: str) -> str:
    """The person a token names.

    Raises:
        NotSignedInError: expired, or not one of ours.
    """
    try:
        claims = jwt.decode(
            token, key, algorithms=[ALGORITHM], issuer=ISSUER, options={"require": ["exp", "sub", "iss"]}
        )
    except jwt.ExpiredSignatureError as error:
        raise NotSignedInError("token_expired") from error
    except jwt.InvalidTokenError as error:
        raise NotSignedInError("token_invalid") from error
    return str(claims["sub"])


def signed_in(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Caller:
    """The caller, or 401."""
    if credentials is None:
        raise NotSignedInError("not_signed_in")
    person_id = person_of(credentials.credentials, request.app.state.signing_key)
    return caller_of(person_id, request.app.state.directory, language_of(request.headers.get("accept-language")))


def caller_of(person_id: str, directory: Directory, language: Language) -> Caller:
    """The person with everything as of today.

    Raises:
        NotSignedInError: the organisation does not know them.
    """
    facts = directory.facts()
    person = facts.organisation.person(person_id)
    if person is None:
        raise NotSignedInError("unknown_caller", person=person_id)
    return Caller(
        person=person,
        posts=facts.organisation.posts_of(person_id, facts.today),
        duties=facts.organisation.duties_of(person_id, facts.today),
        facts=facts,
        language=language,
    )


SignedIn = Annotated[Caller, Depends(signed_in)]
