"""The TLS proxy's configuration, run by a real nginx in front of a real uvicorn, as `spiral api` runs it."""

import asyncio
import json
import os
import re
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from engine.runtime.ports import any_free
from tests.runtime.test_connection import Authority
from tests.support.programs import at_work, found

pytestmark = pytest.mark.slow
BELIEVED = "127.0.0.1"
BETWEEN = 0.5
"""Seconds between two events of the stream below."""


async def mirror(scope: Scope, receive: Receive, send: Send) -> None:
    """Says how a request arrived; a stream of three events at `/live`; whatever else, its size."""
    if scope["type"] != "http":
        return
    body, more = 0, True
    while more:
        message = await receive()
        body, more = body + len(message.get("body", b"")), message.get("more_body", False)
    headers = [(b"content-type", b"application/json"), (b"strict-transport-security", b"max-age=1")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    if scope["path"] == "/live":
        for number in range(3):
            await send({"type": "http.response.body", "body": f"data: {number}\n\n".encode(), "more_body": True})
            await asyncio.sleep(BETWEEN)
        await send({"type": "http.response.body", "body": b""})
        return
    said = {
        "scheme": scope["scheme"],
        "client": scope["client"][0],
        "size": body,
        "headers": {name.decode(): value.decode() for name, value in scope["headers"]},
        "path": scope["raw_path"].decode(),
    }
    await send({"type": "http.response.body", "body": json.dumps(said).encode()})


@dataclass(frozen=True)
class WayIn:
    plain: int
    tls: int
    health: int
    client: httpx.Client

    def ask(self, path: str, **more: Any) -> httpx.Response:
        return self.client.request(more.pop("method", "GET"), f"https://localhost:{self.tls}{path}", **more)


@pytest.fixture(scope="module")
def mirrored() -> Iterator[int]:
    port = any_free("127.0.0.1")
    server = uvicorn.Server(
        uvicorn.Config(
            mirror, host="127.0.0.1", port=port, log_config=None, forwarded_allow_ips=BELIEVED, lifespan="off"
        )
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield port
    server.should_exit = True
    thread.join(timeout=120)


@pytest.fixture(scope="module")
def way_in(scripts: Path, mirrored: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WayIn | None]:
    nginx = found("nginx", "Debian: nginx")
    if nginx is None:
        yield None
        return
    folder = tmp_path_factory.mktemp("nginx")
    authority = Authority.made(folder)
    certificate, key = authority.signs("proxy")
    (folder / "tls_certificate").write_bytes(certificate.read_bytes())
    (folder / "tls_key").write_bytes(key.read_bytes())
    ports = {"8080": any_free("127.0.0.1"), "8443": any_free("127.0.0.1"), "8081": any_free("127.0.0.1")}
    text = (scripts / "proxy.conf").read_text(encoding="utf-8")
    for said, port in ports.items():
        text, times = re.subn(rf"(listen (?:127\.0\.0\.1:)?){said}\b", rf"\g<1>{port}", text)
        assert times == 1, said
    text = text.replace("/tmp/", f"{folder}/").replace("/run/secrets/", f"{folder}/")
    text = text.replace("api:8000", f"127.0.0.1:{mirrored}")
    (folder / "own.conf").write_text(text, encoding="utf-8")
    account = ["user root;"] if os.geteuid() == 0 else []
    command = [nginx, "-p", str(folder), "-c", str(folder / "own.conf"), "-g", " ".join(["daemon off;", *account])]
    tried = subprocess.run([*command, "-t"], capture_output=True, text=True, timeout=120, check=False)
    assert tried.returncode == 0, tried.stderr
    assert "[warn]" not in tried.stderr
    trusted = ssl.create_default_context(cafile=folder / "ca.pem")

    def ready() -> bool:
        with socket.socket() as asking:
            return asking.connect_ex(("127.0.0.1", ports["8443"])) == 0

    with at_work(command, ready, folder), httpx.Client(verify=trusted, trust_env=False, timeout=120) as client:
        yield WayIn(ports["8080"], ports["8443"], ports["8081"], client)


def test_the_api_learns_who_asks_and_that_it_was_by_tls_and_believes_no_caller(way_in: WayIn | None) -> None:
    if way_in is None:
        return
    claimed = {
        "X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "http", "X-Forwarded-Host": "evil.example",
        "Forwarded": "for=203.0.113.9;host=evil.example", "X-Request-Id": "abc", "Host": "spiral.city.example",
    }  # fmt: skip
    said = way_in.ask("/cycles/%E3%81%82?q=%2F", headers=claimed).json()
    assert (said["scheme"], said["client"]) == ("https", "127.0.0.1")
    assert said["headers"]["x-forwarded-for"] == "127.0.0.1"
    assert said["headers"]["host"] == "spiral.city.example"
    assert said["headers"]["x-request-id"] == "abc"
    assert not {"x-forwarded-host", "x-forwarded-port", "forwarded"} & set(said["headers"])
    assert said["path"] == "/cycles/%E3%81%82"


def test_a_browser_is_told_once_to_come_by_tls_always(way_in: WayIn | None) -> None:
    if way_in is None:
        return
    answer = way_in.ask("/")
    assert answer.headers.get_list("strict-transport-security") == ["max-age=31536000"]
    sent = httpx.get(
        f"http://127.0.0.1:{way_in.plain}/a?b=c", headers={"Host": "spiral.city.example"}, trust_env=False
    )
    assert (sent.status_code, sent.headers["location"]) == (301, "https://spiral.city.example/a?b=c")
    assert "server" not in answer.headers or not re.search(r"\d", answer.headers["server"])


@pytest.mark.parametrize("path", ["/metrics", "/readyz"])
def test_what_operators_ask_is_not_there_from_outside(way_in: WayIn | None, path: str) -> None:
    if way_in is None:
        return
    assert way_in.ask(path).status_code == 404
    assert way_in.ask("/healthz").status_code == 200


def test_its_own_health_is_the_apis_readiness_and_nothing_else(way_in: WayIn | None) -> None:
    if way_in is None:
        return
    here = f"http://127.0.0.1:{way_in.health}"
    assert httpx.get(f"{here}/readyz", trust_env=False).json()["path"] == "/readyz"
    assert httpx.get(f"{here}/metrics", trust_env=False).status_code == 404


def test_events_come_through_as_they_are_written(way_in: WayIn | None) -> None:
    if way_in is None:
        return
    with way_in.client.stream("GET", f"https://localhost:{way_in.tls}/live") as answer:
        came = [time.monotonic() for line in answer.iter_lines() if line.startswith("data")]
    assert len(came) == 3
    assert came[2] - came[0] > BETWEEN, "they came at once, so they were kept back"


def test_a_file_as_large_as_the_api_takes_comes_through(way_in: WayIn | None) -> None:
    if way_in is None:
        return
    assert way_in.ask("/files", method="POST", content=b"x" * 10_100_000).json()["size"] == 10_100_000
    assert way_in.ask("/files", method="POST", content=b"x" * 13_000_000).status_code == 413


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_old_tls_is_refused(way_in: WayIn | None, version: ssl.TLSVersion) -> None:
    if way_in is None:
        return
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = version
    with socket.create_connection(("127.0.0.1", way_in.tls), timeout=120) as connection, pytest.raises(ssl.SSLError):
        context.wrap_socket(connection)
