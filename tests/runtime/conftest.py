import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from engine.runtime.embedded.http_ready import http_ready
from engine.runtime.embedded.supervisor import ProcessPart

ANSWERING = """
import http.server, signal, sys
class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"ok")
    def log_message(self, *_): pass
signal.signal(signal.SIGTERM, lambda *_: (print("asked to stop", flush=True), sys.exit(0)))
print("at work", flush=True)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Ready).serve_forever()
"""


@pytest.fixture
def answering_part() -> Callable[..., ProcessPart]:
    def make(name: str, port: int, **more: object) -> ProcessPart:
        return ProcessPart(
            name, (sys.executable, "-c", ANSWERING, str(port)), lambda _: http_ready("127.0.0.1", port), **more
        )

    return make


@pytest.fixture
def scripted_part() -> Callable[..., ProcessPart]:
    def make(name: str, code: str, *arguments: str, **more: object) -> ProcessPart:
        async def yes(_pid: int) -> bool:
            return True

        return ProcessPart(
            name, (sys.executable, "-c", textwrap.dedent(code), *arguments), more.pop("answers", yes), **more
        )

    return make


@pytest.fixture
def gone() -> Callable[..., bool]:
    def check(pids: list[int], within: float = 5.0) -> bool:
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            if not any(_lives(pid) for pid in pids):
                return True
            time.sleep(0.05)
        return False

    return check


def _lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import os

    for name in [name for name in os.environ if name.startswith("SPIRAL_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("SPIRAL_DATA_DIR", str(tmp_path / "data"))
    for patience in ("SPIRAL_ENGINE_PATIENCE", "SPIRAL_DATABASE_PATIENCE"):
        monkeypatch.setenv(patience, "20")
