"""HAProxy before the APIs: TLS to the outside, a dead API left out, and one answer when none can be reached."""

from collections.abc import Sequence
from pathlib import Path

AWAY = """HTTP/1.1 503 Service Unavailable\r
Content-Type: application/problem+json\r
Cache-Control: no-store\r
Retry-After: 1\r
Connection: close\r
\r
{"type": "about:blank", "title": "Service Unavailable", "status": 503, "code": "away", "detail": "しばらくしてから同じキーでもう一度送ってください / send it again with the same key"}
"""  # noqa: E501 - one line of JSON
CONFIGURATION = """
global
  maxconn 2000
defaults
  mode http
  timeout connect 2s
  timeout client 60s
  timeout server 60s
  option forwardfor
  option redispatch
  retries 3
  retry-on conn-failure
  errorfile 502 {folder}/away.http
  errorfile 503 {folder}/away.http
  errorfile 504 {folder}/away.http
frontend city
  bind 127.0.0.1:{port} ssl crt {folder}/proxy-both.pem
  http-request set-header X-Forwarded-Proto https
  default_backend apis
backend apis
  balance roundrobin
  option httpchk GET /healthz
  default-server check inter 500ms fall 2 rise 1
{servers}
"""


def configure(folder: Path, port: int, apis: Sequence[int], tls: tuple[Path, Path]) -> Path:
    """Writes its files; gives the configuration.

    `/healthz` and not `/readyz` says whether an API is alive: with the database away our own page is to be shown,
    which keeps what was typed, and not the proxy's.
    """
    (folder / "away.http").write_text(AWAY, encoding="utf-8", newline="")
    both = folder / "proxy-both.pem"
    both.write_bytes(b"".join(file.read_bytes() for file in tls))
    both.chmod(0o600)
    servers = "\n".join(f"  server api{at} 127.0.0.1:{api}" for at, api in enumerate(apis, start=1))
    file = folder / "haproxy.cfg"
    file.write_text(CONFIGURATION.format(folder=folder, port=port, servers=servers).lstrip(), encoding="utf-8")
    return file
