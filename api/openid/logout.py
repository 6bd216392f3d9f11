"""A session at the provider that ended there, as it tells us behind the browser's back (Back-Channel Logout 1.0)."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import jwt

from api.openid.provider import OpenId, ProviderError
from engine.store.registers.sign_ins import SignIns
from engine.store.registers.visits import Visits

TYPE = "logout+jwt"
"""What a token's header calls itself, where it says so (2.4); many still say only `JWT`."""
EVENT = "http://schemas.openid.net/event/backchannel-logout"


def led_by(claims: Mapping[str, Any]) -> str:
    """What a visit keeps of the session at the provider that led to it; empty when the provider names none."""
    if not claims.get("sid"):
        return ""
    return hashlib.sha256(f"{claims['iss']}\n{claims['sid']}".encode()).hexdigest()[:24]


@dataclass(frozen=True)
class Ending:
    """Ends visits as the provider says.

    Attributes:
        openid: proves its words.
        client: our id there; None where there is no provider.
        sign_ins: whose account a subject is.
        visits: what is ended.
    """

    openid: OpenId
    client: str | None
    sign_ins: SignIns
    visits: Visits

    def end(self, raw: str, now: datetime) -> str:
        """Ends the visits that a logout token names: those of its session, else all of its subject's person.

        Returns:
            The person, where the token names a subject that is bound; else an empty text.

        Raises:
            ProviderError: the token proves nothing, or names nobody.
        """
        if self.client is None:
            raise ProviderError("no provider")
        claims = self.openid.claims(raw, audience=self.client, required=("exp", "iat", "jti"))
        if str(jwt.get_unverified_header(raw).get("typ", TYPE)).lower() not in {TYPE, "jwt"}:
            raise ProviderError("another sort of token")
        events = claims.get("events")
        if not isinstance(events, Mapping) or not isinstance(events.get(EVENT), Mapping) or "nonce" in claims:
            raise ProviderError("no logout token")
        subject = claims.get("sub")
        held = self.sign_ins.find(str(claims["iss"]), str(subject)) if subject else None
        person = held.person if held is not None else ""
        if session := led_by(claims):
            self.visits.end_led(session, now)
        elif not subject:
            raise ProviderError("neither sid nor sub")
        elif person:
            self.visits.end_all(person, now)
        return person
