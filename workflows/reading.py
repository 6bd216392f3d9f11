"""Reads what came over the wire into a cycle: nothing that cannot be opened, nothing plain where payloads are sealed.

Part of the cycle's workflow code. The seal itself is opened before (`engine.runtime.sealing`); here are its marks.
"""

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from engine.contracts.cycle import CycleInput
from engine.contracts.sealed import Unreadable, unreadable, why_not
from engine.domain.cycle.commands import Command
from engine.domain.errors import Category, DomainError, Refusal

NOTHING = RawValue(unreadable("empty"))
"""What a message without any content holds."""


def read_command(raw: object, *, sealed: bool) -> Command:
    """The command in a message.

    Args:
        raw: the message's content; anything but a `RawValue` if a stranger sent something odd.
        sealed: whether the run takes sealed payloads only.

    Raises:
        DomainError: `unreadable_command`, with the reason.
    """
    if not isinstance(raw, RawValue):
        raise _unreadable("arguments")
    if (why := why_not(raw.payload, sealed=sealed)) is not None:
        raise _unreadable(why)
    try:
        command: Command = workflow.payload_converter().from_payload(raw.payload, Command)
    except Exception as error:  # whatever a stranger sent must not stop the cycle
        raise _unreadable(str(error)[:300].encode("ascii", "backslashreplace").decode()) from error
    return command


def read_queue(raw: object) -> str | None:
    """The task queue in a message from our own worker; None for anybody else's."""
    if not isinstance(raw, RawValue) or why_not(raw.payload, sealed=True) is not None:
        return None
    queue = workflow.payload_converter().from_payload(raw.payload)
    return queue if isinstance(queue, str) and queue else None


def readable(given: CycleInput) -> CycleInput:
    """What a run was started with.

    Raises:
        ApplicationError: a stranger has started it, so it ends.
        RuntimeError: its key is not here; the task is tried again until it is, since the cycle may well be ours.
    """
    if not isinstance(given, Unreadable):
        return given
    if given.why == "key":
        raise RuntimeError("sealed with a key that is not here: set SPIRAL_SECRET_PREVIOUS")
    raise ApplicationError(f"started by a stranger: {given.why}", type="unreadable_start", non_retryable=True)


def _unreadable(why: str) -> DomainError:
    return DomainError.of(Refusal(code="unreadable_command", category=Category.INVALID, params={"why": why}))
