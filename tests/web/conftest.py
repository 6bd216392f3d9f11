"""The pages in a real browser: one server with a worker, and one Chromium, for the whole session."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
import uvicorn
from playwright.async_api import Browser, async_playwright, expect
from pydantic import SecretStr
from temporalio.client import Client

from api.app import create_app
from engine.contracts.documents import ORGANISATION, ROADMAP
from engine.data.shipped import SAMPLE_CITY, sample_absences, sample_organisation, shipped_edition
from engine.runtime.ports import prefer
from engine.runtime.settings import Settings
from engine.store.database import open_database
from tests.support.databases import fresh_sqlite
from tests.support.office import Office
from tests.web.site import ADMIN, CDO, CHIEF, DIRECTOR, DX, KEY, MANAGER, MAYOR, OWNER, Site
from tests.web.stock import Stock, stock_up

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The first one there is taken: the shell without windows does the same with less."""
__all__ = ("ADMIN", "CDO", "CHIEF", "DIRECTOR", "DX", "KEY", "MANAGER", "MAYOR", "OWNER", "Site")


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert program, "Chromium is missing (Debian: apt-get install chromium fonts-noto-cjk)"
    expect.set_options(timeout=60_000)  # a busy machine is no fault of the page
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        yield browser
        await browser.close()


@pytest.fixture(scope="session")
async def site(temporal: Client, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    folder: Path = tmp_path_factory.mktemp("site")
    url = fresh_sqlite(folder)
    settings = Settings(
        database_url=url,
        temporal_address=temporal.service_client.config.target_host,
        task_queue=f"q-{uuid4().hex[:8]}",
        shared_namespace=True,
        secret=SecretStr(KEY),
        graceful_timeout=1,
        sample_sign_in=True,
        webhook_allow="127.0.0.1",
    )
    database = open_database(url)
    office = Office(temporal, database, settings)
    office.directory.import_document(ORGANISATION, SAMPLE_CITY, sample_organisation(), "test")
    office.directory.import_document(ROADMAP, "edition", shipped_edition(), "test")
    for index, absence in enumerate(sample_absences()):
        office.directory.enter_absence(f"a{index}", absence, "test")
    port = prefer("127.0.0.1", 0)
    config = uvicorn.Config(create_app(settings), port=port, log_level="warning", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    async with office.working():
        serving = asyncio.create_task(server.serve())
        await office.until(lambda: server.started)
        found = Site(f"http://127.0.0.1:{port}", office, browser, settings)
        yield found
        await found.close()
        server.should_exit = True
        await serving
    database.dispose()


@pytest.fixture(scope="session")
async def stock(site: Site) -> Stock:
    """The city with something of everything in it."""
    return await stock_up(site)
