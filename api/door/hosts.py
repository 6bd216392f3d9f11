"""Under which names this city answers, so that no other name can be made to lead to it (DNS rebinding).

An address in numbers cannot be made to lead elsewhere, so whoever listens on every interface answers to all of those.
"""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from engine.runtime.settings import Settings

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
EVERYWHERE = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - compared, not bound
PROBES = frozenset({"/healthz", "/readyz"})
"""Asked by whatever watches this process, under any name; they hold nothing of the city's."""
_NEVER = re.compile(r"[@/?#\\\s]")


class TrustedHosts:
    """The names, from `SPIRAL_HOSTS`, `SPIRAL_PUBLIC_URL` and where the API listens."""

    def __init__(self, settings: Settings) -> None:
        given = frozenset(part.strip().lower() for part in settings.hosts.split(",") if part.strip())
        public = urlsplit(settings.public_url or "").hostname
        self._every = "*" in given
        self._endings = tuple(one[1:] for one in given if one.startswith("*."))
        self._numbers = settings.host in EVERYWHERE
        self._names = LOOPBACK | given | {settings.host.lower()} | ({public} if public else set())

    def allows(self, header: str) -> bool:
        """Whether a request's `Host` names this city; the port is nobody's matter."""
        name = host_of(header)
        if self._every or name in self._names or name.endswith(self._endings):
            return bool(name)
        return self._numbers and _is_number(name)


def host_of(header: str) -> str:
    """The host in a `Host` header, without port, brackets and the dot at its end; empty when it is none."""
    if _NEVER.search(header):
        return ""
    try:
        return (urlsplit(f"//{header.strip()}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def _is_number(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
