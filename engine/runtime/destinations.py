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
SPECIAL_IPV4 = tuple(map(IPv4Network, (
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
    "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
    "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
    "168.63.129.16/32",
)))  # fmt: skip
"""IANA's registry of special-purpose IPv4 addresses (RFC 6890 and after) as a whole, multicast, and the last: what a
machine in Azure asks for its own secrets. Python's own list follows the release and is not complete."""
UNICAST_IPV6 = IPv6Network("2000::/3")
"""All that IANA has given out for hosts of the Internet; whatever else there is, is special, or nobody's."""
SPECIAL_IPV6 = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "2620:4f:8000::/48", "3fff::/20")))
"""IANA's registry of special-purpose IPv6 addresses, as far as it lies in that."""
_NAT64 = IPv6Network("64:ff9b::/96")
"""The last 32 bits are an IPv4 address (RFC 6052), and nothing else of it matters."""
_COMPATIBLE = IPv6Network("::/96")
_ISATAP = frozenset({0x0000_5EFE, 0x0200_5EFE})
"""What stands before the IPv4 address of a host in an ISATAP tunnel (RFC 5214)."""
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
        only_inner = isinstance(address, IPv6Address) and (address.ipv4_mapped is not None or address in _NAT64)
        return is_public(inner) and (only_inner or is_public(address))


def is_public(address: Address) -> bool:
    """Whether it is an ordinary host's on the Internet: global, and of no registry of special purposes."""
    if isinstance(address, IPv4Address):
        return address.is_global and not any(address in network for network in SPECIAL_IPV4)
    return address in UNICAST_IPV6 and not any(address in network for network in SPECIAL_IPV6)


def _unwrapped(address: Address) -> Address:
    """The IPv4 address inside an IPv6 one, where there is one."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address.sixtofour is not None:
            return address.sixtofour
        if address in _NAT64 or address in _COMPATIBLE or (int(address) >> 32) & 0xFFFF_FFFF in _ISATAP:
            return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address
