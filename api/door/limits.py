"""How often somebody may ask: so many requests a second, and at once no more than a second's worth.

Counted in this process alone and in memory. Meant to catch a program that runs away, never a busy office.
"""

import time
from collections.abc import Callable
from ipaddress import IPv6Address, IPv6Network, ip_address

MANY = 4096
"""So many are remembered before those that have been quiet are forgotten."""
_HOME = 64
"""A home or an office has a whole IPv6 network of this prefix, so all of it counts as one address."""


class RateLimit:
    """A limit for each of many, by the generic cell rate algorithm: one number is kept for each.

    Args:
        rate: requests a second.
        clock: seconds that only go forward.
    """

    def __init__(self, rate: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._each = 1 / rate
        self._clock = clock
        self._paid_until: dict[str, float] = {}
        self._tidy_at = MANY

    def wait(self, who: str) -> float:
        """Seconds until `who` may ask again; 0 lets this one through and counts it; what is refused is free."""
        now = self._clock()
        until = max(self._paid_until.get(who, now), now) + self._each
        if (over := until - now - 1) > 1e-9:
            return over
        self._paid_until[who] = until
        if len(self._paid_until) > self._tidy_at:
            self._paid_until = {name: at for name, at in self._paid_until.items() if at > now}
            self._tidy_at = max(MANY, 2 * len(self._paid_until))
        return 0


def address_of(client: tuple[str, int] | None) -> str:
    """What counts as one address: the network of an IPv6 one; a socket of this machine has none."""
    if client is None:
        return "here"
    try:
        address = ip_address(client[0].partition("%")[0])
    except ValueError:
        return client[0]
    if not isinstance(address, IPv6Address):
        return str(address)
    return str(address.ipv4_mapped or IPv6Network((address, _HOME), strict=False))
