"""PostgreSQL over TLS: a role for the engine, one that owns our tables, and one that cannot change the record."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.cluster.shape.temporal import SCHEMAS, USER
from tests.support.certificates import Authority
from tests.support.databases import Cluster, own_cluster

OWNER, APP = "spiral_owner", "spiral_app"
GRANTS = Path(__file__).resolve().parents[3] / "scripts" / "compose" / "grants.sql"


@dataclass(frozen=True)
class PostgreSQL:
    """One server with three databases."""

    cluster: Cluster
    authority: Path

    @property
    def place(self) -> str:
        """`host:port`."""
        return f"localhost:{self.cluster.address.rpartition(':')[2]}"

    def url(self, role: str) -> str:
        """Ours, as somebody: whoever answers must show that he is the one."""
        return f"postgresql+psycopg://{role}@{self.place}/spiral?sslmode=verify-full&sslrootcert={self.authority}"

    @property
    def as_administrator(self) -> str:
        """For a look past all roles."""
        return f"postgresql+psycopg://{self.cluster.address}/spiral"

    def say(self, database: str, *statements: str) -> None:
        """As the server's administrator."""
        with psycopg.connect(f"postgresql://{self.cluster.address}/{database}", autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def grant(self) -> None:
        """What is said in production after each migration."""
        self.say("spiral", GRANTS.read_text(encoding="utf-8"))


@contextmanager
def postgresql(authority: Authority) -> Iterator[PostgreSQL]:
    """A fresh server with roles and empty databases."""
    with own_cluster(authority.signs("postgresql")) as cluster:
        found = PostgreSQL(cluster, authority.folder / "ca.pem")
        found.say("postgres", *(f"CREATE ROLE {role} LOGIN" for role in (USER, OWNER, APP)))
        owned = {**dict.fromkeys(SCHEMAS, USER), "spiral": OWNER}
        for name, owner in owned.items():
            found.say(
                "postgres",
                f"CREATE DATABASE {name} OWNER {owner}",
                f"REVOKE ALL ON DATABASE {name} FROM PUBLIC",
            )
        found.say("postgres", f"GRANT CONNECT ON DATABASE spiral TO {APP}")
        yield found
