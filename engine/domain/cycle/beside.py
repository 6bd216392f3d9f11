"""The simplest events, and what they have in common: a new one is a class and a line in the union of events."""

from typing import ClassVar, Literal

from engine.domain.base import Frozen
from engine.domain.roadmap import Governance, Pillar


class BesideEvent(Frozen):
    """An event beside the route: it sets fields of the state and does nothing else.

    What the step says, its review and its decisions stay; no decision can be taken back less for it; nobody is told
    but whom `engine.domain.notices` names. `SETS` names the fields of the state, and for each its own that says it.
    """

    SETS: ClassVar[dict[str, str]]

    def changes(self) -> dict[str, object]:
        """The fields of the state, as they are from now on."""
        return {field: getattr(self, own) for field, own in self.SETS.items()}


class StartupAssigned(BesideEvent):
    """The cycle belongs to another startup from now on; the approvals it has stay."""

    SETS: ClassVar = {"startup": "startup", "governance": "governance", "pillar": "pillar"}
    type: Literal["startup_assigned"] = "startup_assigned"
    version: Literal[1] = 1
    startup: str
    before: str | None
    governance: Governance
    pillar: Pillar | None
