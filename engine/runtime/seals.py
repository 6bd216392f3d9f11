"""A seal: what the record's digests were at a moment, signed with Ed25519, on one line that is kept elsewhere.

Whoever can write to the database can rewrite the record and everything made from it, but not a line that lies in a
drawer, on paper or on another machine. Must not know a table.
"""

import base64
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from engine.language.catalogues import both
from engine.runtime.problems import SetupError

FORMAT = "dx-spiral-seal/1"
KEY_FILE = "seal.key"


@dataclass(frozen=True)
class Seal:
    """One of them.

    Attributes:
        installation: whose record.
        at: when, ISO 8601 in UTC.
        parts: of each part its end and its digest.
        key: the public key, base64.
        signature: over everything before it, base64.
    """

    installation: str
    at: str
    parts: Mapping[str, tuple[int, str]]
    key: str = ""
    signature: str = ""

    @property
    def moment(self) -> datetime:
        """When, as an instant."""
        return datetime.fromisoformat(self.at)

    @property
    def root(self) -> str:
        """The one hash of all digests, short enough to be copied by hand: SHA-256, hex."""
        said = " ".join(f"{name}={end}:{digest}" for name, (end, digest) in self.parts.items())
        return hashlib.sha256(said.encode()).hexdigest()

    @property
    def signed(self) -> str:
        """What is signed."""
        parts = [f"{name}={end}:{digest}" for name, (end, digest) in self.parts.items()]
        told = (f"installation={self.installation}", f"at={self.at}", *parts, f"root={self.root}", f"key={self.key}")
        return " ".join((FORMAT, *told))

    def __str__(self) -> str:
        return f"{self.signed} signature={self.signature}"

    @property
    def is_genuine(self) -> bool:
        """Whether whoever holds the private half of `key` has signed exactly this."""
        try:
            public = Ed25519PublicKey.from_public_bytes(base64.b64decode(self.key, validate=True))
            public.verify(base64.b64decode(self.signature, validate=True), self.signed.encode())
        except (ValueError, InvalidSignature):
            return False
        return True


def sealed(installation: str, parts: Mapping[str, tuple[int, str]], key: Ed25519PrivateKey) -> Seal:
    """A new seal of now."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    plain = Seal(installation, at, parts, key=public_half(key))
    return Seal(installation, at, parts, plain.key, base64.b64encode(key.sign(plain.signed.encode())).decode())


def read_seal(line: str) -> Seal | None:
    """The seal on a line; None when there is none, or its root does not fit its parts."""
    kind, *words = line.split()
    said = dict(word.split("=", 1) for word in words if "=" in word)
    names = ("installation", "at", "root", "key", "signature")
    if kind != FORMAT or not set(names) <= said.keys():
        return None
    parts: dict[str, tuple[int, str]] = {}
    for name, told in said.items():
        end, _, digest = told.partition(":")
        if name not in names:
            if not end.isdecimal():
                return None
            parts[name] = (int(end), digest)
    found = Seal(said["installation"], said["at"], parts, said["key"], said["signature"])
    return found if found.root == said["root"] else None


def latest(path: Path) -> Seal | None:
    """The last seal in a file; None when there is none, or no file."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    return next((found for line in reversed(lines) if line.strip() and (found := read_seal(line))), None)


def keep(path: Path, seal: Seal) -> None:
    """Adds a seal to a file, on disk when this returns.

    Raises:
        OSError: it cannot be written.
    """
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{seal}\n")
        file.flush()
        os.fsync(file.fileno())


def public_half(key: Ed25519PrivateKey) -> str:
    """The public key, base64."""
    return base64.b64encode(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


def private_key(path: Path, *, make: bool) -> Ed25519PrivateKey:
    """The key in a file (PEM, PKCS 8).

    Args:
        path: where it is.
        make: whether it is made there, readable by its owner only, when there is none. A place that somebody named
            must hold one: a key that nobody knows would sign what nobody can trust.

    Raises:
        SetupError: it cannot be read, or is no Ed25519 key.
    """
    if make and not path.exists():
        fresh = Ed25519PrivateKey.generate()
        content = fresh.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        return fresh
    try:
        found = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise SetupError(*both("cannot read the seal's key {path}", path=path)) from error
    if not isinstance(found, Ed25519PrivateKey):
        raise SetupError(*both("{path} is no Ed25519 key", path=path))
    return found
