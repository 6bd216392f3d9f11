"""Whom an offer concerns (横展開): the head of the unit it goes to, and whoever offered it when it is answered."""

from collections.abc import Iterator
from datetime import date
from typing import assert_never

from engine.domain.ledger.facts import Entry, OfferAnswer, OfferAnswered, OfferMade, OfferWithdrawn
from engine.domain.notices.recipients import LONGEST_WORDS, Notice, NoticeFacts, NoticeKind
from engine.domain.organisation.organisation import Organisation
from engine.domain.spread.offers import Offer, receivers

_Told = tuple[str, NoticeKind, str | None]


def offer_notices(entry: Entry, offer: Offer, title: str, organisation: Organisation, on: date) -> tuple[Notice, ...]:
    """Each person once, and nobody is told what they did themselves.

    Args:
        entry: what happened to the offer.
        offer: the offer after it.
        title: of the case.
        organisation: who holds which post, with absences.
        on: the day in the office.
    """
    actor = organisation.person(entry.actor)
    found: dict[str, Notice] = {}
    for person, kind, behalf in _concerned(entry, offer, organisation, on):
        if person == entry.actor or organisation.person(person) is None:
            continue
        words = _words(entry)
        facts = NoticeFacts(
            title=title,
            by=entry.actor,
            by_name=actor.name if actor else None,
            on_behalf_of=behalf,
            words=words[:LONGEST_WORDS] if words else None,
        )
        found.setdefault(person, Notice(person=person, kind=kind, facts=facts))
    return tuple(found.values())


def _concerned(entry: Entry, offer: Offer, organisation: Organisation, on: date) -> Iterator[_Told]:
    match entry.data:
        case OfferMade():
            for grant in receivers(offer.org_unit, organisation, on):
                yield grant.person_id, NoticeKind.OFFERED, grant.on_behalf_of
        case OfferWithdrawn():
            for grant in receivers(offer.org_unit, organisation, on):
                yield grant.person_id, NoticeKind.OFFER_WITHDRAWN, grant.on_behalf_of
        case OfferAnswered(answer=answer):
            yield offer.offered_by, _kind_of(answer), None
        case _:
            return


def _kind_of(answer: OfferAnswer) -> NoticeKind:
    match answer:
        case OfferAnswer.ACCEPT:
            return NoticeKind.OFFER_ACCEPTED
        case OfferAnswer.ADAPT:
            return NoticeKind.OFFER_ADAPTED
        case OfferAnswer.DECLINE:
            return NoticeKind.OFFER_DECLINED
    assert_never(answer)


def _words(entry: Entry) -> str | None:
    match entry.data:
        case OfferMade(message=words):
            return words
        case OfferAnswered(reason=words) | OfferWithdrawn(reason=words):
            return words
        case _:
            return None
