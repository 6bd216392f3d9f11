"""Temporal's own pages through our proxy: to look at, not to touch."""

from collections.abc import AsyncIterator

import httpx
import pytest

from api.http.temporal_ui import proxy

seen: list[httpx.Request] = []


def inner(request: httpx.Request) -> httpx.Response:
    seen.append(request)
    if request.url.path == "/away":
        raise httpx.ConnectError("nobody there")
    return httpx.Response(200, stream=httpx.ByteStream(b"pages"), headers={"Set-Cookie": "_csrf=1"})


@pytest.fixture
async def outside() -> AsyncIterator[httpx.AsyncClient]:
    seen.clear()
    app = proxy("http://127.9.9.9:1", httpx.MockTransport(inner))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1:8233") as client:
        yield client


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_what_only_looks_is_passed_on_without_who_asks(outside: httpx.AsyncClient, method: str) -> None:
    answer = await outside.request(
        method, "/api/v1/namespaces?pageSize=1&q=%E5%B8%82", headers={"Cookie": "x=1", "Authorization": "Bearer t"}
    )
    assert (answer.status_code, answer.headers["x-frame-options"]) == (200, "DENY")
    assert "set-cookie" not in answer.headers
    (one,) = seen
    assert str(one.url) == "http://127.9.9.9:1/api/v1/namespaces?pageSize=1&q=%E5%B8%82"
    assert not {"cookie", "authorization"} & set(one.headers)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_what_changes_something_never_reaches_the_pages(outside: httpx.AsyncClient, method: str) -> None:
    answer = await outside.request(method, "/api/v1/namespaces/default/workflows/x/signal/command", json={})
    assert (answer.status_code, answer.headers["allow"], seen) == (405, "GET, HEAD", [])


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8233", 200),
        ("localhost", 200),
        ("LOCALHOST:1", 200),
        ("rebound.example", 400),
        ("127.0.0.1.rebound.example:8233", 400),
        ("", 400),
    ],
)
async def test_only_a_loopback_name_is_answered(outside: httpx.AsyncClient, host: str, status: int) -> None:
    answer = await outside.get("/", headers={"Host": host})
    assert (answer.status_code, len(seen)) == (status, int(status == 200))


async def test_pages_that_are_away_are_one_line(outside: httpx.AsyncClient) -> None:
    answer = await outside.get("/away")
    assert (answer.status_code, answer.text.count("\n")) == (502, 1)
