"""The application: puts store, gateway and routes together."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from functools import cache
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.dependencies.models import Dependant
from fastapi.params import Form
from fastapi.staticfiles import StaticFiles
from sqlalchemy.exc import SQLAlchemyError
from starlette.routing import BaseRoute

from api.container import Desk
from api.door.keeper import Doorkeeper
from api.gateway import Gateway
from api.http import openapi, problems
from api.http.event_stream import Feed
from api.http.middleware import RequestMiddleware
from api.http.parameters import only_text
from api.openid.people import Outside
from api.openid.provider import OpenId
from api.routes.city import dashboard, effects, history, roadmap
from api.routes.cycles import attachments, cycles, initiatives, moves, versions
from api.routes.exchange import exchange
from api.routes.operations import accesses as access_log
from api.routes.operations import health
from api.routes.organisation import accounts, credentials, documents, people, policies
from api.routes.outgoing import notices, stream, webhooks
from api.routes.spread import adoptions, cases, offers
from api.services.operations.tidying import stay_tidy, tidy
from api.services.spread import adoption
from api.web import pages
from api.web.frame import display_settings as look
from api.web.frame import errors
from api.web.frame.page import STATIC
from engine.data.shipped import is_sample_city
from engine.domain.errors import FieldError, invalid
from engine.domain.text import printable
from engine.runtime.identity import open_engine
from engine.runtime.renewal import follow_certificates
from engine.runtime.settings import Settings, load_settings
from engine.store.database import open_database
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

TITLE, VERSION = "DX Spiral", "1.0.0"
DESCRIPTION = """想像する・取り組む・実感する・共有する、そして次の周回へ。

One initiative through four steps and into a larger cycle.

Every POST and PUT takes `Idempotency-Key`; a cycle carries `ETag`; errors are `application/problem+json`."""


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application, ready to serve once its lifespan has begun."""
    chosen = settings or load_settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        desk = await open_desk(chosen)
        app.state.desk, app.state.directory = desk, desk.directory
        background = [
            asyncio.create_task(work)
            for work in (
                desk.feed.run(),
                desk.gateway.heal(),
                adoption.follow(desk),
                _warm(desk),
                follow_certificates(desk.gateway.client, chosen),
                stay_tidy(desk.database),
            )
        ]
        try:
            yield
        finally:
            for task in background:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            desk.database.dispose()

    app = FastAPI(
        title=TITLE, version=VERSION, description=DESCRIPTION, lifespan=lifespan, docs_url=None, redoc_url=None,
        license_info={"name": "Apache License 2.0", "identifier": "Apache-2.0"},
    )  # fmt: skip
    app.state.signing_keys, app.state.settings = chosen.signing_keys(), chosen
    app.add_middleware(RequestMiddleware, door=Doorkeeper(chosen))
    problems.install(app)
    errors.install(app)
    app.router.routes.extend(every_route())
    app.openapi = described  # type: ignore[method-assign]
    app.mount("/static", look.OurFiles(STATIC), name="static")
    app.mount("/docs/assets", StaticFiles(directory=health.ASSETS), name="docs-assets")
    return app


@cache
def every_route() -> tuple[BaseRoute, ...]:
    """Every route of the API and the pages, in the order they are tried; none is bound to an application.

    FastAPI analyses each route again wherever it is included, which is most of what an application costs. So all
    applications of a process share these, and each is included once: no router stands in another one in between.
    """
    whole = APIRouter(dependencies=[Depends(only_text)])
    known_only = [Depends(only_known_parameters), Depends(only_known_fields)]
    for module in (
        initiatives, cycles, attachments, history, effects, cases, offers, adoptions, versions, policies,
        people, credentials, accounts, documents, notices, webhooks, roadmap, dashboard, stream, exchange,
        moves, access_log,
    ):  # fmt: skip
        whole.include_router(module.router, prefix="/api/v1", dependencies=known_only)
    whole.include_router(health.router)
    for page in pages.ROUTERS:
        whole.include_router(page)
    return tuple(whole.routes)


@cache
def described() -> dict[str, Any]:
    """What the API says of itself; as its routes, the same for all applications of a process."""
    return openapi.document(TITLE, VERSION, DESCRIPTION, every_route())


async def _warm(desk: Desk) -> None:
    """The first one to ask for a dashboard need not wait; a failure is the asker's to see."""
    with suppress(SQLAlchemyError):
        await asyncio.to_thread(desk.figures.warm)


def only_known_parameters(request: Request) -> None:
    """Refuses a query parameter that the route does not know, so that a misspelt filter is not silently ignored."""
    known = set(_query_parameters(request.scope["route"].dependant))
    unknown = [name for name in request.query_params if name not in known]
    if unknown:
        raise invalid(
            *(FieldError(pointer=f"?{printable(name)}", code="unknown_field") for name in dict.fromkeys(unknown))
        )


async def only_known_fields(request: Request) -> None:
    """Refuses a field of a form that the route does not know; one that belongs into the address is told so."""
    dependant: Dependant = request.scope["route"].dependant
    known = {field.alias for field in dependant.body_params if isinstance(field.field_info, Form)}
    if not known or not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        return
    elsewhere = set(_query_parameters(dependant))
    unknown = [name for name in dict.fromkeys(await request.form()) if name not in known]
    if unknown:
        raise invalid(
            *(
                FieldError(
                    pointer=f"/{printable(name)}",
                    code="unknown_field",
                    params={"why": "form"} if name in elsewhere else {},
                )
                for name in unknown
            )
        )


def _query_parameters(dependant: Dependant) -> Iterator[str]:
    yield from (field.alias for field in dependant.query_params)
    for inner in dependant.dependencies:
        yield from _query_parameters(inner)


async def open_desk(settings: Settings) -> Desk:
    """Connects to everything; waits for an engine that is still starting."""
    database = open_database(settings.database_url, settings.database_patience)
    engine = await open_engine(settings, database)
    await asyncio.to_thread(tidy, database)
    directory, journal, reader = Directory(database), Journal(database), Reader(database)
    ledger = Ledger(database, directory=directory)
    tokens, sign_ins, openid = Tokens(database), SignIns(database), OpenId(settings)
    return Desk(
        settings=settings,
        database=database,
        directory=directory,
        journal=journal,
        reader=reader,
        work=Work(database),
        account=AccountReader(database),
        figures=Figures(database),
        gateway=Gateway(engine.client, directory, journal, engine.names, settings.engine_patience),
        feed=Feed(reader),
        outbox=Outbox(database),
        webhooks=Webhooks(database, directory, ledger),
        ledger=ledger,
        milestones=Milestones(database, directory),
        offers=OfferReader(database),
        sendings=Sendings(database, directory, settings.channels),
        library=Library(database),
        adoptions=AdoptionReader(database),
        calendar_feeds=CalendarFeeds(database),
        readiness=Readiness(database),
        differences=Differences(database),
        tokens=tokens,
        visits=Visits(database),
        access_log=AccessLog(database, settings.access_log_days),
        sign_ins=sign_ins,
        changes=Changes(database, directory, is_sample_city),
        working_copies=WorkingCopies(database, directory.now),
        written=WrittenReader(database),
        openid=openid,
        outside=Outside(openid, settings, sign_ins, tokens),
    )
