"""The provider as it describes itself: its document and its keys, kept for an hour, and what its tokens say.

OpenID Connect Discovery 1.0 and JSON Web Key sets (RFC 7517). A key that is not among those kept is asked for anew,
since providers change theirs without notice; seldom, so that forged tokens cause no storm of questions.
"""

import threading
import time
from collections.abc import Mapping
from typing import Any

import httpx
import jwt
from pydantic import BaseModel, ConfigDict, ValidationError

from engine.runtime.settings import Settings

KEPT = 3600.0
"""Seconds that document and keys are kept for; when the provider is away then, those kept go on."""
PAUSE = 10.0
"""Seconds at least between two questions for a key that is not among those kept."""
SKEW = 60
"""Seconds by which the provider's clock may differ from ours."""
TIMEOUT = 10.0
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""Asymmetric only: a token signed with the client's own secret, or with none, proves nothing here."""


class ProviderError(Exception):
    """The provider cannot be asked, or what it gave proves nothing; the text is for the log."""


class Provider(BaseModel):
    """What a provider's discovery document says."""

    model_config = ConfigDict(frozen=True)

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    end_session_endpoint: str | None = None


class OpenId:
    """The one provider of an installation; every method may block while it asks.

    Args:
        settings: name issuer and client.
        transport: reaches it; None for the network.
    """

    def __init__(self, settings: Settings, transport: httpx.BaseTransport | None = None) -> None:
        self._issuer = (settings.oidc_issuer or "").rstrip("/")
        self._transport = transport
        self._lock = threading.Lock()
        self._document: tuple[float, Provider] | None = None
        self._keys: tuple[float, Mapping[str | None, jwt.PyJWK]] | None = None

    def provider(self) -> Provider:
        """Its document.

        Raises:
            ProviderError: it was never reached, or is not the one that was named.
        """
        with self._lock:
            return self._provider()

    def claims(self, raw: str, *, audience: str, required: tuple[str, ...] = ("exp", "iat", "sub")) -> dict[str, Any]:
        """What a token says, once it is sure that the provider signed it for this audience and that it is in time.

        Raises:
            ProviderError: it is not.
        """
        try:
            name = jwt.get_unverified_header(raw).get("kid")
            with self._lock:
                provider, key = self._provider(), self._key(name)
            found: dict[str, Any] = jwt.decode(
                raw, key.key, algorithms=ALGORITHMS, audience=audience, issuer=provider.issuer, leeway=SKEW,
                options={"require": [*required, "aud", "iss"]},
            )  # fmt: skip
        except jwt.PyJWTError as error:
            raise ProviderError(type(error).__name__) from error
        return found

    def _provider(self) -> Provider:
        now = time.monotonic()
        if self._document is not None and now - self._document[0] < KEPT:
            return self._document[1]
        try:
            found = Provider.model_validate(self._get(f"{self._issuer}/.well-known/openid-configuration"))
        except (ProviderError, ValidationError) as error:
            if self._document is not None:
                return self._document[1]
            raise ProviderError(str(error) or type(error).__name__) from error
        if found.issuer.rstrip("/") != self._issuer:
            raise ProviderError("issuer")
        self._document = (now, found)
        return found

    def _key(self, name: str | None) -> jwt.PyJWK:
        now = time.monotonic()
        old = self._keys is None or now - self._keys[0] >= KEPT
        unknown = self._keys is not None and name not in self._keys[1] and now - self._keys[0] >= PAUSE
        if old or unknown:
            try:
                self._keys = (now, _keys(self._get(self._provider().jwks_uri)))
            except ProviderError:
                if self._keys is None:
                    raise
        key = self._keys[1].get(name) if self._keys is not None else None
        if key is None:
            raise ProviderError("no such key")
        return key

    def _get(self, url: str) -> dict[str, Any]:
        try:
            with httpx.Client(timeout=TIMEOUT, transport=self._transport) as client:
                found: dict[str, Any] = client.get(url).raise_for_status().json()
        except (httpx.HTTPError, ValueError) as error:
            raise ProviderError(f"{url}: {type(error).__name__}") from error
        return found


def _keys(document: Mapping[str, Any]) -> dict[str | None, jwt.PyJWK]:
    """The signing keys by name; with a single one, a token need not name it."""
    try:
        keys = [one for one in jwt.PyJWKSet.from_dict(dict(document)).keys if one.public_key_use in {None, "sig"}]
    except jwt.PyJWTError as error:
        raise ProviderError(f"keys: {type(error).__name__}") from error
    found: dict[str | None, jwt.PyJWK] = {one.key_id: one for one in keys}
    if len(keys) == 1:
        found[None] = keys[0]
    return found
