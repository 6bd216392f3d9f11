"""Seals what crosses the Temporal wire: AES-256-GCM with the installation's key, bound to the workflow's id.

Whoever can only reach Temporal can neither read a payload, nor make one, nor move one to another workflow. The codec
never raises on what it cannot open: it hands on a marked payload (`engine.contracts.sealed`), which is refused where
it is read. Must not know what is in a payload.
"""

import os
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from google.protobuf.message import DecodeError
from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import PydanticPayloadConverter
from temporalio.converter import (
    ActivitySerializationContext,
    CompositePayloadConverter,
    DataConverter,
    EncodingPayloadConverter,
    PayloadCodec,
    SerializationContext,
    WithSerializationContext,
    WorkflowSerializationContext,
)

from engine.contracts.sealed import PLAIN, UNREADABLE, WHY, Unreadable, unreadable

SEALED = b"binary/sealed"
"""The encoding of a sealed payload."""
_KEY_ID, _VERSION = "key", b"dx-spiral payload 1\n"
_NONCE = 12
_PURPOSE, _NAMING = b"dx-spiral temporal payload", b"dx-spiral temporal payload key id"


def _derived(secret: str, installation: str, purpose: bytes, length: int) -> bytes:
    """RFC 5869. One secret serves many purposes, so each gets a key of its own."""
    return HKDF(SHA256(), length, salt=installation.encode(), info=purpose).derive(secret.encode())


class KeyRing:
    """The keys of one installation: seals with the first, opens with any.

    Args:
        secrets: the installation's secret, then those before it that are still read.
        installation: its id, so that two installations with one secret still cannot read each other.
    """

    def __init__(self, secrets: Sequence[str], installation: str) -> None:
        self._ciphers = {
            _derived(secret, installation, _NAMING, 4).hex().encode(): AESGCM(
                _derived(secret, installation, _PURPOSE, 32)
            )
            for secret in reversed(secrets)
        }
        self._current = _derived(secrets[0], installation, _NAMING, 4).hex().encode()

    def seal(self, payload: Payload, workflow_id: str) -> Payload:
        """The payload as only this installation reads it, and only for that workflow."""
        nonce = os.urandom(_NONCE)
        text = self._ciphers[self._current].encrypt(nonce, payload.SerializeToString(), _bound(workflow_id))
        return Payload(metadata={"encoding": SEALED, _KEY_ID: self._current}, data=nonce + text)

    def open(self, payload: Payload, workflow_id: str) -> Payload:
        """What was sealed, or a marked payload that says why it cannot be opened."""
        cipher = self._ciphers.get(payload.metadata.get(_KEY_ID, b""))
        if cipher is None:
            return unreadable("key")
        try:
            text = cipher.decrypt(payload.data[:_NONCE], payload.data[_NONCE:], _bound(workflow_id))
            return Payload.FromString(text)
        except (InvalidTag, ValueError):
            return unreadable("seal")
        except DecodeError:
            return unreadable("damaged")


def _bound(workflow_id: str) -> bytes:
    return _VERSION + workflow_id.encode()


def nobody(_workflow_id: str) -> bool:
    """Plain payloads are taken from no run."""
    return False


@dataclass(frozen=True)
class SealingCodec(PayloadCodec, WithSerializationContext):
    """Seals on the way out and opens on the way in, each payload by itself.

    Attributes:
        keys: the installation's.
        plain: whether the workflow of that id began before payloads were sealed and still holds plain ones.
        workflow_id: whose payloads; set by the SDK, empty where it does not say.
    """

    keys: KeyRing
    plain: Callable[[str], bool] = field(default=nobody)
    workflow_id: str = ""

    def with_context(self, context: SerializationContext) -> "SealingCodec":
        """The same codec, bound to the workflow the payload belongs to."""
        if isinstance(context, (WorkflowSerializationContext, ActivitySerializationContext)):
            return replace(self, workflow_id=context.workflow_id or "")
        return self

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Seals all of them."""
        return [self.keys.seal(payload, self.workflow_id) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Opens what is sealed and marks the rest; never raises."""
        return [self._opened(payload) for payload in payloads]

    def _opened(self, payload: Payload) -> Payload:
        if payload.metadata.get("encoding") == SEALED:
            return self.keys.open(payload, self.workflow_id)
        if payload.metadata.get("encoding") == UNREADABLE or not self.plain(self.workflow_id):
            return unreadable("plain")
        marked = Payload()
        marked.CopyFrom(payload)
        marked.metadata[PLAIN] = b"1"
        return marked


class UnreadablePayloadConverter(EncodingPayloadConverter):
    """Gives an `Unreadable` for a marked payload, whatever type was expected there."""

    @property
    def encoding(self) -> str:
        """The mark."""
        return UNREADABLE.decode()

    def to_payload(self, value: object) -> Payload | None:
        """Nothing of ours is written so."""
        return unreadable(value.why) if isinstance(value, Unreadable) else None

    def from_payload(self, payload: Payload, type_hint: type | None = None) -> Unreadable:  # noqa: ARG002 - the SDK's
        """The stand-in."""
        return Unreadable(payload.metadata.get(WHY, b"").decode())


@cache
def _converters() -> tuple[EncodingPayloadConverter, ...]:
    """They hold no state but what pydantic has built for each type, which is the same for every run."""
    return UnreadablePayloadConverter(), *PydanticPayloadConverter().converters.values()


class SealedPayloadConverter(CompositePayloadConverter):
    """Pydantic's converter, and the stand-in for what could not be opened."""

    def __init__(self) -> None:
        super().__init__(*_converters())


class SealedDataConverter(DataConverter):
    """Binds its codec to a workflow, and nothing else, since nothing else of ours asks whose a payload is.

    The SDK binds one anew for each payload of each command, and would build every converter anew as well: a quarter
    of what a worker did.
    """

    def with_context(self, context: SerializationContext) -> Self:
        """The same converters, the codec bound to the workflow the payload belongs to."""
        bound, codec = copy(self), self.payload_codec
        if isinstance(codec, SealingCodec):
            object.__setattr__(bound, "payload_codec", codec.with_context(context))  # it is frozen
        return bound
