"""A certified provider (`oidc-provider` of npm) in a process of its own, and our city behind it on a real port."""

import asyncio
import json
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
import uvicorn
from cryptography.hazmat.primitives.asymmetric import rsa
from fastapi import FastAPI
from pydantic import SecretStr
from temporalio.client import Client

from api.app import create_app
from engine.contracts.documents import ORGANISATION, ROADMAP
from engine.data.shipped import SAMPLE_CITY, sample_organisation, shipped_edition
from engine.runtime.ports import prefer
from engine.runtime.settings import Settings
from engine.store.database import open_database
from engine.store.directory.directory import Directory
from tests.support.databases import fresh_sqlite

PACKAGE, VERSION = "oidc-provider", "9.13.3"
CLIENT, PASSWORD = "spiral", "between-us"
PROGRAM = "monthly-report"
AUDIENCE = "https://city.example/api"
HTML = {"Accept": "text/html", "Accept-Language": "en"}
SCRIPT = Path(__file__).with_name("provider.mjs")


def _installed() -> Path:
    """The package, installed once."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "dx-spiral" / f"{PACKAGE}-{VERSION}"
    entry = folder / "node_modules" / PACKAGE / "lib" / "index.js"
    if not entry.exists():
        folder.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder), f"{PACKAGE}@{VERSION}"],
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        if done.returncode:
            pytest.skip(f"npm could not install {PACKAGE}: {done.stderr[-300:]}")
    return entry


@dataclass
class RealProvider:
    """One that runs on a port; started again with other keys it is the same issuer."""

    folder: Path
    entry: Path
    city: str
    port: int = field(default_factory=lambda: prefer("127.0.0.1", 0))
    process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.folder / "provider.log"

    def start(self) -> None:
        """With keys that were just made."""
        key = rsa.generate_private_key(65537, 2048)
        jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key)) | {"use": "sig", "alg": "RS256"}
        del jwk["key_ops"]  # it says that the key only signs; the provider also proves its own words with it
        common = {"client_secret": PASSWORD, "token_endpoint_auth_method": "client_secret_basic"}
        asked = {
            "issuer": self.url, "port": self.port, "audience": AUDIENCE, "jwks": {"keys": [jwk]}, "accounts": {},
            "clients": [
                common | {
                    "client_id": CLIENT, "redirect_uris": [f"{self.city}/sign-in/provider/back"],
                    "post_logout_redirect_uris": [f"{self.city}/sign-in"],
                    "backchannel_logout_uri": f"{self.city}/sign-in/provider/ended",
                    "backchannel_logout_session_required": True,
                },
                common | {
                    "client_id": PROGRAM, "grant_types": ["client_credentials"], "redirect_uris": [],
                    "response_types": [], "scope": "api",
                },
            ],
        }  # fmt: skip
        file = self.folder / "provider.json"
        file.write_text(json.dumps(asked), encoding="utf-8")
        self.process = subprocess.Popen(
            ["node", str(SCRIPT), str(file)], stdout=subprocess.PIPE, stderr=self.log.open("ab"), text=True,
            env=os.environ | {"OIDC_PROVIDER": self.entry.as_uri()},
        )  # fmt: skip
        assert self.process.stdout is not None
        assert any(line.startswith("ready") for line in self.process.stdout), self.log.read_text()

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(timeout=120)

    def knows(self, **accounts: dict[str, Any]) -> None:
        """Who there is, and what it says of each."""
        httpx.put(f"{self.url}/accounts", json=accounts, trust_env=False).raise_for_status()

    def signs_in(self, account: str) -> None:
        """Who sits at the browser from now on."""
        httpx.post(f"{self.url}/as/{account}", trust_env=False).raise_for_status()


@dataclass
class City:
    """Ours, on a real port, behind the provider."""

    url: str
    app: FastAPI
    settings: Settings
    provider: RealProvider

    def browser(self) -> httpx.AsyncClient:
        """Follows every redirect, from one to the other and back."""
        return httpx.AsyncClient(base_url=self.url, headers=HTML, follow_redirects=True, trust_env=False, timeout=120)


@pytest.fixture(scope="session")
def package() -> Path:
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip(f"{PACKAGE} needs Node.js with npm")
    return _installed()


@pytest.fixture
def provider(package: Path, tmp_path: Path) -> Iterator[RealProvider]:
    found = RealProvider(tmp_path, package, f"http://127.0.0.1:{prefer('127.0.0.1', 0)}")
    found.start()
    yield found
    found.stop()


@pytest.fixture
def more() -> dict[str, Any]:
    """Settings of one test."""
    return {}


@pytest.fixture
async def city(provider: RealProvider, temporal: Client, tmp_path: Path, more: dict[str, Any]) -> AsyncIterator[City]:
    url = fresh_sqlite(tmp_path)
    database = open_database(url)
    directory = Directory(database)
    directory.import_document(ORGANISATION, SAMPLE_CITY, sample_organisation(), "test")
    directory.import_document(ROADMAP, "edition", shipped_edition(), "test")
    database.dispose()
    settings = Settings(
        data_dir=tmp_path, database_url=url, secret=SecretStr("s" * 40), shared_namespace=True,
        temporal_address=temporal.service_client.config.target_host, public_url=provider.city,
        oidc_issuer=provider.url, oidc_client_id=CLIENT, oidc_client_secret=SecretStr(PASSWORD),
        **({"oidc_audience": AUDIENCE} | more),
    )  # fmt: skip
    app = create_app(settings)
    port = int(provider.city.rpartition(":")[2])
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning"))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - the server tells nobody
        await asyncio.sleep(0.05)
    yield City(provider.city, app, settings, provider)
    server.should_exit = True
    await serving
