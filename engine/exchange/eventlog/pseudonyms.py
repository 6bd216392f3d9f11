"""Persons under another name: the same person always gets the same one, and only the key leads back."""

import hmac
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from engine.domain.cycle.events import SYSTEM

PERSONS = frozenset({"person", "by", "owner", "actor", "on_behalf_of", "adviser", "drafter", "person_id"})
"""Fields of events that hold a person's id."""
FACTS = frozenset(
    {
        "type", "version", "step", "to_step", "round", "n", "seq", "kind", "org_scope", "org_unit", "work_scope",
        "pillar", "startup", "governance", "status", "step_status", "stage", "action", "post", "cycle_id",
        "initiative_id", "turn", "due", "until", "review_on", "next_at", "opened_at", "due_at", "remind_at",
        "escalate_at", "to", "closes", "early", "direction", "key", "quorum", "posts", "parents",
        "from_cycles", "category", "command", "content_hash", "profile", "policy_id", "adopted_from",
    }
)  # fmt: skip
"""Fields whose text is a code, a date or a place and never a person's words."""


class Pseudonyms:
    """Keyed: without the key nobody can try out all person ids.

    Args:
        key: secret bytes; the installation's, for this alone.
    """

    LENGTH = 10

    def __init__(self, key: bytes) -> None:
        self._key = sha256(b"spiral pseudonyms\n" + key).digest()

    def of(self, person: str) -> str:
        """The other name, such as `person-1f0c…`; the system stays the system."""
        if person == SYSTEM:
            return person
        return f"person-{hmac.new(self._key, person.encode(), sha256).hexdigest()[: self.LENGTH]}"

    def without_texts(self, data: Any, field: str = "") -> Any:
        """Data of an event with other names for persons, and without anything that somebody wrote."""
        match data:
            case Mapping():
                kept = {name: self.without_texts(value, name) for name, value in data.items()}
                return {name: value for name, value in kept.items() if value is not None}
            case list() | tuple():
                return [found for one in data if (found := self.without_texts(one, field)) is not None]
            case str() if field in PERSONS:
                return self.of(data)
            case str() if field not in FACTS:
                return None
            case _:
                return data
