"""What was asked and what came back in the end, one line of JSON each."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

BROKEN = "broken"
"""What stands for an answer whose connection broke or was refused."""
AGAIN = (503, BROKEN)
"""What a client repeats under the same key, as the contract tells it to."""


@dataclass
class Answered:
    """One command and its last answer.

    Attributes:
        kind: of the command, such as `comment` or `approve`.
        person: who gave it.
        key: its idempotency key.
        cycle: whose it is; of a start, what the answer names.
        status: of the last answer; None if there never was one.
        code: of a refusal.
        revision: what the answer says the cycle is at.
        tries: every answer that came, in order: a status or `broken`.
        seconds: from the first try to the last answer.
    """

    kind: str
    person: str
    key: str
    cycle: str | None = None
    status: int | None = None
    code: str | None = None
    revision: int | None = None
    tries: list[int | str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def command(self) -> str:
        """The id under which the journal holds the command: made from person and key (contract, *Idempotency*)."""
        return hashlib.sha256(f"{self.person}\n{self.key}".encode()).hexdigest()[:32]

    @property
    def mark(self) -> str:
        """What a draft says of itself, so that its text is found again wherever it is kept."""
        return f"[{self.key}]"

    @property
    def accepted(self) -> bool:
        """Whether it was told yes."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def refused(self) -> bool:
        """Whether it was told no, for good."""
        return self.status is not None and 400 <= self.status < 500

    @property
    def faulty(self) -> list[int | str]:
        """The answers that nobody should ever get: 5xx, but 503."""
        return [one for one in self.tries if isinstance(one, int) and one >= 500 and one != 503]


def plain(answers: Iterable[Answered]) -> list[dict[str, Any]]:
    """As JSON."""
    return [asdict(one) for one in answers]


def read(lines: Iterable[dict[str, Any]]) -> list[Answered]:
    """Back from JSON."""
    return [Answered(**line) for line in lines]


def by_kind(answers: Iterable[Answered]) -> Counter[str]:
    """How many of each kind."""
    return Counter(one.kind for one in answers)
