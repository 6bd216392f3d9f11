"""Temporal's own pages, to look at and not to touch: a proxy that passes GET and HEAD on and checks who is addressed.

Temporal's pages know no users, and offer to signal, terminate and reset. Somebody else's page that has rebound its
name to this machine fails the check of the host. Must not know what the pages show.
`python -m api.http.temporal_ui PORT INNER_HOST INNER_PORT`.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

import httpx
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_ASKED = {"accept", "accept-encoding", "accept-language", "if-none-match", "if-modified-since", "range"}
"""What is passed on of a request: nothing that says who asks."""
_ANSWERED = {
    "content-type",
    "content-encoding",
    "content-length",
    "cache-control",
    "etag",
    "last-modified",
    "location",
}
_LOCKED = {"X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}


def proxy(inner: str, transport: httpx.AsyncBaseTransport | None = None) -> Starlette:
    """The application in front of Temporal's pages at `inner`, such as `http://127.0.0.1:8233`."""
    client = httpx.AsyncClient(base_url=inner, transport=transport, trust_env=False, timeout=30)

    async def look(request: Request) -> Response:
        if request.method not in {"GET", "HEAD"}:
            return PlainTextResponse("read only\n", HTTPStatus.METHOD_NOT_ALLOWED, {"Allow": "GET, HEAD"})
        asked = {"accept-encoding": "identity"}
        asked |= {name: value for name, value in request.headers.items() if name in _ASKED}
        target = httpx.URL(path=request.url.path, query=request.url.query.encode())
        try:
            answer = await client.send(client.build_request(request.method, target, headers=asked), stream=True)
        except httpx.HTTPError:
            return PlainTextResponse("Temporal's pages do not answer\n", HTTPStatus.BAD_GATEWAY)
        headers = {name: value for name, value in answer.headers.items() if name in _ANSWERED}
        return StreamingResponse(
            answer.aiter_raw(), answer.status_code, headers | _LOCKED, background=BackgroundTask(answer.aclose)
        )

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with client:
            yield

    every = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    return Starlette(
        routes=[Route("/{path:path}", look, methods=every)],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=list(LOOPBACK), www_redirect=False)],
        lifespan=lifespan,
    )


def main(port: int, inner_host: str, inner_port: int) -> None:
    """Serve on the loopback until told to stop."""
    import uvicorn  # noqa: PLC0415 - a test of the proxy need not wait for it

    app = proxy(f"http://{inner_host}:{inner_port}")
    uvicorn.run(app, host="127.0.0.1", port=port, log_config=None, access_log=False, server_header=False)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
