"""Where record and engine say different things, and nobody can mend it without a person. Must not know a table."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class DifferenceKind(StrEnum):
    """What is wrong with a cycle (or a run beside the cycles), each with what a person does about it.

    The words for people stand in `engine.language.differences`.
    """

    NOT_RUNNING = "not_running"
    """Open in the record; the engine knows a run that has ended (somebody terminated it)."""
    ENGINE_BEHIND = "engine_behind"
    """The engine stays behind the journal though it was told."""
    JOURNAL_OLDER = "journal_older"
    """The journal lacks what the engine has answered: it was put back from an older copy."""
    NO_ANSWER = "no_answer"
    """The cycle does not say how far it is, again and again."""
    STUCK = "stuck"
    """The engine itself reports that the cycle's tasks fail."""
    UNRECORDED = "unrecorded"
    """The engine runs a cycle that the record does not know."""
    NEXT_MISSING = "next_missing"
    """A cycle that an approved Share planned is not there, and cannot be started."""


@dataclass(frozen=True)
class Difference:
    """One of them.

    Attributes:
        kind: what is wrong.
        subject: the cycle's id, or the name of a run.
        since: when it was seen first.
    """

    kind: DifferenceKind
    subject: str
    since: datetime
