"""Does it live, can it serve, how is it doing; and the description of the API, readable without a network."""

import asyncio
from pathlib import Path

import fastapi_offline
from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest
from starlette.responses import HTMLResponse, JSONResponse, Response

from api.container import AtDesk

router = APIRouter(include_in_schema=False)
ASSETS = Path(fastapi_offline.__file__).parent / "static"
"""Swagger UI as packaged by `fastapi-offline`."""
DOCS_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; frame-ancestors 'none'"
)
DOCS = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>DX Spiral API</title><link rel="stylesheet" href="/docs/assets/swagger-ui.css">
<link rel="icon" href="/docs/assets/favicon.png"></head>
<body><main id="swagger-ui"></main><script src="/docs/assets/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script></body></html>
"""
START = """SwaggerUIBundle({url: "/openapi.json", dom_id: "#swagger-ui", deepLinking: true, validatorUrl: null,
  persistAuthorization: false, layout: "BaseLayout", presets: [SwaggerUIBundle.presets.apis]});
"""
cycles = Gauge("spiral_cycles", "Cycles by status and step", ["status", "step"])


@router.get("/healthz")
async def healthz() -> Response:
    """The process lives."""
    return JSONResponse({"status": "ok"})


@router.get("/readyz")
async def readyz(desk: AtDesk) -> Response:
    """The database answers and can be written, and the engine answers; `problem` says what is wrong with the first.

    `problem` is `away`, `disk_full` or `not_writable`.
    """
    wrong, engine = await asyncio.gather(asyncio.to_thread(desk.readiness.problem), desk.gateway.answers())
    status = {"database": wrong != "away", "writable": wrong is None, "engine": engine, "problem": wrong}
    ready = wrong is None and engine
    return JSONResponse(status, status_code=200 if ready else 503, headers={} if ready else {"Retry-After": "2"})


@router.get("/metrics")
def metrics(desk: AtDesk) -> Response:
    """For Prometheus."""
    cycles.clear()
    for (status, step), count in desk.reader.counts().items():
        cycles.labels(status, step).set(count)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


@router.get("/docs")
async def docs(_request: Request) -> Response:
    """The API's description, for people."""
    return HTMLResponse(DOCS, headers={"Content-Security-Policy": DOCS_CSP})


@router.get("/docs/start.js")
async def start() -> Response:
    """Starts the page; a file of its own, so that no inline script is needed."""
    return Response(START, media_type="text/javascript")
