"""What is asked and said of webhooks."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.requests import Asked
from engine.domain.cycle.visibility import Visibility
from engine.domain.notices.webhooks import WebhookStatus
from engine.domain.text import Identifier, Limits, Title, Written
from engine.runtime.destinations import LONGEST_URL


class AskedWebhook(Asked):
    """Where events go; `events` are types such as `step_submitted`, none or null means all."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"url": "https://hooks.example.jp/spiral", "events": ["step_approved", "cycle_completed"]},
                {"url": "https://hooks.example.jp/all", "description": "庁内ポータル"},
            ]
        }
    )

    url: Annotated[str, Written(Limits(LONGEST_URL, one_line=True))]
    events: Annotated[tuple[Identifier, ...], Field(max_length=100)] | None = None
    description: Title | None = None
    ceiling: Visibility = Field(
        default=Visibility.OFFICE, description="of cycles that fewer may read, and of drafts, it is told nothing"
    )


class WebhookView(BaseModel):
    """A webhook; `secret` only in the answers that made it."""

    id: str
    url: str
    events: list[str] | None = Field(description="null means all")
    description: str | None
    ceiling: Visibility
    status: WebhookStatus
    reason: str | None = Field(description="why it is paused or disabled")
    behind: int = Field(description="events in the journal beyond what it has")
    old_secret_until: datetime | None = Field(description="until then the secret before the rotation signs too")
    created_at: datetime
    created_by: str
    changed_at: datetime
    secret: str | None = Field(default=None, description="shown once; verify signatures with it")
