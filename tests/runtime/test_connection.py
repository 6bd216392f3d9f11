"""The engine is reached as the SDK's variables say, over TLS where they say so; ours win, embedded asks none."""

import asyncio
import datetime as dt
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from temporalio.client import Client

from engine.runtime.connection import security, with_sdk_variables
from engine.runtime.plugin import connect
from engine.runtime.problems import SetupError
from engine.runtime.settings import Settings, load_settings

NOW = dt.datetime.now(dt.UTC)
DAY = dt.timedelta(days=1)


@dataclass
class Authority:
    """Signs certificates, into files."""

    folder: Path
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def made(cls, folder: Path, name: str = "ca") -> "Authority":
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        certificate = (
            x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(NOW - DAY).not_valid_after(NOW + DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )  # fmt: skip
        (folder / f"{name}.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        return cls(folder, key, certificate)

    def signs(self, name: str, *, until: dt.datetime = NOW + DAY) -> tuple[Path, Path]:
        """Certificate and key of a party, in files."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(self.certificate.subject).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(NOW - 2 * DAY).not_valid_after(until)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
            .sign(self.key, hashes.SHA256())
        )  # fmt: skip
        files = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        files[1].write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return files


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
