"""Which methods an address knows: for `Allow`, and for HEAD, which is GET without its content."""

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.types import Message, Scope, Send

ENDLESS = ("/api/v1/stream", "/live")
"""Addresses whose answer has no end, so that nobody can ask for its head only."""


def allowed(app: FastAPI, path: str) -> str | None:
    """The value of `Allow` for an address of the API; None for any other.

    Asked of the routes and not of the OpenAPI document, which takes a second to write.
    """
    found = {
        method
        for one in iter_route_contexts(app.routes)
        if isinstance(one.original_route, APIRoute) and one.include_in_schema and one.path_regex.fullmatch(path)
        for method in one.methods or ()
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
