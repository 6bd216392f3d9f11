"""Who is asking: bearer tokens that name a person or a service, and what they hold today."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Annotated, Any

import jwt
from fastapi import BackgroundTasks, Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.types import Scope

from api.openid.people import OUTSIDE, Outside
from engine.contracts.credentials import Credential
from engine.domain.access.entry import kept_out
from engine.domain.access.reading import Clearance, clearance_of
from engine.domain.errors import Category, DomainError, forbidden
from engine.domain.ledger.credentials import service_of
from engine.domain.organisation.organisation import Duty, Person, Post
from engine.domain.review.facts import Facts
from engine.language.catalogues import Language
from engine.language.refusals import language_of
from engine.runtime.signing import Purpose, SigningKeys
from engine.store.directory.directory import Directory
from engine.store.registers.tokens import Tokens

ALGORITHM = "HS256"
ISSUER = "dx-spiral"
_STANDING = "spiral.credential"
READING = frozenset({"GET", "HEAD", "OPTIONS"})
_bearer = HTTPBearer(auto_error=False, description="`spiral token PERSON_ID` prints one")


class NotSignedInError(DomainError):
    """No valid token; the answer is 401."""

    def __init__(self, code: str, **params: str) -> None:
        super().__init__(code, Category.FORBIDDEN, params=params)


@dataclass(frozen=True)
class Caller:
    """The person who asks, with everything as of today; `by_token_of` made their token, when that was another."""

    person: Person
    posts: tuple[Post, ...]
    duties: frozenset[Duty]
    facts: Facts
    language: Language
    by_token_of: str | None = None

    @cached_property
    def clearance(self) -> Clearance:
        """What they may read today."""
        return clearance_of(self.person.person_id, self.facts)

    @property
    def id(self) -> str:
        """The person's id."""
        return self.person.person_id

    def must_be_admin(self) -> None:
        """Raises `admin_only` for everybody else."""
        if Duty.ADMIN not in self.duties:
            raise forbidden("admin_only")


def signed(credential: Credential, keys: SigningKeys) -> str:
    """The bearer token of a credential: the same one gives the same token."""
    claims = {
        "sub": credential.holder,
        "jti": credential.id,
        "iss": ISSUER,
        "iat": credential.made_at,
        "exp": credential.expires_at,
    }
    return jwt.encode(claims, keys.signing(Purpose.TOKEN), algorithm=ALGORITHM)


def person_of(token: str, keys: SigningKeys) -> str:
    """The person, or the service, that a token names; whether it still counts is another question.

    Raises:
        NotSignedInError: expired, or not one of ours.
    """
    return str(_claims(token, keys)["sub"])


def _claims(token: str, keys: SigningKeys) -> dict[str, Any]:
    for key in keys.reading(Purpose.TOKEN):
        try:
            claims: dict[str, Any] = jwt.decode(
                token, key, algorithms=[ALGORITHM], issuer=ISSUER, options={"require": ["exp", "sub", "iss"]}
            )
        except jwt.InvalidSignatureError:
            continue
        except jwt.ExpiredSignatureError as error:
            raise NotSignedInError("token_expired") from error
        except jwt.InvalidTokenError as error:
            raise NotSignedInError("token_invalid") from error
        return claims
    raise NotSignedInError("token_invalid")


def signed_in(
    request: Request,
    background: BackgroundTasks,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Caller:
    """The caller, or 401. That the token was used is noted after the answer, so a busy database holds up nobody."""
    if credentials is None:
        raise NotSignedInError("not_signed_in")
    state = request.app.state
    tokens: Tokens = state.desk.tokens
    credential = standing_in(request.scope, credentials.credentials)
    if not credential.id.startswith(OUTSIDE):
        background.add_task(tokens.used, credential, state.directory.now())
    if credential.read_only and request.method not in READING:
        raise forbidden("read_only_token")
    language = language_of(request.headers.get("accept-language"))
    if service_of(credential.holder) is not None:
        return _service(credential, state.directory, language)
    made_by = credential.made_by if credential.made_by != credential.holder else None
    return replace(caller_of(credential.holder, state.directory, language), by_token_of=made_by)


def let_in(scope: Scope, token: str) -> str:
    """The person or service of a request's token, if it counts and they are let in today; no answer is theirs else.

    Raises:
        NotSignedInError: not one of ours, over, ended, or its holder is not let in.
    """
    credential = standing_in(scope, token)
    if service_of(credential.holder) is None:
        facts = scope["app"].state.directory.facts()
        _must_enter(credential.holder, facts)
    return credential.holder


def standing_in(scope: Scope, token: str) -> Credential:
    """Like `standing`, for the token of a request: looked up once for all who ask during it."""
    known: tuple[str, Credential] | None = scope.get(_STANDING)
    if known is None or known[0] != token:
        known = scope[_STANDING] = (token, _standing_of(token, scope))
    return known[1]


def _standing_of(token: str, scope: Scope) -> Credential:
    """Ours, or the provider's where the installation takes those."""
    state = scope["app"].state
    outside: Outside = state.desk.outside
    if not (outside.is_taken and _is_outside(token)):
        return standing(token, state.signing_keys, state.desk.tokens)
    credential = outside.credential(token, state.directory.facts())
    if credential is None:
        raise NotSignedInError("token_invalid")
    return credential


def _is_outside(token: str) -> bool:
    try:
        return jwt.get_unverified_header(token).get("alg") != ALGORITHM
    except jwt.InvalidTokenError:
        return False


def standing(token: str, keys: SigningKeys, tokens: Tokens) -> Credential:
    """The credential of a token that still counts; its end is in the token itself, which is signed.

    Raises:
        NotSignedInError: not one of ours, over, or ended.
    """
    credential = tokens.find(str(_claims(token, keys).get("jti") or ""))
    if credential is None:
        raise NotSignedInError("token_invalid")
    if credential.revoked_at is not None:
        raise NotSignedInError("token_revoked")
    return credential


def bearer_of(scope: Scope) -> str | None:
    """Whose token a request came with, once it was looked up."""
    known: tuple[str, Credential] | None = scope.get(_STANDING)
    return known[1].holder if known is not None else None


def _service(credential: Credential, directory: Directory, language: Language) -> Caller:
    """A program with a name and rights of its own; it holds no post, so it decides nothing."""
    name = service_of(credential.holder) or ""
    return Caller(
        person=Person(person_id=credential.holder, name=name, email="", locale=language),
        posts=(),
        duties=frozenset(map(Duty, credential.rights)),
        facts=directory.facts(),
        language=language,
        by_token_of=credential.made_by if credential.made_by != credential.holder else None,
    )


def caller_of(person_id: str, directory: Directory, language: Language) -> Caller:
    """The person with everything as of today.

    Raises:
        NotSignedInError: the organisation does not know them, or they hold no post today.
    """
    facts = directory.facts()
    person = _must_enter(person_id, facts)
    return Caller(
        person=person,
        posts=facts.organisation.posts_of(person_id, facts.today),
        duties=facts.organisation.duties_of(person_id, facts.today),
        facts=facts,
        language=language,
    )


def _must_enter(person_id: str, facts: Facts) -> Person:
    person, why = facts.organisation.person(person_id), kept_out(facts.organisation, person_id, facts.today)
    if person is None or why is not None:
        raise NotSignedInError(why or "unknown_caller", person=person.name if person is not None else person_id)
    return person


SignedIn = Annotated[Caller, Depends(signed_in)]
