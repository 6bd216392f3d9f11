"""What travels to Temporal, as somebody sees it who can only reach Temporal: without any key of ours."""

import dataclasses
from collections.abc import Iterator, Sequence

from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload
from temporalio.client import Client, WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter

from engine.runtime.plugin import SpiralPlugin
from engine.runtime.sealing import KeyRing, SealingCodec


class UnsealedPlugin(SpiralPlugin):
    """Speaks as every process did before payloads were sealed."""

    def __init__(self) -> None:
        super().__init__(KeyRing(("s" * 40,), "0" * 12))
        self.data_converter = pydantic_data_converter


def unsealed(client: Client) -> Client:
    """The same connection, speaking plainly."""
    return Client(**{**client.config(), "plugins": [UnsealedPlugin()]})  # type: ignore[arg-type]


class OneWayCodec(SealingCodec):
    """Sends payloads as they are, and opens the answers, so that a test can see what a stranger was told."""

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return list(payloads)


def stranger(client: Client, keys: KeyRing) -> Client:
    """Somebody who sends what he likes."""
    plugin = SpiralPlugin(keys)
    plugin.data_converter = dataclasses.replace(plugin.data_converter, payload_codec=OneWayCodec(keys))
    return Client(**{**client.config(), "plugins": [plugin]})  # type: ignore[arg-type]


def plain(value: object) -> Payload:
    """A value as the pydantic converter writes it."""
    return pydantic_data_converter.payload_converter.to_payloads([value])[0]


def payloads_in(history: WorkflowHistory) -> list[Payload]:
    """Every payload of a history, in order."""
    return [found for event in history.events for found in _payloads(event)]


def _payloads(message: Message) -> Iterator[Payload]:
    if isinstance(message, Payload):
        yield message
        return
    for field, value in message.ListFields():
        if field.type != field.TYPE_MESSAGE:
            continue
        if field.message_type.GetOptions().map_entry:
            many = [one for one in value.values() if isinstance(one, Message)]
        else:
            many = list(value) if field.is_repeated else [value]
        for one in many:
            yield from _payloads(one)


def changed(payload: Payload, at: int) -> Payload:
    """The same payload with one bit turned."""
    data = bytearray(payload.data)
    data[at] ^= 1
    return Payload(metadata=payload.metadata, data=bytes(data))
