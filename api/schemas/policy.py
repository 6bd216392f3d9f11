"""What is said of approval policies."""

from datetime import datetime

from pydantic import Field

from api.schemas.cycle import View
from engine.domain.review.policy import Policy


class PolicyLine(View):
    """One policy; number 0 is the built-in default."""

    number: int
    id: str
    imported_at: datetime | None
    imported_by: str | None
    in_force: bool = Field(description="for every submission from now on; a review under way keeps its own")


class PolicyWhole(PolicyLine):
    policy: Policy
