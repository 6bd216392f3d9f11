"""How a request came here: over TLS, ended at a proxy before us, or in the plain."""

from starlette.types import Scope

from engine.runtime.settings import Settings


def behind_tls(scope: Scope) -> bool:
    """Whether people's browsers speak https: a proxy that is believed says so, or the public address does."""
    settings: Settings = scope["app"].state.settings
    return scope.get("scheme") == "https" or (settings.public_url or "").lower().startswith("https://")
