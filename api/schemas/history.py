"""What is said of a decision that somebody made."""

from datetime import datetime

from pydantic import Field

from api.schemas.cycle import View
from engine.domain.steps import Step


class DecidedView(View):
    """One decision of the caller."""

    cycle_id: str
    title: str
    step: Step
    round: int
    action: str
    at: datetime
    post: str
    acted_as: str = Field(description="post, proxy, escalation or pull_up")
    on_behalf_of: str | None
    reason: str | None
    retracted_at: datetime | None = Field(description="when the caller took it back")
