"""横展開: offering a shared case to other units, and their answers (docs/field/sharing.md: never a rung).

One stream for each case and unit, so that two people cannot offer the same to the same unit twice. An accepted offer
starts an adopt cycle whose id is made from the offer's; who takes over tests again (docs/field/sharing.md).
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from enum import StrEnum

from engine.domain.base import Frozen
from engine.domain.cycle.state import CycleState
from engine.domain.cycle.visibility import Visibility
from engine.domain.errors import FieldError, conflict, forbidden, invalid, invalid_at
from engine.domain.ledger.facts import Entry, OfferAnswer, OfferAnswered, OfferMade, OfferWithdrawn
from engine.domain.lineage.open_cycle import holds_post_in, scope_of
from engine.domain.organisation.organisation import Duty, Grant, Organisation, PostRef
from engine.domain.scope import OrgScope
from engine.domain.steps import CycleStatus

KIND = "offer"


class OfferStatus(StrEnum):
    """Where an offer stands."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    ADAPTING = "adapting"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"

    @property
    def is_taken(self) -> bool:
        """Whether an adopt cycle follows."""
        return self in {OfferStatus.ACCEPTED, OfferStatus.ADAPTING}


_AFTER = {
    OfferAnswer.ACCEPT: OfferStatus.ACCEPTED,
    OfferAnswer.ADAPT: OfferStatus.ADAPTING,
    OfferAnswer.DECLINE: OfferStatus.DECLINED,
}


class Offer(Frozen):
    """An offer as its facts tell it; `revision` is the seq of the last one. Times are of the newest offer."""

    offer_id: str
    case_id: str
    org_unit: str
    status: OfferStatus
    message: str | None = None
    by_share: bool = False
    offered_by: str
    offered_at: datetime
    answered_by: str | None = None
    on_behalf_of: str | None = None
    answered_at: datetime | None = None
    reason: str | None = None
    cycle_id: str | None = None
    owner: str | None = None
    org_scope: OrgScope | None = None
    revision: int


def offer_id(case_id: str, org_unit: str) -> str:
    """The id of what is offered to one unit: the same case and unit give the same id."""
    return "o" + hashlib.sha256(f"{case_id}\n{org_unit}".encode()).hexdigest()[:16]


def stream_of(offer: str) -> str:
    """The stream that holds an offer's facts."""
    return f"{KIND}/{offer}"


def offer_of(entries: Sequence[Entry]) -> Offer | None:
    """The offer that these facts amount to; None before the first."""
    offer: Offer | None = None
    for entry in entries:
        offer = _evolved(offer, entry)
    return offer


def _evolved(offer: Offer | None, entry: Entry) -> Offer | None:
    data = entry.data
    if isinstance(data, OfferMade):
        return Offer(
            offer_id=entry.stream.partition("/")[2],
            case_id=data.case_id,
            org_unit=data.org_unit,
            status=OfferStatus.OFFERED,
            message=data.message,
            by_share=data.by_share,
            offered_by=entry.actor,
            offered_at=entry.at,
            revision=entry.seq,
        )
    if offer is None:
        raise ValueError(f"{data.type} before offer_made")
    match data:
        case OfferAnswered():
            update: dict[str, object] = {
                "status": _AFTER[data.answer],
                "answered_by": entry.actor,
                "on_behalf_of": entry.on_behalf_of,
                "answered_at": entry.at,
                "reason": data.reason,
                "cycle_id": data.cycle_id,
                "owner": data.owner,
                "org_scope": data.org_scope,
            }
        case OfferWithdrawn():
            update = {"status": OfferStatus.WITHDRAWN, "reason": data.reason}
        case _:
            raise ValueError(f"{data.type} is no fact of an offer")
    return offer.model_copy(update=update | {"revision": entry.seq})


def may_offer(person: str, case: CycleState, organisation: Organisation, on: date) -> bool:
    """The sharer: owner or adviser of the case's cycle, the head of its unit, or the DX team."""
    adviser = case.inheritance.adviser if case.inheritance else None
    heads = organisation.holders(PostRef(kind="head", unit=case.org_unit), on)
    return person in {case.owner, adviser, *heads} or Duty.DX_TEAM in organisation.duties_of(person, on)


def target_errors(
    case: CycleState, units: Iterable[str], organisation: Organisation, at: str = "/org_units"
) -> list[FieldError]:
    """Units that cannot be offered the case: unknown ones, and those above or below its own, which grow, not copy."""
    errors: list[FieldError] = []
    for index, unit in enumerate(units):
        here = f"{at}/{index}"
        if organisation.unit(unit) is None:
            errors.append(FieldError(pointer=here, code="unknown_unit", params={"unit": unit}))
        elif organisation.is_same_or_ancestor(unit, case.org_unit) or organisation.is_same_or_ancestor(
            case.org_unit, unit
        ):
            errors.append(FieldError(pointer=here, code="unit_in_line", params={"unit": unit, "from": case.org_unit}))
    return errors


def check_offer(
    person: str, case: CycleState, units: Sequence[str], organisation: Organisation, on: date
) -> tuple[str, ...]:
    """The units the case may be offered to, each once.

    Raises:
        DomainError: not shared, not this person's to offer, kept to fewer people, or units that cannot be.
    """
    if case.status is not CycleStatus.COMPLETED:
        raise conflict("case_not_shared", cycle=case.cycle_id)
    if not may_offer(person, case, organisation, on):
        raise forbidden("not_the_sharer")
    if case.visibility is Visibility.RESTRICTED or (
        case.visibility is Visibility.CONCERNED and not _named(case, units)
    ):
        raise conflict("case_is_not_open", cycle=case.cycle_id)
    errors = target_errors(case, units, organisation)
    if not units:
        errors.append(FieldError(pointer="/org_units", code="missing"))
    if errors:
        raise invalid(*errors)
    return tuple(dict.fromkeys(units))


def _named(case: CycleState, units: Sequence[str]) -> bool:
    """Whether the Share itself names all these units, so that their heads are concerned."""
    return set(units) <= set(case.deliverables.share.spread_targets)


def made(
    offer: Offer | None, case_id: str, org_unit: str, message: str | None, *, by_share: bool = False
) -> OfferMade:
    """The fact that offers; a refused or withdrawn offer may be made again.

    Raises:
        DomainError: the unit has it on its desk, or has taken it over.
    """
    if offer is not None and offer.status is OfferStatus.OFFERED:
        raise conflict("already_offered", unit=org_unit)
    if offer is not None and offer.status.is_taken:
        raise conflict("already_adopted", unit=org_unit, cycle=offer.cycle_id or "")
    return OfferMade(case_id=case_id, org_unit=org_unit, message=message or None, by_share=by_share)


def receivers(org_unit: str, organisation: Organisation, on: date) -> tuple[Grant, ...]:
    """Who may answer today: the head of the unit, one up where the post is vacant, proxies of the absent."""
    return organisation.deciders(PostRef(kind="head", unit=org_unit), on)


def answered(  # noqa: PLR0913, PLR0917 - what the person said, and the facts of the day
    offer: Offer,
    grant: Grant | None,
    answer: OfferAnswer,
    reason: str | None,
    owner: str | None,
    organisation: Organisation,
    on: date,
) -> OfferAnswered:
    """The fact that answers.

    Raises:
        DomainError: not on this person's desk, answered already, withdrawn, or a reason is missing.
    """
    if grant is None:
        raise forbidden("not_the_receiver", unit=offer.org_unit)
    if offer.status is not OfferStatus.OFFERED:
        raise conflict("offer_over", status=offer.status.value, by=offer.answered_by or offer.offered_by)
    said = (reason or "").strip() or None
    if answer is not OfferAnswer.ACCEPT and said is None:
        raise invalid_at("/reason", "missing")
    if answer is OfferAnswer.DECLINE:
        return OfferAnswered(answer=answer, reason=said, post=grant.post)
    if owner is not None and organisation.person(owner) is None:
        raise invalid_at("/owner", "unknown_person", person=owner)
    if owner is not None and not holds_post_in(owner, offer.org_unit, organisation, on):
        raise invalid_at("/owner", "owner_not_in_unit", person=owner, unit=offer.org_unit)
    leader = grant.on_behalf_of or grant.person_id
    unit = organisation.unit(offer.org_unit)
    if unit is None:
        raise conflict("unknown_unit", unit=offer.org_unit)
    return OfferAnswered(
        answer=answer,
        reason=said,
        post=grant.post,
        cycle_id=adopt_cycle(offer.offer_id),
        owner=owner or leader,
        org_scope=scope_of(unit.level),
    )


def withdrawn(offer: Offer, reason: str | None) -> OfferWithdrawn:
    """The fact that takes an offer back.

    Raises:
        DomainError: it is answered or withdrawn.
    """
    if offer.status is not OfferStatus.OFFERED:
        raise conflict("offer_over", status=offer.status.value, by=offer.answered_by or offer.offered_by)
    return OfferWithdrawn(reason=(reason or "").strip() or None)


def adopt_initiative(offer: str) -> str:
    """The initiative that an accepted offer starts."""
    return offer.replace("o", "a", 1)


def adopt_cycle(offer: str) -> str:
    """Its first cycle."""
    return f"{adopt_initiative(offer)}-1"
