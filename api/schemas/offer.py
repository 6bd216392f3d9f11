"""The shapes of offers, in and out. Must not know HTTP or SQL."""

from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict, Field

from api.schemas.cycle import View
from api.schemas.requests import Asked
from engine.domain.ledger.facts import OfferAnswer
from engine.domain.review.facts import Facts
from engine.domain.spread.offers import OfferStatus, receivers
from engine.domain.steps import CycleStatus
from engine.domain.text import Code, Words
from engine.store.record.spread_offers import Placed


class AskedOffers(Asked):
    """Offers a shared case to other units; one above or below the case's own expands instead."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"org_units": ["1202"], "message": "うちで効きました"}]}
    )

    org_units: Annotated[tuple[Code, ...], Field(max_length=100)]
    message: Words | None = None


class AskedAnswer(Asked):
    """Answers an offer; `adapt` and `decline` need a reason. `owner` leads the adopt cycle, else the head does."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"answer": "accept", "owner": "p045"},
                {"answer": "adapt", "reason": "様式を保険の申請に合わせる"},
                {"answer": "decline", "reason": "年度末までは手が回らない"},
            ]
        }
    )

    answer: OfferAnswer
    reason: Words | None = None
    owner: Code | None = None


class OfferView(View):
    """An offer of a shared case to a unit."""

    id: str
    case_id: str
    case_title: str
    org_unit: str
    status: OfferStatus
    message: str | None
    by_share: bool = Field(description="named as a spread target in the approved Share")
    offered_by: str
    offered_at: datetime
    waiting_for: list[str] = Field(description="who may answer today; empty once answered")
    answered_by: str | None
    on_behalf_of: str | None
    answered_at: datetime | None
    reason: str | None
    owner: str | None = Field(description="of the adopt cycle")
    cycle_id: str | None = Field(description="the adopt cycle")
    cycle_status: CycleStatus | None = Field(description="null until the adopt cycle has started")
    revision: int


def offer_view(placed: Placed, facts: Facts) -> OfferView:
    """An offer as of today: who may answer is asked anew every time."""
    offer = placed.offer
    grants = receivers(offer.org_unit, facts.organisation, facts.today) if offer.status is OfferStatus.OFFERED else ()
    plain = {name: getattr(offer, name) for name in OfferView.model_fields if name in type(offer).model_fields}
    return OfferView(
        **plain,
        id=offer.offer_id,
        case_title=placed.case_title,
        waiting_for=list(dict.fromkeys(grant.person_id for grant in grants)),
        cycle_status=CycleStatus(placed.cycle_status) if placed.cycle_status else None,
    )
