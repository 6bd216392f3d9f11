"""Where a webhook may go: http and https only, and into the inner network only where the operator allows it.

The check is made on the addresses a name resolves to, when a webhook is registered and again at every delivery. The
delivery connects to exactly the addresses that were checked, so that a name cannot change its mind in between.
"""

import re
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

Address = IPv4Address | IPv6Address
LONGEST_URL = 2000
_HOST = re.compile(r"(\*\.)?[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_]([a-z0-9_-]{0,62}))*\.?")
_HOLDING_IPV4 = (ip_network("64:ff9b::/96"), ip_network("::/96"))
"""NAT64, and the old IPv4-compatible addresses: the last 32 bits are an IPv4 address."""
_DEFAULT_PORTS = {"http": 80, "https": 443}


class DestinationError(Exception):
    """A place a webhook may not go to; `code` says why (`bad_url`, `address_not_allowed`)."""

    def __init__(self, code: str, **params: str) -> None:
        self.code = code
        self.params = params
        super().__init__(f"{code}: {', '.join(params.values())}" if params else code)


@dataclass(frozen=True)
class Destination:
    """The parts of a URL that matter for reaching it."""

    scheme: str
    host: str
    port: int


class Destinations:
    """The rule, with the operator's exceptions.

    Args:
        allow: hosts (`hooks.city.lg.jp`, `*.city.lg.jp`) and networks (`10.1.0.0/16`, `127.0.0.1`), comma-separated.
    """

    def __init__(self, allow: str = "") -> None:
        entries = [part.strip().lower() for part in allow.split(",") if part.strip()]
        self._networks: list[IPv4Network | IPv6Network] = []
        self._hosts: list[str] = []
        for entry in entries:
            try:
                self._networks.append(ip_network(entry.strip("[]"), strict=False))
            except ValueError:
                if not _HOST.fullmatch(entry):
                    raise ValueError(f"neither a host nor a network: {entry}") from None
                self._hosts.append(entry.rstrip("."))

    def place(self, url: str) -> Destination:
        """The place a URL names.

        Raises:
            DestinationError: `bad_url`.
        """
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise DestinationError("bad_url") from error
        host = (parts.hostname or "").rstrip(".")
        clean = url.isascii() and url.isprintable() and " " not in url and len(url) <= LONGEST_URL
        if parts.scheme not in _DEFAULT_PORTS or not host or parts.username is not None or not clean:
            raise DestinationError("bad_url")
        return Destination(parts.scheme, host, port or _DEFAULT_PORTS[parts.scheme])

    def check(self, place: Destination, addresses: Iterable[str]) -> Sequence[str]:
        """The addresses, if every one of them may be reached.

        Raises:
            DestinationError: `address_not_allowed`.
        """
        found = list(dict.fromkeys(addresses))
        if self._is_named(place.host):
            return found
        for address in found:
            if not self._permits(ip_address(address.partition("%")[0])):
                raise DestinationError("address_not_allowed", host=place.host, address=address)
        return found

    def check_now(self, url: str) -> Destination:
        """Looks at a URL before it is registered. A name that does not resolve (yet) is no reason to refuse it.

        Raises:
            DestinationError: `bad_url`, `address_not_allowed`.
        """
        place = self.place(url)
        try:
            found = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            found = []
        self.check(place, (str(one[4][0]) for one in found))
        return place

    def _is_named(self, host: str) -> bool:
        return any(host.endswith(entry[1:]) if entry.startswith("*.") else host == entry for entry in self._hosts)

    def _permits(self, address: Address) -> bool:
        inner = _unwrapped(address)
        if any(one.version == network.version and one in network
               for network in self._networks for one in (address, inner)):  # fmt: skip
            return True
        return all(one.is_global and not one.is_multicast for one in (address, inner))


def _unwrapped(address: Address) -> Address:
    """The IPv4 address inside an IPv6 one, where there is one."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address.sixtofour is not None:
            return address.sixtofour
        if any(address in network for network in _HOLDING_IPV4):
            return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address
