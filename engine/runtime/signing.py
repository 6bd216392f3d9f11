"""What the installation signs with: a key for each purpose, derived from one secret, so that none has to be kept.

The secret may be changed: what is made is made with the new one, what was made with the one before is still read.
Must not know what is signed, nor a webhook's table. Anybody who may read the database alone cannot sign as this city.
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from enum import StrEnum

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_LABEL = "dx-spiral signing 1\n"


class Purpose(StrEnum):
    """What a key is for; the value is part of the key, so it never changes."""

    TOKEN = "bearer token"  # noqa: S105 - a purpose, no secret
    SESSION = "session"
    FLASH = "flash"
    SIGN_IN = "sign-in"
    FORM = "form"
    PSEUDONYM = "pseudonym"
    ONCE = "one-time address"


class SigningKeys:
    """The keys of one installation.

    Args:
        secrets: the secret in force, then those before it that still count.
    """

    def __init__(self, secrets: Sequence[str]) -> None:
        self._secrets = tuple(secrets)
        self._derived = {purpose: tuple(_derived(one, purpose) for one in secrets) for purpose in Purpose}

    def signing(self, purpose: Purpose) -> str:
        """What is signed with now."""
        return self._derived[purpose][0]

    def reading(self, purpose: Purpose) -> tuple[str, ...]:
        """What may have signed what is still read, the newest first.

        The secrets themselves come last: they signed before there was a key for each purpose.
        """
        return (*self._derived[purpose], *self._secrets)

    def oldest_first(self, purpose: Purpose) -> list[str]:
        """The same, as `itsdangerous` wants it: it signs with the last, which is the one in force."""
        return [*self._secrets, *reversed(self._derived[purpose])]

    def webhook(self, webhook_id: str, generations: Sequence[int]) -> tuple[str, ...]:
        """The secrets that sign for a webhook: the newest first, and each once more under the secret before."""
        return tuple(webhook_secret(one, webhook_id, number) for one in self._secrets for number in generations)


def _derived(secret: str, purpose: Purpose) -> str:
    """RFC 5869, as text: what signs wants a string."""
    return HKDF(SHA256(), 32, salt=None, info=f"{_LABEL}{purpose}".encode()).derive(secret.encode()).hex()


def webhook_secret(secret: str, webhook_id: str, generation: int) -> str:
    """The secret of a webhook in the form of Standard Webhooks, `whsec_` and 32 bytes as base64.

    Derived since the first release, by HMAC under a name of its own; receivers hold it, so this never changes.

    Args:
        secret: the installation's.
        webhook_id: whose secret.
        generation: 1, and one more with every rotation.
    """
    told = f"webhook\n{webhook_id}\n{generation}".encode()
    return "whsec_" + base64.b64encode(hmac.new(secret.encode(), told, hashlib.sha256).digest()).decode()
