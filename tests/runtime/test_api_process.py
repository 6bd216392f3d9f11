"""What the API's server is told: how many may be connected at once, and whose word about an origin counts."""

from pathlib import Path
from typing import Any

import pytest
import uvicorn

from api.cli.operate import processes


def test_the_server_takes_so_many_connections_and_believes_the_proxies_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: dict[str, Any] = {}

    async def is_ours(_settings: object) -> None:
        return

    monkeypatch.setattr(uvicorn, "run", lambda _app, **given: told.update(given))
    monkeypatch.setattr(processes, "_prepared", lambda settings: settings)
    monkeypatch.setattr(processes, "_has_tables", lambda _settings: None)
    monkeypatch.setattr(processes, "_is_ours", is_ours)
    monkeypatch.setenv("SPIRAL_CONNECTIONS", "70")
    monkeypatch.setenv("SPIRAL_PROXIES", "10.0.0.0/8")
    processes.api(tmp_path)
    assert (told["limit_concurrency"], told["forwarded_allow_ips"]) == (70, "10.0.0.0/8")
    assert (told["access_log"], told["server_header"]) == (False, False)
