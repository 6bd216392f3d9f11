"""The ways out, with real programs: webhooks through squid, mail through nginx; neither leads inside."""

import os
import re
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from activities.posting import Poster
from engine.domain.notices.webhooks import DeliveryKind, DeliveryOutcome, DeliveryWork
from engine.runtime.ports import any_free
from engine.runtime.problems import SetupError
from engine.runtime.settings import Settings, load_settings
from engine.runtime.signing import webhook_secret
from tests.runtime.test_connection import Authority
from tests.support.programs import at_work, found
from tests.support.receiver import Receiver, receiving

pytestmark = pytest.mark.slow
KEY = "way-out-" * 5


def work(url: str) -> DeliveryWork:
    return DeliveryWork(
        number=1, url=url, webhook_id="w1", generation=1, old_until=None, event_id="e1", type="test",
        kind=DeliveryKind.TEST, created_at=datetime(2026, 11, 24, tzinfo=UTC), event=None, cycle_id=None, hash=None,
    )  # fmt: skip


def listens(port: int) -> bool:
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture(scope="module")
def squid() -> str | None:
    return found("squid", "Debian: squid")


def configured(scripts: Path, folder: Path, port: int, *ports: int, allowed: str = "") -> Path:
    """The configuration as it is shipped, but for the place it listens at and the ports that a test can have."""
    text = (scripts / "egress.conf").read_text(encoding="utf-8")
    for said, meant in (
        ("http_port 3128", f"http_port 127.0.0.1:{port}"),
        ("pid_filename /tmp/", f"pid_filename {folder}/"),
        ("port 80 443", " ".join(["port", "80", "443", *map(str, ports)])),
        ("http_access deny !web_ports", f"{allowed}\nhttp_access deny !web_ports"),
    ):
        assert text.count(said) == 1, said
        text = text.replace(said, meant)
    file = folder / "own.conf"
    file.write_text(text, encoding="utf-8")
    folder.chmod(0o777)  # squid gives up being root
    return file


def poster(port: int, **more: object) -> Poster:
    return Poster(Settings(secret=KEY, webhook_proxy=f"http://127.0.0.1:{port}", **more))  # type: ignore[arg-type]


def test_the_configuration_is_one_that_squid_reads_without_a_word(
    squid: str | None, scripts: Path, tmp_path: Path
) -> None:
    if squid is None:
        return
    file = configured(scripts, tmp_path, any_free("127.0.0.1"))
    done = subprocess.run(
        [squid, "-k", "parse", "-f", file], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0
    assert [line for line in done.stderr.splitlines() if "WARNING" in line or "ERROR" in line] == []


async def test_a_webhook_leaves_by_the_proxy_and_never_into_the_inner_network(
    squid: str | None, scripts: Path, tmp_path: Path, receiver: Receiver
) -> None:
    if squid is None:
        return
    port = any_free("127.0.0.1")
    file = configured(scripts, tmp_path, port, receiver.port)
    with at_work([squid, "--foreground", "-f", str(file)], lambda: listens(port), tmp_path):
        posting = poster(port)
        plain = await posting.post(work(f"http://localhost:{receiver.port}/hook"))
        tunnel = await posting.post(work(f"https://localhost:{receiver.port}/hook"))
        literal = await posting.post(work(receiver.url))
        other_port = await posting.post(work("https://example.com:22/"))
    assert plain.http_status == 403
    assert tunnel.http_status is None
    assert "403" in (tunnel.error or "")
    assert literal == DeliveryOutcome(
        error="address_not_allowed: 127.0.0.1, 127.0.0.1", took_ms=literal.took_ms
    )  # refused before the proxy is asked
    assert "403" in (other_port.error or "")
    assert receiver.got == []


async def test_what_is_not_inside_is_let_out(
    squid: str | None, scripts: Path, tmp_path: Path, receiver: Receiver
) -> None:
    """With this machine's own addresses struck from the list, nothing else on it may hold them back."""
    if squid is None:
        return
    port = any_free("127.0.0.1")
    file = configured(scripts, tmp_path, port, receiver.port)
    text = file.read_text(encoding="utf-8")
    assert text.count(" 127.0.0.0/8") == 1
    file.write_text(text.replace(" 127.0.0.0/8", ""), encoding="utf-8")
    with at_work([squid, "--foreground", "-f", str(file)], lambda: listens(port), tmp_path):
        outcome = await poster(port, webhook_allow="127.0.0.1").post(work(receiver.url))
    assert outcome.http_status == 204
    assert receiver.got.pop().is_signed_with(webhook_secret(KEY, "w1", 1))


@pytest.fixture
def tls_receiver(tmp_path: Path) -> Iterator[tuple[int, ssl.SSLContext, list[dict[str, str]]]]:
    """A receiver behind TLS, as `localhost`; gives its port, who trusts it, and the headers that came."""
    authority = Authority.made(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority.signs("receiver"))
    got: list[dict[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            got.append({name.lower(): value for name, value in self.headers.items()})
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_address[1], ssl.create_default_context(cafile=tmp_path / "ca.pem"), got
    server.shutdown()
    server.server_close()
    thread.join()


async def test_an_inner_receiver_is_reached_where_the_operator_allows_it_and_its_certificate_is_looked_at(
    squid: str | None, scripts: Path, tmp_path: Path, receiver: Receiver,
    tls_receiver: tuple[int, ssl.SSLContext, list[dict[str, str]]],
) -> None:  # fmt: skip
    if squid is None:
        return
    port, (tls_port, trust, got) = any_free("127.0.0.1"), tls_receiver
    shown = re.findall(r"^#   (\S.+)$", (scripts / "egress.conf").read_text(encoding="utf-8"), re.MULTILINE)
    allowed = re.sub(r"(?<=dstdomain ).+", "localhost", "\n".join(shown))
    assert allowed.count("localhost") == 1
    file = configured(scripts, tmp_path, port, receiver.port, tls_port, allowed=allowed)
    with at_work([squid, "--foreground", "-f", str(file)], lambda: listens(port), tmp_path):
        posting = poster(port)
        plain = await posting.post(work(f"http://localhost:{receiver.port}/hook"))
        strange = await posting.post(work(f"https://localhost:{tls_port}/hook"))
        posting._tls = trust
        tunnel = await posting.post(work(f"https://localhost:{tls_port}/hook"))
    assert (plain.http_status, tunnel.http_status) == (204, 204)
    assert "CERTIFICATE_VERIFY_FAILED" in (strange.error or "")
    assert receiver.got.pop().is_signed_with(webhook_secret(KEY, "w1", 1))
    (headers,) = got
    assert headers["host"] == f"localhost:{tls_port}"
    assert not {"via", "x-forwarded-for", "proxy-connection"} & set(headers)


@pytest.mark.parametrize(
    "said", ["egress:3128", "socks5://egress:1080", "http://egress:3128/path", "http://u:p@egress", "http://"]
)
def test_a_proxy_that_is_none_is_one_line_naming_the_variable(said: str) -> None:
    with pytest.raises(SetupError, match="SPIRAL_WEBHOOK_PROXY"):
        load_settings(webhook_proxy=said)


def test_mail_goes_through_to_the_one_server(scripts: Path, tmp_path: Path) -> None:
    nginx, module = found("nginx", "Debian: nginx"), Path("/usr/lib/nginx/modules/ngx_stream_module.so")
    note = tmp_path / "bin" / "nginx"
    note.parent.mkdir()
    note.write_text('#!/bin/sh\necho "$*"\n', encoding="utf-8")
    note.chmod(0o755)
    with socket.create_server(("127.0.0.2", 0)) as server:
        port = server.getsockname()[1]
        environment = {
            "PATH": f"{note.parent}:{os.environ['PATH']}", "TMPDIR": str(tmp_path), "RESOLVER": "127.0.0.11",
            "TEMPLATE": str(scripts / "mail.conf.template"), "MAIL_HOST": "127.0.0.2", "MAIL_PORT": str(port),
        }  # fmt: skip
        done = subprocess.run(
            ["sh", scripts / "mail.sh"], env=environment, capture_output=True, text=True, timeout=120, check=True
        )
        assert done.stdout.strip() == f"-c {tmp_path}/mail.conf -g daemon off;"
        text = (tmp_path / "mail.conf").read_text(encoding="utf-8")
        assert "${" not in text
        if nginx is None or not module.exists():
            return
        health = any_free("127.0.0.1")
        text = text.replace(f"listen {port};", f"listen 127.0.0.1:{port};").replace("/tmp/", f"{tmp_path}/")
        text = text.replace("127.0.0.1:8081", f"127.0.0.1:{health}")
        (tmp_path / "mail.conf").write_text(f"load_module {module};\n{text}", encoding="utf-8")
        command = [nginx, "-p", str(tmp_path), "-c", str(tmp_path / "mail.conf"), "-g", "daemon off;"]
        with (
            at_work(command, lambda: listens(health), tmp_path),
            socket.create_connection(("127.0.0.1", port), timeout=120) as client,
            server.accept()[0] as accepted,
        ):
            accepted.sendall(b"220 mail.city.example ESMTP\r\n")
            assert client.recv(100) == b"220 mail.city.example ESMTP\r\n"
            client.sendall(b"EHLO spiral\r\n")
            assert accepted.recv(100) == b"EHLO spiral\r\n"
