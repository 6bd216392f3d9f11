"""The engine is reached as the SDK's variables say, over TLS where they say so; ours win, embedded asks none."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from temporalio.client import Client

from engine.runtime.connection import security, with_sdk_variables
from engine.runtime.plugin import connect
from engine.runtime.problems import SetupError
from engine.runtime.settings import Settings, load_settings
from tests.support.certificates import DAY, NOW, Authority


def test_what_a_child_process_is_handed_leaves_the_namespace_to_the_sdk_s_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed = load_settings(tmp_path, database_url="sqlite://", temporal_address="elsewhere:7233").environment()
    assert handed["SPIRAL_TEMPORAL_ADDRESS"] == "elsewhere:7233"
    for name, value in (handed | {"TEMPORAL_NAMESPACE": "spiral"}).items():
        monkeypatch.setenv(name, value)
    assert with_sdk_variables(load_settings()).temporal_namespace == "spiral"


@asynccontextmanager
async def behind_tls(authority: Authority, engine: str) -> AsyncIterator[str]:
    """A door that lets only those through who show a certificate of the authority; gives its address."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority.signs("engine"))
    context.load_verify_locations(authority.folder / "ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    context.set_alpn_protocols(["h2"])
    host, _, port = engine.rpartition(":")

    async def through(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection(host or "127.0.0.1", int(port))

        async def copied(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
            try:
                while data := await source.read(65536):
                    target.write(data)
                    await target.drain()
            except OSError:
                pass
            finally:
                target.close()

        await asyncio.gather(copied(reader, inner_writer), copied(inner_reader, writer))

    server = await asyncio.start_server(through, "127.0.0.1", 0, ssl=context)
    async with server:
        yield f"localhost:{server.sockets[0].getsockname()[1]}"


def production(folder: Path, **more: object) -> Settings:
    given = {"database_url": f"sqlite:///{folder / 'elsewhere.db'}", "connect_timeout": 1.0}
    return load_settings(folder, **(given | more))


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.made(tmp_path)


def tls(monkeypatch: pytest.MonkeyPatch, address: str, authority: Authority, certificate: Path, key: Path) -> None:
    for name, value in {
        "TEMPORAL_ADDRESS": address,
        "TEMPORAL_TLS_SERVER_CA_CERT_PATH": str(authority.folder / "ca.pem"),
        "TEMPORAL_TLS_CLIENT_CERT_PATH": str(certificate),
        "TEMPORAL_TLS_CLIENT_KEY_PATH": str(key),
    }.items():
        monkeypatch.setenv(name, value)


async def test_the_sdk_s_variables_lead_over_tls_with_a_certificate_of_ours(
    temporal: Client, tmp_path: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with behind_tls(authority, temporal.service_client.config.target_host) as address:
        tls(monkeypatch, address, authority, *authority.signs("worker"))
        client = await connect(production(tmp_path, connect_timeout=20.0))
        assert client.namespace == "default"


async def test_no_certificate_a_stranger_s_and_one_that_is_over_are_one_line_each(
    temporal: Client, tmp_path: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other").mkdir()
    stranger = Authority.made(tmp_path / "other")
    async with behind_tls(authority, temporal.service_client.config.target_host) as address:
        for files in (stranger.signs("stranger"), authority.signs("old", until=NOW - DAY)):
            tls(monkeypatch, address, authority, *files)
            with pytest.raises(SetupError) as refused:
                await connect(production(tmp_path))
            assert str(refused.value).count("\n") == 0
            assert address in str(refused.value)
        monkeypatch.setenv("TEMPORAL_TLS_CLIENT_CERT_PATH", str(tmp_path / "nowhere.pem"))
        with pytest.raises(SetupError, match=r"nowhere\.pem"):
            await connect(production(tmp_path))


def test_ours_win_over_the_sdk_s_an_embedded_directory_takes_none_and_its_file_is_never_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "temporal.toml").write_text('[profile.default]\naddress = "file:1"\n')
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", str(tmp_path / "temporal.toml"))
    assert with_sdk_variables(production(tmp_path)).temporal_address == ""
    monkeypatch.setenv("TEMPORAL_ADDRESS", "sdk:2")
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "sdk")
    found = with_sdk_variables(production(tmp_path))
    assert (found.temporal_address, found.temporal_namespace) == ("sdk:2", "sdk")
    monkeypatch.setenv("SPIRAL_TEMPORAL_ADDRESS", "ours:3")
    found = with_sdk_variables(production(tmp_path))
    assert (found.temporal_address, found.temporal_namespace) == ("ours:3", "sdk")
    monkeypatch.delenv("SPIRAL_TEMPORAL_ADDRESS")
    embedded = with_sdk_variables(load_settings(tmp_path))
    assert (embedded.temporal_address, embedded.temporal_namespace) == ("", "default")


def test_the_engine_s_api_key_may_lie_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "kept").write_text("an-api-key\n")
    settings = load_settings(tmp_path, database_url=f"sqlite:///{tmp_path / 'elsewhere.db'}")
    monkeypatch.setenv("TEMPORAL_API_KEY_FILE", str(tmp_path / "kept"))
    assert security(settings)["api_key"] == "an-api-key"
    monkeypatch.setenv("TEMPORAL_API_KEY", "another")
    with pytest.raises(SetupError, match="TEMPORAL_API_KEY and TEMPORAL_API_KEY_FILE are both set"):
        security(settings)
