"""What each part of `docker-compose.yml` is given, as a table: what is added there is added here too."""

from dataclasses import dataclass, field

POSTGRES = "postgres:17.12-bookworm"
TOOLS = "temporalio/admin-tools:1.32.2"
NGINX = "nginxinc/nginx-unprivileged:1.30.5-alpine3.24"
OURS = "dx-spiral:0.1.0"
SCRIPTS = "scripts/compose"
MAIL_ADDRESS = "172.31.251.10"


@dataclass(frozen=True)
class Part:
    """One service.

    Attributes:
        user: number of account and group, or none where the image's own has no fixed one.
        limits: processors, memory, processes.
        mounts: volumes and files of ours, with `:ro` where it is only read.
        waits: what it needs, and whether that must be `healthy` or `done`.
        profile: it starts only when asked for.
        is_job: it ends by itself, and may run again.
    """

    image: str
    user: str | None
    limits: tuple[str, str, int]
    networks: tuple[str, ...]
    secrets: tuple[str, ...] = ()
    mounts: tuple[str, ...] = ()
    ports: tuple[str, ...] = ()
    waits: dict[str, str] = field(default_factory=dict)
    profile: str | None = None
    is_job: bool = False
    writes_its_own_files: bool = False


def _given(*names: str) -> tuple[str, ...]:
    return tuple(f"./{SCRIPTS}/{name}:/etc/spiral/{name}:ro" for name in names)


TABLE = {
    "postgresql": Part(
        POSTGRES, "999:999", ("2", "2G", 400), ("inside",),
        secrets=("postgres_password", "temporal_password", "spiral_owner_url", "spiral_app_url"),
        mounts=(
            "postgresql:/var/lib/postgresql/data",
            f"./{SCRIPTS}/postgres-init.sh:/docker-entrypoint-initdb.d/10-roles.sh:ro",
        ),
    ),
    "temporal-schema": Part(
        TOOLS, "1000:1000", ("1", "256M", 64), ("inside",),
        secrets=("temporal_password",), mounts=_given("temporal-schema.sh"),
        waits={"postgresql": "healthy"}, is_job=True,
    ),
    "temporal": Part(
        "temporalio/server:1.32.2", "1000:1000", ("2", "2G", 400), ("inside",),
        secrets=("temporal_password",), mounts=_given("temporal-server.sh", "temporal-dynamic.yaml"),
        waits={"postgresql": "healthy", "temporal-schema": "done"},
    ),
    "temporal-namespace": Part(
        TOOLS, "1000:1000", ("1", "256M", 64), ("inside",),
        mounts=_given("temporal-namespace.sh"), waits={"temporal": "healthy"}, is_job=True,
    ),
    "migrate": Part(
        OURS, "10001:10001", ("1", "512M", 64), ("inside",),
        secrets=("spiral_owner_url",), waits={"postgresql": "healthy"}, is_job=True,
    ),
    "grants": Part(
        POSTGRES, "999:999", ("0.5", "128M", 32), ("inside",),
        secrets=("spiral_owner_url",), mounts=_given("grants.sh", "grants.sql"),
        waits={"migrate": "done"}, is_job=True,
    ),
    "worker": Part(
        OURS, "10001:10001", ("2", "1G", 256), ("inside", "egress"),
        secrets=("spiral_app_url", "spiral_secret", "spiral_mail_url", "spiral_chat_url"),
        waits={"grants": "done", "temporal-namespace": "done"},
    ),
    "api": Part(
        OURS, "10001:10001", ("2", "1G", 256), ("inside", "front", "egress"),
        secrets=(
            "spiral_app_url", "spiral_secret", "spiral_oidc_client_secret", "spiral_mail_url", "spiral_chat_url",
        ),
        waits={"grants": "done", "temporal-namespace": "done"},
    ),
    "proxy": Part(
        NGINX, "101:101", ("1", "256M", 64), ("front", "outside"),
        secrets=("tls_certificate", "tls_key"),
        mounts=(f"./{SCRIPTS}/proxy.conf:/etc/nginx/spiral.conf:ro",),
        ports=("${SPIRAL_HTTPS_PORT:-443}:8443", "${SPIRAL_HTTP_PORT:-80}:8080"),
        waits={"api": "healthy"},
    ),
    "egress": Part(
        "dx-spiral-egress:0.1.0", "13:13", ("1", "256M", 64), ("egress", "outside"),
        mounts=(f"./{SCRIPTS}/egress.conf:/etc/squid/squid.conf:ro",),
    ),
    "mail": Part(
        NGINX, "101:101", ("0.5", "64M", 32), ("egress", "outside"),
        mounts=_given("mail.sh", "mail.conf.template"), profile="mail",
    ),
    "backup": Part(
        OURS, "10001:10001", ("1", "1G", 64), ("inside",),
        secrets=("spiral_app_url", "spiral_secret"), mounts=("backups:/backups",),
        waits={"grants": "done"}, profile="jobs", is_job=True,
    ),
    "temporal-ui": Part(
        "temporalio/ui:2.55.0", None, ("1", "256M", 64), ("inside", "outside"),
        ports=("127.0.0.1:8080:8080",), waits={"temporal": "healthy"}, profile="ui", writes_its_own_files=True,
    ),
}  # fmt: skip

SHUT_NETWORKS = {"inside", "front", "egress"}
"""From these no way leads out."""
WITH_A_WAY_OUT = {"proxy", "egress", "mail", "temporal-ui"}
