"""Every setting of every process, read from `SPIRAL_*` in one place.

Knows names, defaults and where files lie; must not know what the processes do with them.
"""

import os
import re
import secrets
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from engine.language.catalogues import both
from engine.runtime.destinations import Destinations
from engine.runtime.problems import SetupError
from engine.runtime.runfile import running
from engine.runtime.signing import SigningKeys

SEALS_FILE = "seals.txt"
SECRET_FILE = "secret.key"  # noqa: S105 - a file's name, not its content
SHORTEST_SECRET = 32
"""Bytes. RFC 7518 §3.2: a key for HS256 is at least as long as the hash."""
IN_FILES = ("database_url", "secret", "secret_previous", "mail_url", "chat_url", "oidc_client_secret")
"""Settings that hold a secret: each may be given as a file instead, in a setting of the same name and `_file`."""

_HOST = re.compile(r"\*|(\*\.)?[A-Za-z0-9_.:-]+")
"""A name or an address without a port; `*.` before it means every name below, `*` alone means any."""


def _absolute(path: Path) -> Path:
    return path.expanduser().resolve()


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"not a time zone: {name}") from error
    return name


def _proxy(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/") or "@" in parts.netloc:
        raise ValueError("not http://HOST:PORT")
    return url


def _destinations(allow: str) -> str:
    Destinations(allow)
    return allow


def _hosts(names: str) -> str:
    for name in filter(None, (part.strip() for part in names.split(","))):
        if not _HOST.fullmatch(name):
            raise ValueError(f"no name of a host: {name}")
    return names


def _networks(given: str) -> str:
    for one in filter(None, (part.strip() for part in given.split(","))):
        ip_network(one, strict=False)
    return given


def secret_in(variable: str, path: Path) -> str:
    """What the file that a variable names holds, without the last line's end.

    Raises:
        SetupError: it cannot be read, or is empty.
    """
    try:
        text = path.expanduser().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(*both("cannot read {variable}: {path}", variable=variable, path=path)) from error
    if not text:
        raise SetupError(*both("{variable} is empty: {path}", variable=variable, path=path))
    return text


def both_set(variable: str) -> SetupError:
    """A variable and its file: which of them counts is nobody's guess."""
    file = f"{variable}_FILE"
    return SetupError(*both("{variable} and {file} are both set: leave one out", variable=variable, file=file))


def _sqlite_beside(data: dict[str, object]) -> str:
    return f"sqlite:///{data['data_dir']}/spiral.db"


AbsolutePath = Annotated[Path | None, AfterValidator(lambda path: path and _absolute(path))]


class Settings(BaseSettings):
    """What a process runs with. Frozen: a change of settings is a new process.

    Durations are seconds. `temporal_address` is `host:port`; empty means nobody said where the engine is, and then
    nothing is guessed. `task_queue` is empty for the installation's own. `secret_previous` still opens what was
    sealed or signed before the secret was changed; `secret_previous_reads` may leave it what was sealed only. What is
    named `…_file` is where the setting of that name is read from.
    """

    model_config = SettingsConfigDict(env_prefix="SPIRAL_", frozen=True, extra="ignore", env_ignore_empty=True)

    data_dir: Annotated[Path, AfterValidator(_absolute)] = Field(default=Path(".spiral"), validate_default=True)
    database_url: str = Field(default_factory=_sqlite_beside)
    database_url_file: AbsolutePath = None
    temporal_address: str = ""
    temporal_namespace: str = "default"
    task_queue: str = ""
    shared_namespace: bool = False
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    hosts: Annotated[str, AfterValidator(_hosts)] = ""
    proxies: Annotated[str, AfterValidator(_networks)] = "127.0.0.1,::1"
    limits: Literal["on", "off"] = "on"
    limit_person: int = Field(default=300, ge=1)
    limit_address: int = Field(default=1000, ge=1)
    connections: int = Field(default=2000, ge=10)
    secret: SecretStr | None = None
    secret_file: AbsolutePath = None
    secret_previous: SecretStr | None = None
    secret_previous_file: AbsolutePath = None
    secret_previous_reads: Literal["all", "payloads"] = "all"  # noqa: S105 - how far, no secret
    timezone: Annotated[str, AfterValidator(_known_zone)] = "Asia/Tokyo"
    log_format: Literal["auto", "console", "json"] = "auto"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    build_id: str | None = None
    max_cached_workflows: int = Field(default=1000, ge=0)
    workflow_tasks: int = Field(default=8, ge=2)
    reconcile_every: float = Field(default=15.0, gt=0, le=60)
    sticky_timeout: float = Field(default=2.0, gt=0)
    connect_timeout: float = Field(default=60.0, gt=0)
    graceful_timeout: float = Field(default=3.0, gt=0)
    engine_patience: float = Field(default=2.5, gt=0)
    database_patience: float = Field(default=1.0, gt=0)
    seal_key: Path | None = None
    seals: Path | None = None
    public_url: str | None = None
    mail_url: SecretStr | None = None
    mail_url_file: AbsolutePath = None
    chat_url: SecretStr | None = None
    chat_url_file: AbsolutePath = None
    webhook_allow: Annotated[str, AfterValidator(_destinations)] = ""
    webhook_proxy: Annotated[str, AfterValidator(_proxy)] | None = None
    session_idle_minutes: int = Field(default=30, ge=2, le=24 * 60)
    session_hours: int = Field(default=12, ge=1, le=24 * 31)
    proof_minutes: int = Field(default=30, ge=2, le=24 * 60)
    access_log_days: int = Field(default=365, ge=1, le=3650)
    sample_sign_in: bool = False
    oidc_issuer: str | None = None
    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None
    oidc_client_secret_file: AbsolutePath = None
    oidc_scope: str = "openid email profile"
    oidc_claim: str = "email"
    oidc_name: str | None = None
    oidc_group: str | None = None
    oidc_group_claim: str = "groups"
    oidc_acr: str | None = None
    oidc_audience: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _secrets_come_from_their_files(cls, given: dict[str, object]) -> dict[str, object]:
        """Raises `SetupError` where a setting and its file are both given."""
        found = dict(given)
        for name in IN_FILES:
            if (path := given.get(f"{name}_file")) is None:
                continue
            variable = f"SPIRAL_{name.upper()}"
            if given.get(name) is not None:
                raise both_set(variable)
            found[name] = secret_in(f"{variable}_FILE", Path(str(path)))
        return found

    @model_validator(mode="after")
    def _secret_is_long_enough(self) -> Self:
        for name, secret in (("SPIRAL_SECRET", self.secret), ("SPIRAL_SECRET_PREVIOUS", self.secret_previous)):
            if secret is not None and len(secret.get_secret_value().encode()) < SHORTEST_SECRET:
                raise ValueError(f"{name} needs at least {SHORTEST_SECRET} bytes")
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the office's day: what "today" and a business day mean."""
        return ZoneInfo(self.timezone)

    @property
    def is_embedded(self) -> bool:
        """Whether the database lies in the data directory, and so the engine's store does too."""
        return self.database_url == _sqlite_beside({"data_dir": self.data_dir})

    @property
    def secret_path(self) -> Path:
        """Where the embedded whole keeps the key that signs tokens."""
        return self.data_dir / SECRET_FILE

    @property
    def seals_path(self) -> Path:
        """Where seals are kept, a line each: `SPIRAL_SEALS`, or `seals.txt` in the data directory."""
        return self.seals or self.data_dir / SEALS_FILE

    @property
    def link_url(self) -> str:
        """Where a link in a notice leads: `SPIRAL_PUBLIC_URL`, or this machine's own address; no slash at the end."""
        host = "127.0.0.1" if self.host in {"", "0.0.0.0", "::"} else self.host  # noqa: S104 - compared, not bound
        return (self.public_url or f"http://{host}:{self.port}").rstrip("/")

    @property
    def channels(self) -> tuple[str, ...]:
        """Where notices can go besides the outbox."""
        given = {"mail": self.mail_url, "chat": self.chat_url}
        return tuple(name for name, url in given.items() if url is not None)

    @property
    def log_dir(self) -> Path:
        """Where `spiral up` keeps the output of its parts."""
        return self.data_dir / "logs"

    def signing_key(self) -> str:
        """The secret in force: `SPIRAL_SECRET`, or the data directory's `secret.key`.

        Raises:
            SetupError: neither is there.
        """
        return self.secrets()[0]

    def signing_keys(self) -> SigningKeys:
        """A key for each purpose, and those of the secret before; not after a leak (`secret_previous_reads`).

        Raises:
            SetupError: there is no secret.
        """
        secrets = self.secrets()
        leaked = self.secret_previous_reads == "payloads"  # noqa: S105 - how far, no secret
        return SigningKeys(secrets[:1] if leaked else secrets)

    def secrets(self) -> tuple[str, ...]:
        """The signing key, then those before it: `SPIRAL_SECRET_PREVIOUS`, or further lines of `secret.key`.

        Raises:
            SetupError: there is none.
        """
        before = (self.secret_previous.get_secret_value(),) if self.secret_previous is not None else ()
        if self.secret is not None:
            return (self.secret.get_secret_value(), *before)
        try:
            keys = self.secret_path.read_text(encoding="utf-8").split()
        except OSError as error:
            raise SetupError(
                *both(
                    "no signing key: set SPIRAL_SECRET, or run `spiral up` first ({secret_path})",
                    secret_path=self.secret_path,
                ),
            ) from error
        if not keys or min(len(key.encode()) for key in keys) < SHORTEST_SECRET:
            raise SetupError(*both("the signing key is too short: {secret_path}", secret_path=self.secret_path))
        return (*keys, *before)

    def environment(self) -> dict[str, str]:
        """These settings as `SPIRAL_*` variables, so that a child process runs with exactly the same.

        What nobody gave is left out: the child has the same defaults, and a default that was written down would win
        over the SDK's own `TEMPORAL_*`. What came out of a file stays there: the child reads it itself.
        """
        inside = {name for name in IN_FILES if getattr(self, f"{name}_file") is not None}
        return {
            f"SPIRAL_{name.upper()}": value.get_secret_value() if isinstance(value, SecretStr) else str(value)
            for name, value in self
            if value is not None and name in self.model_fields_set - inside
        }


def load_settings(data_dir: Path | str | None = None, **overrides: object) -> Settings:
    """Read the settings: overrides first, then `SPIRAL_*`, then the defaults. An override of `None` is none.

    Where the engine's address is not given, one that runs embedded on this data directory is found by itself.

    Raises:
        SetupError: a value does not fit; the line names the variable.
    """
    given = {"data_dir": data_dir, **overrides}
    try:
        settings = Settings.model_validate({name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        place = f"SPIRAL_{str(first['loc'][0]).upper()}" if first["loc"] else "SPIRAL_SECRET"
        raise SetupError(*both("{place}: {what}", place=place, what=first["msg"])) from error
    if "temporal_address" not in settings.model_fields_set and (run := running(settings.data_dir)):
        return settings.model_copy(update={"temporal_address": f"127.0.0.1:{run.temporal_port}"})
    return settings


def ensure_secret(settings: Settings) -> str:
    """Make the data directory's signing key, readable by its owner only, unless it or `SPIRAL_SECRET` is there."""
    if settings.secret is None and not settings.secret_path.exists():
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(settings.secret_path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(secrets.token_urlsafe(48) + "\n")
            file.flush()
            os.fsync(file.fileno())
    return settings.signing_key()
