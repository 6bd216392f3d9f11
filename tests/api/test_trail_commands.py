"""The commands that read the record, against a real server: what a person sees on the terminal."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

import pytest
import uvicorn
from structlog.testing import capture_logs

from api.cli.main import app
from api.cli.work import Refused
from engine.domain.deliverables import Imagine
from tests.api.conftest import Http, plain
from tests.support import city

Terminal = Callable[..., "asyncio.Future[list[str]]"]


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
def typed(
    served: str, http: Http, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., "asyncio.Future[list[str]]"]:
    """What `spiral …` prints for a person."""
    monkeypatch.setenv("SPIRAL_URL", served)

    async def run(*words: str, person: str = city.OWNER) -> list[str]:
        monkeypatch.setenv("SPIRAL_TOKEN", http.token(person))
        capsys.readouterr()
        with suppress(SystemExit), capture_logs():
            await asyncio.to_thread(app, list(words), standalone_mode=False)
        return capsys.readouterr().out.splitlines()

    return run  # type: ignore[return-value]


async def test_versions_and_their_difference_are_shown(http: Http, typed: Terminal) -> None:
    cycle = await http.start()
    await http.hand_in(cycle, city.imagine())
    await http.call("POST", f"/cycles/{cycle}/pull-back")
    more = {"ideal_statement": "待たずに届く", "as_is": {"cases_per_year": 1500, "minutes_per_case": 30}}
    await http.hand_in(cycle, Imagine.model_validate(plain(city.imagine()) | more))
    assert [line.split()[:2] for line in await typed("versions", cycle)] == [["1", "imagine"], ["2", "imagine"]]
    assert json.loads("\n".join(await typed("versions", cycle, "1"))) == plain(city.imagine())
    assert await typed("diff", cycle, "1", "2") == [
        " ~ /ideal_statement  住民票が、来なくても届く → 待たずに届く",
        "*~ /as_is/cases_per_year  1200.0 → 1500.0",
    ]
    with pytest.raises(Refused, match="unknown_version"):
        await typed("diff", cycle, "1", "5")
