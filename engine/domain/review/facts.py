"""Everything that is looked up, as of one moment: what moves, routes and readers are told of the world.

Must not know where it comes from.
"""

from datetime import date

from pydantic import BaseModel, ConfigDict

from engine.domain.organisation.organisation import Organisation
from engine.domain.review.policy import Policy
from engine.domain.roadmap import Edition


class Facts(BaseModel):
    """One reading of it.

    Attributes:
        organisation: with the absences.
        policy: the one in force.
        edition: of the roadmap; None before there is one.
        today: the office's day.
        closed_days: holidays and the turn of the year, from today on; weekends are not listed.
    """

    model_config = ConfigDict(frozen=True)

    organisation: Organisation
    policy: Policy
    edition: Edition | None
    today: date
    closed_days: tuple[date, ...]
