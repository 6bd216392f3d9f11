"""The messages of the milestones workflow. Payloads ignore unknown fields and only ever gain optional ones."""

from datetime import datetime

from engine.domain.base import Frozen

MILESTONES_WORKFLOW = "milestones"
LOOK = "milestones.look"
WAKE = "wake"
"""Signal: the roadmap or a report has changed; look again."""


class MilestonesInput(Frozen):
    """Follows one startup; its milestones are read from the edition in force."""

    startup: str


class LookAsk(Frozen):
    """Note what has fallen due at that instant, aware."""

    startup: str
    at: datetime


class LookAnswer(Frozen):
    """`next_at` is when to look again; None when nothing is left to wait for. `gone`: not followed any more."""

    next_at: datetime | None = None
    gone: bool = False
