"""Starts the adopt cycle that an accepted offer names (ADR 0021).

The answer is in the ledger first; the cycle follows, at once or, when the engine is away, as soon as it is back. Its
id is made from the offer's, so however often it is started there is one.
"""

import asyncio
from contextlib import suppress

import structlog

from api.container import Desk
from api.gateway import EngineAwayError
from engine.domain.errors import DomainError
from engine.domain.spread.adopt import opening_of_adoption
from engine.domain.spread.offers import Offer
from engine.store.faults import AWAY

PAUSE = 5.0
"""Seconds between looks for accepted offers whose cycle is not there."""
log = structlog.get_logger(__name__)


async def follow(desk: Desk) -> None:
    """Starts what is missing, until cancelled."""
    while True:
        with suppress(*AWAY):  # the database is away: the next look finds the same
            await start_missing(desk)
        await asyncio.sleep(PAUSE)


async def start_missing(desk: Desk) -> int:
    """Starts every adopt cycle that an answer names and the journal does not know; gives how many."""
    missing = await asyncio.to_thread(desk.offers.unstarted)
    return sum([await start(desk, offer) for offer in missing])


async def start(desk: Desk, offer: Offer) -> bool:
    """Starts the adopt cycle of an accepted offer; False when the engine is away, and `follow` will do it."""
    case = await asyncio.to_thread(desk.directory.state, offer.case_id)
    if case is None:
        log.error("the case of an accepted offer is not there", offer=offer.offer_id, case=offer.case_id)
        return False
    opening = opening_of_adoption(case, offer)
    try:
        await desk.gateway.start(
            opening,
            actor=offer.answered_by or opening.owner,
            command_id=f"adopt/{offer.offer_id}",
            fingerprint=offer.offer_id,
        )
    except DomainError as error:
        log.warning("an adopt cycle cannot begin", offer=offer.offer_id, code=error.refusal.code)
        return False
    except EngineAwayError:
        log.warning("the engine is away; the adopt cycle starts later", offer=offer.offer_id)
        return False
    return True
