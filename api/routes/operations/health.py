"""Does it live, can it serve, how is it doing; and the description of the API, readable without a network."""

import asyncio
from collections import Counter
from pathlib import Path

import fastapi_offline
from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest
from starlette.responses import HTMLResponse, JSONResponse, Response

from api.container import AtDesk
from api.services.operations import standing
from engine.contracts.differences import DifferenceKind

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
SHOWN = 20
"""Differences that are named; the rest is counted."""
cycles = Gauge("spiral_cycles", "Cycles by status and step", ["status", "step"])


differences = Gauge("spiral_differences", "Where record and engine differ and nobody has mended it", ["kind"])


@router.get("/healthz")
async def healthz() -> Response:
    """The process lives."""
    return JSONResponse({"status": "ok"})


@router.get("/readyz")
async def readyz(desk: AtDesk) -> Response:
    """The database answers and can be written, and the engine answers; `problem` says what is wrong with the first.

    `problem` is `away`, `disk_full` or `not_writable`. `differences` counts cycles in which record and engine differ;
    they take no API out of service, so the status stays 200.
    """
    wrong, engine = await asyncio.gather(asyncio.to_thread(desk.readiness.problem), desk.gateway.answers())
    status: dict[str, object] = {
        "database": wrong != "away", "writable": wrong is None, "engine": engine, "problem": wrong,
    }  # fmt: skip
    if wrong is None:
        found = await asyncio.to_thread(desk.differences.now)
        shown = [{"kind": one.kind, "subject": one.subject, "since": one.since.isoformat()} for one in found[:SHOWN]]
        status |= {"differences": len(found), "differing": shown}
    ready = wrong is None and engine
    return JSONResponse(status, status_code=200 if ready else 503, headers={} if ready else {"Retry-After": "2"})


@router.get("/metrics")
def metrics(desk: AtDesk) -> Response:
    """For Prometheus."""
    cycles.clear()
    for (status, step), count in standing.by_status_and_step(desk).items():
        cycles.labels(status, step).set(count)
    found = Counter(one.kind for one in desk.differences.now())
    for kind in DifferenceKind:
        differences.labels(kind.value).set(found[kind])
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


@router.get("/docs")
async def docs(_request: Request) -> Response:
    """The API's description, for people."""
    return HTMLResponse(DOCS, headers={"Content-Security-Policy": DOCS_CSP})


@router.get("/docs/start.js")
async def start() -> Response:
    """Starts the page; a file of its own, so that no inline script is needed."""
    return Response(START, media_type="text/javascript")
