"""Which person an account of the provider is, for pages, and what a token of the provider may do, for the API."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from api.openid.provider import OpenId, ProviderError
from engine.contracts.credentials import Credential
from engine.domain.access import accounts
from engine.domain.access.accounts import Entrance
from engine.domain.errors import DomainError
from engine.domain.ledger.credentials import SERVICE
from engine.domain.organisation.organisation import Person
from engine.domain.review.facts import Facts
from engine.runtime.settings import Settings
from engine.store.registers.sign_ins import SignIns
from engine.store.registers.tokens import Tokens

OUTSIDE = "openid:"
"""Before the id of a credential that is the provider's token; it is in no register."""
OTHER_KINDS = frozenset({"nonce", "at_hash", "c_hash", "events"})
"""Claims of id tokens and logout tokens, which are made for the client: what some cities name for the API too.

An id token lies in its person's browser. Neither is ever taken for an access token (RFC 8725, 3.12).
"""


def entrance_of(settings: Settings) -> Entrance:
    """What the city asks of an account."""
    return Entrance(settings.oidc_claim, settings.oidc_group, settings.oidc_group_claim)


def signing_in(claims: Mapping[str, Any], settings: Settings, sign_ins: SignIns, facts: Facts) -> Person:
    """The person who comes in with an account; from now on the account is theirs.

    Raises:
        DomainError: `sign_in_unknown`, `sign_in_not_in_group`, `sign_in_other_account`.
    """
    issuer, subject, entrance = str(claims["iss"]), str(claims["sub"]), entrance_of(settings)
    held = sign_ins.find(issuer, subject)
    person = accounts.named(claims, entrance, facts.organisation, held.person if held else None)
    # Of this provider only: when a city changes it, everybody comes with a new account.
    others = [one.subject for one in sign_ins.of(person.person_id) if one.issuer == issuer and one.subject != subject]
    accounts.must_be_alone(entrance, others)
    sign_ins.bind(issuer, subject, person.person_id)
    return person


class Outside:
    """Takes the provider's access tokens for the API (RFC 9068), for a person or for a program of its own.

    Args:
        openid: says what a token holds.
        settings: name the audience; without one no such token is taken.
        sign_ins: whose account a subject is.
        tokens: what a program may do: the provider says which one it is, our register what it may.
    """

    def __init__(self, openid: OpenId, settings: Settings, sign_ins: SignIns, tokens: Tokens) -> None:
        self._openid = openid
        self._settings = settings
        self._sign_ins = sign_ins
        self._tokens = tokens

    @property
    def is_taken(self) -> bool:
        """Whether the installation takes such tokens at all."""
        return self._settings.oidc_issuer is not None and self._settings.oidc_audience is not None

    def credential(self, token: str, facts: Facts) -> Credential | None:
        """What the token stands for; None when it proves nothing, or stands for nobody here."""
        try:
            claims = self._openid.claims(token, audience=self._settings.oidc_audience or "")
        except ProviderError:
            return None
        if OTHER_KINDS & claims.keys():
            return None
        program = claims.get("client_id") or claims.get("azp")
        if program is not None and (claims["sub"] == program or claims.get("idtyp") == "app"):
            return self._of_program(str(program), claims)
        held = self._sign_ins.find(str(claims["iss"]), str(claims["sub"]))
        try:
            person = accounts.named(
                claims, entrance_of(self._settings), facts.organisation, held.person if held else None
            )
        except DomainError:
            return None
        return _outside(claims, person.person_id)

    def _of_program(self, name: str, claims: Mapping[str, Any]) -> Credential | None:
        now = datetime.now(UTC)
        standing = [
            one for one in self._tokens.listed(f"{SERVICE}{name}") if one.revoked_at is None and one.expires_at > now
        ]
        if not standing:
            return None
        ours = standing[0]
        return _outside(claims, ours.holder).model_copy(update={"read_only": ours.read_only, "rights": ours.rights})


def _outside(claims: Mapping[str, Any], holder: str) -> Credential:
    return Credential(
        id=f"{OUTSIDE}{claims.get('jti') or claims['sub']}",
        holder=holder,
        name="",
        made_by=holder,
        made_at=datetime.fromtimestamp(float(claims["iat"]), UTC),
        expires_at=datetime.fromtimestamp(float(claims["exp"]), UTC),
        read_only=False,
    )
