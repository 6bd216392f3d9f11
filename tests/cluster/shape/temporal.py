"""Temporal as four services in four processes, on PostgreSQL, with mutual TLS before and between them."""

import asyncio
import subprocess
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import yaml
from google.protobuf.duration_pb2 import Duration
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client, TLSConfig
from temporalio.service import RPCError, RPCStatusCode

from tests.cluster.shape.processes import Processes, low_ports
from tests.cluster.shape.programs import Programs
from tests.support.certificates import Authority
from tests.support.whole import until

SERVICES = ("frontend", "history", "matching", "worker")
NAMESPACE = "spiral"
RETENTION = timedelta(days=90)
SCHEMAS = {"temporal": "postgresql/v12/temporal", "temporal_visibility": "postgresql/v12/visibility"}
USER = "temporal"


@dataclass
class Temporal:
    """The services of one server.

    Args:
        folder: for configuration and certificates.
        authority: signs what they show each other, and what clients must show.
        database: `host:port` of PostgreSQL; the role `temporal` owns its two databases there.
    """

    folder: Path
    authority: Authority
    programs: Programs
    processes: Processes
    database: str
    address: str = ""

    def prepare(self) -> None:
        """Schemas (this may run again and then changes nothing), certificates, configuration."""
        for name in SCHEMAS:
            self._schema(name, "setup-schema", "-v", "0.0")
            self.update_schema(name)
        certificate, key = self.authority.signs("temporal")
        system = Authority.made(self.folder, "system").signs("system-worker")
        self.believe((self.authority.folder / "ca.pem").read_bytes())
        ports = low_ports(2 * len(SERVICES))
        self.address = f"localhost:{ports[0]}"
        (self.folder / "dynamic.yaml").write_text("{}\n", encoding="utf-8")  # it must be there, even empty
        (self.folder / "temporal.yaml").write_text(
            yaml.safe_dump(self._configuration(ports, certificate, key, system)), encoding="utf-8"
        )

    def believe(self, *authorities: bytes) -> None:
        """Which authorities' certificates a client may show, from the frontend's next start on.

        The engine's own workers have an authority of theirs.
        """
        (self.folder / "clients.pem").write_bytes(b"".join([(self.folder / "system.pem").read_bytes(), *authorities]))

    def update_schema(self, name: str) -> None:
        """Brings one schema to the version that the tool holds."""
        self._schema(name, "update-schema", "--schema-name", SCHEMAS[name])

    def start(self) -> None:
        """All four services, and the namespace."""
        for service in SERVICES:
            self.processes.begin(
                f"temporal-{service}",
                [
                    str(self.programs.server), "--config-file", str(self.folder / "temporal.yaml"), "--allow-no-auth",
                    "start", "--service", service,
                ],
            )  # fmt: skip
        until(lambda: asyncio.run(self._namespace_is_there()), within=120)

    @property
    def variables(self) -> dict[str, str]:
        """What a client of ours is told, as the SDK's own variables."""
        certificate, key = self.authority.folder / "client.pem", self.authority.folder / "client.key"
        if not certificate.exists():
            self.authority.signs("client")
        return {
            "TEMPORAL_ADDRESS": self.address,
            "TEMPORAL_NAMESPACE": NAMESPACE,
            "TEMPORAL_TLS_SERVER_CA_CERT_PATH": str(self.authority.folder / "ca.pem"),
            "TEMPORAL_TLS_CLIENT_CERT_PATH": str(certificate),
            "TEMPORAL_TLS_CLIENT_KEY_PATH": str(key),
        }

    def tls(self) -> TLSConfig:
        """What a client of our own shows and believes."""
        said = self.variables
        return TLSConfig(
            server_root_ca_cert=Path(said["TEMPORAL_TLS_SERVER_CA_CERT_PATH"]).read_bytes(),
            client_cert=Path(said["TEMPORAL_TLS_CLIENT_CERT_PATH"]).read_bytes(),
            client_private_key=Path(said["TEMPORAL_TLS_CLIENT_KEY_PATH"]).read_bytes(),
        )

    async def _namespace_is_there(self) -> bool:
        try:
            client = await Client.connect(self.address, namespace=NAMESPACE, tls=self.tls())
            await client.workflow_service.register_namespace(
                RegisterNamespaceRequest(
                    namespace=NAMESPACE,
                    workflow_execution_retention_period=Duration(seconds=int(RETENTION.total_seconds())),
                )
            )
        except RPCError as error:
            return error.status is RPCStatusCode.ALREADY_EXISTS
        except RuntimeError:
            return False
        return True

    def _schema(self, name: str, *words: str) -> None:
        host, _, port = self.database.rpartition(":")
        command = [
            str(self.programs.sql), "--plugin", "postgres12", "--ep", host, "--port", port, "--user", USER,
            "--db", name, "--tls", "--tls-ca-file", str(self.authority.folder / "ca.pem"), "--tls-server-name", host,
        ]  # fmt: skip
        done = subprocess.run([*command, *words], capture_output=True, text=True, timeout=120, check=False)
        if done.returncode:
            raise RuntimeError(f"{' '.join(words)} of {name}: {done.stdout}{done.stderr}")

    def _configuration(
        self, ports: list[int], certificate: Path, key: Path, system: tuple[Path, Path]
    ) -> dict[str, object]:
        authority = str(self.authority.folder / "ca.pem")
        shown = {
            "server": {
                "certFile": str(certificate), "keyFile": str(key), "requireClientAuth": True,
                "clientCaFiles": [authority],
            },
            "client": {"serverName": "localhost", "rootCaFiles": [authority]},
        }  # fmt: skip
        return {
            "log": {"stdout": True, "level": "warn"},
            "persistence": {
                "defaultStore": "default",
                "visibilityStore": "visibility",
                "numHistoryShards": 16,
                "datastores": {"default": self._store("temporal"), "visibility": self._store("temporal_visibility")},
            },
            "global": {
                "membership": {"maxJoinDuration": "30s", "broadcastAddress": "127.0.0.1"},
                "tls": {
                    "internode": shown,
                    "frontend": {
                        "server": shown["server"] | {"clientCaFiles": [str(self.folder / "clients.pem")]},
                        "client": shown["client"],
                    },
                    "systemWorker": {
                        "certFile": str(system[0]), "keyFile": str(system[1]), "client": shown["client"],
                    },
                },
            },
            "services": {
                service: {
                    "rpc": {"grpcPort": ports[2 * at], "membershipPort": ports[2 * at + 1], "bindOnIP": "127.0.0.1"}
                }
                for at, service in enumerate(SERVICES)
            },
            "publicClient": {"hostPort": self.address},
            "clusterMetadata": {
                "enableGlobalNamespace": False,
                "failoverVersionIncrement": 10,
                "masterClusterName": "active",
                "currentClusterName": "active",
                "clusterInformation": {
                    "active": {
                        "enabled": True, "initialFailoverVersion": 1, "rpcName": "frontend",
                        "rpcAddress": self.address,
                    }
                },
            },
            "dynamicConfigClient": {"filepath": str(self.folder / "dynamic.yaml"), "pollInterval": "10s"},
        }  # fmt: skip

    def _store(self, name: str) -> dict[str, object]:
        return {
            "sql": {
                "pluginName": "postgres12", "databaseName": name, "connectAddr": self.database,
                "connectProtocol": "tcp", "user": USER, "password": "", "maxConns": 20, "maxIdleConns": 20,
                "maxConnLifetime": "1h",
                "tls": {
                    "enabled": True, "caFile": str(self.authority.folder / "ca.pem"), "enableHostVerification": True,
                    "serverName": "localhost",
                },
            }
        }  # fmt: skip
