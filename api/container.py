"""What the application holds for its lifetime, and how a route gets at it."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import Engine

from api.gateway import Gateway
from api.http.event_stream import Feed
from api.openid.people import Outside
from api.openid.provider import OpenId
from engine.runtime.settings import Settings
from engine.store.directory.changes import Changes
from engine.store.directory.directory import Directory
from engine.store.directory.working_copies import WorkingCopies
from engine.store.outbox import Outbox
from engine.store.outgoing.calendar_feeds import CalendarFeeds
from engine.store.outgoing.messages import Sendings
from engine.store.projections.library import Library
from engine.store.queries.adoptions import AdoptionReader
from engine.store.queries.cycles import Reader
from engine.store.queries.effects import AccountReader
from engine.store.queries.figures import Figures
from engine.store.queries.inbox import Work
from engine.store.queries.written import WrittenReader
from engine.store.readiness import Readiness
from engine.store.record.journal import Journal
from engine.store.record.ledger import Ledger
from engine.store.record.spread_offers import OfferReader
from engine.store.registers.access_log import AccessLog
from engine.store.registers.differences import Differences
from engine.store.registers.milestones import Milestones
from engine.store.registers.sign_ins import SignIns
from engine.store.registers.tokens import Tokens
from engine.store.registers.visits import Visits
from engine.store.registers.webhooks import Webhooks


@dataclass
class Desk:
    """Everything a route may need."""

    settings: Settings
    database: Engine
    directory: Directory
    journal: Journal
    reader: Reader
    work: Work
    account: AccountReader
    figures: Figures
    gateway: Gateway
    feed: Feed
    outbox: Outbox
    webhooks: Webhooks
    ledger: Ledger
    milestones: Milestones
    offers: OfferReader
    sendings: Sendings
    library: Library
    adoptions: AdoptionReader
    calendar_feeds: CalendarFeeds
    readiness: Readiness
    differences: Differences
    tokens: Tokens
    visits: Visits
    access_log: AccessLog
    sign_ins: SignIns
    changes: Changes
    working_copies: WorkingCopies
    written: WrittenReader
    openid: OpenId
    outside: Outside


def desk(request: Request) -> Desk:
    """The application's."""
    found: Desk = request.app.state.desk
    return found


AtDesk = Annotated[Desk, Depends(desk)]
