"""What the application holds for its lifetime, and how a route gets at it."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import Engine

from api.feed import Feed
from api.gateway import Gateway
from engine.runtime.settings import Settings
from engine.store.account import AccountReader
from engine.store.adoptions import AdoptionReader
from engine.store.calendar_feeds import CalendarFeeds
from engine.store.directory import Directory
from engine.store.figures import Figures
from engine.store.journal import Journal
from engine.store.ledger import Ledger
from engine.store.library import Library
from engine.store.milestones import Milestones
from engine.store.outbox import Outbox
from engine.store.readers import Reader
from engine.store.readiness import Readiness
from engine.store.sendings import Sendings
from engine.store.spreading import OfferReader
from engine.store.webhooks import Webhooks
from engine.store.work import Work


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


def desk(request: Request) -> Desk:
    """The application's."""
    found: Desk = request.app.state.desk
    return found


AtDesk = Annotated[Desk, Depends(desk)]
