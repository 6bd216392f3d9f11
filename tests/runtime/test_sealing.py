import pytest
from hypothesis import given
from hypothesis import strategies as st
from temporalio.api.common.v1 import Payload
from temporalio.converter import ActivitySerializationContext, WorkflowSerializationContext

from engine.contracts.sealed import PLAIN, UNREADABLE, Unreadable, why_not
from engine.runtime.sealing import SEALED, KeyRing, SealedDataConverter, SealedPayloadConverter, SealingCodec

SECRET, OTHER = "s" * 40, "o" * 40
ID = "0123456789ab"
PAYLOAD = Payload(metadata={"encoding": b"json/plain"}, data='"起案"'.encode())


def codec(*secrets: str, installation: str = ID, plain: bool = False, workflow_id: str = "cycle/a") -> SealingCodec:
    bare = SealingCodec(KeyRing(secrets or (SECRET,), installation), lambda _: plain)
    return bare.with_context(WorkflowSerializationContext(namespace="default", workflow_id=workflow_id))


async def one(which: SealingCodec, payload: Payload) -> Payload:
    (found,) = await which.decode([payload])
    return found


def why(payload: Payload) -> str | None:
    return why_not(payload, sealed=True)


async def test_what_is_sealed_shows_nothing_and_comes_back_as_it_was() -> None:
    first, second = await codec().encode([PAYLOAD, PAYLOAD])
    assert first.metadata["encoding"] == SEALED
    assert first.data != second.data
    assert PAYLOAD.data not in first.SerializeToString()
    assert await codec().decode([first, second]) == [PAYLOAD, PAYLOAD]


async def test_an_activity_opens_what_its_workflow_sealed() -> None:
    (sealed,) = await codec().encode([PAYLOAD])
    context = ActivitySerializationContext(
        namespace="default", activity_id="1", activity_type="append", activity_task_queue="q", workflow_id="cycle/a",
        workflow_type="cycle", is_local=True,
    )  # fmt: skip
    assert await one(codec(workflow_id="elsewhere").with_context(context), sealed) == PAYLOAD


@pytest.mark.parametrize(
    ("reader", "reason"),
    [
        (codec(workflow_id="cycle/b"), "seal"),
        (codec(workflow_id=""), "seal"),
        (codec(OTHER), "key"),
        (codec(installation="f" * 12), "key"),
    ],
)
async def test_nobody_else_opens_it(reader: SealingCodec, reason: str) -> None:
    (sealed,) = await codec().encode([PAYLOAD])
    assert why(await one(reader, sealed)) == reason


async def test_a_new_key_seals_and_the_previous_one_is_still_read() -> None:
    (before,) = await codec(SECRET).encode([PAYLOAD])
    turned = codec(OTHER, SECRET)
    (after,) = await turned.encode([PAYLOAD])
    assert await turned.decode([before, after]) == [PAYLOAD, PAYLOAD]
    assert after.metadata["key"] != before.metadata["key"]
    assert why(await one(codec(SECRET), after)) == "key"


async def test_a_plain_payload_is_marked_where_it_is_allowed_and_refused_where_not() -> None:
    allowed = await one(codec(plain=True), PAYLOAD)
    assert (allowed.data, PLAIN in allowed.metadata, PLAIN in PAYLOAD.metadata) == (PAYLOAD.data, True, False)
    assert (why_not(allowed, sealed=False), why_not(allowed, sealed=True)) == (None, "plain")
    assert why(await one(codec(), PAYLOAD)) == "plain"


METADATA = st.dictionaries(
    st.sampled_from(["encoding", "key", "why", PLAIN, "x"]),
    st.sampled_from([SEALED, UNREADABLE, b"json/plain", b"\xff"]) | st.binary(max_size=20),
)


@given(metadata=METADATA, data=st.binary(max_size=200), plain=st.booleans())
async def test_whatever_a_stranger_sends_the_codec_never_raises_and_gives_no_value(
    metadata: dict[str, bytes], data: bytes, *, plain: bool
) -> None:
    found = await one(codec(plain=plain), Payload(metadata=metadata, data=data))
    assert why_not(found, sealed=True) is not None


def test_what_could_not_be_opened_becomes_a_stand_in_whatever_was_expected() -> None:
    converter = SealedPayloadConverter()
    marked = Payload(metadata={"encoding": UNREADABLE, "why": b"key"})
    assert converter.from_payloads([marked], [int]) == [Unreadable("key")]
    assert converter.from_payloads([PAYLOAD], [str]) == ["起案"]


async def test_a_converter_that_is_bound_to_a_workflow_seals_for_it_and_the_unbound_one_stays_as_it_was() -> None:
    bare = SealedDataConverter(
        payload_converter_class=SealedPayloadConverter, payload_codec=SealingCodec(KeyRing((SECRET,), ID))
    )
    bound = bare.with_context(WorkflowSerializationContext(namespace="default", workflow_id="cycle/a"))
    (sealed,) = await bound.encode(["起案"])
    assert await one(codec(), sealed) == PAYLOAD
    assert await bound.decode([sealed], [str]) == ["起案"]
    assert await bare.decode([sealed], [str]) == [Unreadable("seal")]
    assert bound.payload_converter is bare.payload_converter
