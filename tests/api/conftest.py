import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import uuid4

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import Engine
from structlog.testing import capture_logs
from temporalio.client import Client
from typer.main import get_command

from api.app import create_app
from api.cli.main import app as every_command
from api.services.organisation.credentials import WantedToken, hand_out, make
from engine.domain.deliverables import Deliverable
from engine.runtime.settings import Settings
from engine.store.database import open_database
from tests.support import city
from tests.support.databases import fresh_postgres, fresh_sqlite
from tests.support.office import Office

Terminal = Callable[..., Awaitable[list[str]]]
"""Types one `spiral …` and gives the lines it printed."""


@dataclass
class Http:
    """The API as a person uses it."""

    client: httpx.AsyncClient
    office: Office
    app: FastAPI
    tokens: dict[str, str] = field(default_factory=dict)
    begun: list[str] = field(default_factory=list)

    async def call(
        self, method: str, path: str, person: str | None = city.OWNER, json: Any = None, **headers: str
    ) -> httpx.Response:
        if person is not None:
            headers["Authorization"] = f"Bearer {self.token(person)}"
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        place = path if path.startswith("/api") else f"/api/v1{path}"
        return await self.client.request(method, place, json=json, headers=named)

    def token(self, person: str) -> str:
        if person not in self.tokens:
            self.tokens[person] = hand_out(self.office.database, self.office.settings, person)
        return self.tokens[person]

    async def start(self, person: str = city.OWNER, **more: Any) -> str:
        asked = {"title": "届く窓口", "org_scope": "individual", "org_unit": "U", "work_scope": "task"} | more
        answer = await self.call("POST", "/initiatives", person, asked)
        assert answer.status_code == 201, answer.text
        found: str = answer.json()["id"]
        self.begun.append(found)
        return found

    async def settled(self) -> None:
        """Waits for the journal: on a slow machine the engine answers before the database does."""
        for cycle in self.begun:
            found = self.office.directory.state(cycle)
            if found is None or found.status.is_open:  # the last event of an ended one is recorded before it ends
                await self._recorded(cycle)

    async def _recorded(self, cycle: str) -> None:
        revision = (await self.office.engine_state(cycle)).revision
        await self.office.until(
            lambda: (found := self.office.directory.state(cycle)) is not None and found.revision >= revision
        )

    async def hand_in(self, cycle: str, deliverable: Deliverable, person: str = city.OWNER) -> dict[str, Any]:
        draft = await self.call("PUT", f"/cycles/{cycle}/draft", person, plain(deliverable))
        assert draft.status_code == 200, draft.text
        answer = await self.call("POST", f"/cycles/{cycle}/submit", person)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def approve(self, cycle: str, person: str = city.UNIT_CHIEF) -> dict[str, Any]:
        number = self.office.state(cycle).round
        answer = await self.call("POST", f"/cycles/{cycle}/decisions", person, {"action": "approve", "round": number})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def journal(self) -> int:
        """How many events there are."""
        return self.app.state.desk.reader.position()


@cache
def command_line() -> Callable[..., Any]:
    """What `spiral` calls; Typer makes all commands anew from their functions each time that it is called itself."""
    return get_command(every_command).main


def own_token(http: Http, person: str) -> str:
    """A token that the person has made, as on the page of tokens; `Http.token` gives one that the machine made."""
    return make(http.office.database, http.office.settings, WantedToken(person), by=person).token


def plain(deliverable: Deliverable) -> Any:
    return deliverable.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def problem(answer: httpx.Response) -> tuple[int, str, list[tuple[str, str]]]:
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["type"].endswith(f"/{body['code']}")
    assert body["detail"]
    assert body["detail"] != body["code"]
    return answer.status_code, body["code"], [(one["pointer"], one["code"]) for one in body["errors"]]


@asynccontextmanager
async def serving(temporal: Client, database: Engine, *, at_work: bool = True, **more: Any) -> AsyncIterator[Http]:
    """The whole on a database, spoken to by HTTP; without `at_work` there is no worker, so that no cycle moves."""
    given: dict[str, Any] = {
        "database_url": database.url.render_as_string(hide_password=False),
        "temporal_address": temporal.service_client.config.target_host,
        "task_queue": f"q-{uuid4().hex[:8]}",
        "shared_namespace": True,
        "secret": SecretStr("s" * 40),
        "graceful_timeout": 1,
        "hosts": "city,other",
    }
    settings = Settings(**(given | more))
    office = Office(temporal, database, settings)
    office.import_()
    app = create_app(settings)
    async with office.working() if at_work else nullcontext(), app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://city") as client:
            yield Http(client, office, app)


@pytest.fixture
async def http(temporal: Client, database: Engine) -> AsyncIterator[Http]:
    async with serving(temporal, database) as found:
        yield found


@pytest.fixture
async def alone(temporal: Client, database: Engine) -> AsyncIterator[Http]:
    """A city of its own for a test that looks at all of it, in a file whose other tests share one."""
    async with serving(temporal, database) as found:
        yield found


@pytest.fixture
async def quiet(temporal: Client, database: Engine) -> AsyncIterator[Http]:
    """A city of its own without a worker, for tests of what is read of recorded cycles (`tests.support.past`)."""
    async with serving(temporal, database, at_work=False) as found:
        yield found


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def shared(
    request: pytest.FixtureRequest, temporal: Client, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Http]:
    """One city for the tests of a file, for those that each begin their own cycle and look at no other."""
    if request.param == "sqlite":
        database = open_database(fresh_sqlite(tmp_path_factory.mktemp("shared")))
    else:
        database = open_database(fresh_postgres(request.getfixturevalue("postgres")))
    async with serving(temporal, database) as found:
        yield found
    database.dispose()


@pytest.fixture
async def resumed(shared: Http) -> Http:
    """The city of the file as a test finds it that looks at its own cycles: all is written, and no key was used.

    A file whose tests are of that kind says `http` to it.
    """
    await shared.settled()
    shared.begun.clear()
    shared.client.cookies.clear()
    with shared.office.database.begin() as connection:
        for left in ("answer", "working_copy"):
            connection.exec_driver_sql(f"DELETE FROM {left}")
    return shared


@pytest.fixture
async def served(http: Http) -> AsyncIterator[str]:
    """The same application on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(http.app, lifespan="off", log_config=None))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            await serving


@pytest.fixture
def typed(served: str, http: Http, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    """What `spiral …` prints for a person."""
    monkeypatch.setenv("SPIRAL_URL", served)

    async def run(*words: str, person: str = city.OWNER) -> list[str]:
        monkeypatch.setenv("SPIRAL_TOKEN", http.token(person))
        capsys.readouterr()
        with suppress(SystemExit), capture_logs():
            await asyncio.to_thread(command_line(), list(words), standalone_mode=False)
        return capsys.readouterr().out.splitlines()

    return run
