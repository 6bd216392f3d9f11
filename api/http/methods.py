"""Which methods an address knows: for `Allow`, and for HEAD, which is GET without its content."""

import re
from functools import lru_cache

from fastapi import FastAPI
from starlette.types import Message, Scope, Send

ENDLESS = ("/api/v1/stream", "/live")
"""Addresses whose answer has no end, so that nobody can ask for its head only."""


def allowed(app: FastAPI, path: str) -> str | None:
    """The value of `Allow` for an address of the API; None for any other."""
    found = {
        method.upper()
        for template, operations in app.openapi()["paths"].items()
        if _pattern(template).fullmatch(path)
        for method in operations
    }
    if "GET" in found and path not in ENDLESS:
        found.add("HEAD")
    return ", ".join(sorted(found)) or None


def as_get(scope: Scope, send: Send) -> tuple[Scope, Send]:
    """A HEAD request as the GET it stands for, and where to send its answer: without the content."""
    if scope["method"] != "HEAD" or scope["path"] in ENDLESS or scope["path"].startswith("/static/"):
        return scope, send

    async def without_content(message: Message) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return {**scope, "method": "GET"}, without_content


@lru_cache(maxsize=512)
def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{[^}]+\}", template)
    return re.compile("[^/]+".join(re.escape(part) for part in parts))
