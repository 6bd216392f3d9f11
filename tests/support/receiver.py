"""A real receiver of webhooks: an HTTP server in a thread that fails, hangs, redirects or comes back as told."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks.webhooks import Webhook, WebhookVerificationError


@dataclass
class Got:
    """One request as it came."""

    headers: dict[str, str]
    body: bytes
    status: int

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def event(self) -> Any:
        return json.loads(self.body)

    def is_signed_with(self, secret: str) -> bool:
        try:
            Webhook(secret).verify(self.body, self.headers)
        except WebhookVerificationError:
            return False
        return True


@dataclass
class Receiver:
    """What came, and how it answers: a status for the n-th request, or seconds of silence as a negative number.

    What it `refuses` by its content is answered with 422.
    """

    port: int = 0
    got: list[Got] = field(default_factory=list)
    answers: Callable[[int], int] = lambda _: 204
    refuses: Callable[[Any], bool] = lambda _: False
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?from=city"

    @property
    def taken(self) -> list[str]:
        """The ids that it said yes to, in order."""
        return [one.id for one in self.got if 200 <= one.status < 300]


@contextmanager
def receiving(receiver: Receiver | None = None, port: int = 0) -> Iterator[Receiver]:
    """A receiver that listens for as long as the block lasts."""
    found = receiver or Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            status = 422 if found.refuses(json.loads(body)) else found.answers(len(found.got))
            got = Got({name.lower(): value for name, value in self.headers.items()}, body, status)
            found.got.append(got)
            if status < 0:
                time.sleep(-status)
                return
            self.send_response(status)
            for name, value in {"content-length": str(len(found.body)), **found.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(found.body)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    found.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
