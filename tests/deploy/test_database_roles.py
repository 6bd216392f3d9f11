"""The roles that `postgres-init.sh` makes, on a real PostgreSQL: each has what it needs, and no more than that."""

from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from engine.store.database import is_behind, migrate, open_database
from engine.store.guards import may_drop_guards
from engine.store.record import verify as check
from tests.deploy.conftest import MadeDatabase
from tests.support.recorded import recorded

pytestmark = [pytest.mark.slow, pytest.mark.postgres]


@pytest.fixture(scope="module")
def app(made: MadeDatabase) -> Engine:
    """The city's database after migration and grants, as worker and API see it."""
    migrate(made.url("spiral_owner_url"))
    done = made.run("grants.sh")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return open_database(made.url("spiral_app_url"))


def asked(made: MadeDatabase, role: str, database: str, statement: str) -> list[tuple[object, ...]]:
    place = made.cluster.address.partition("@")[2]
    with psycopg.connect(f"postgresql://{role}@{place}/{database}", autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def refused(made: MadeDatabase, role: str, database: str, statement: str) -> str:
    with pytest.raises(psycopg.Error) as error:
        asked(made, role, database, statement)
    return str(error.value)


def test_there_are_three_roles_that_can_make_no_role_and_no_database_and_have_sealed_passwords(
    made: MadeDatabase,
) -> None:
    rows = asked(
        made, "spiral", "postgres",
        "SELECT rolname, rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls,"
        " left(rolpassword, 14) FROM pg_authid WHERE rolcanlogin AND rolname <> 'spiral' ORDER BY 1",
    )  # fmt: skip
    assert rows == [(name, False, "SCRAM-SHA-256$") for name in ("spiral_app", "spiral_owner", "temporal")]


def test_the_engine_and_the_city_do_not_see_each_others_databases(made: MadeDatabase) -> None:
    for role, shut in (
        ("temporal", ("spiral", "postgres")),
        ("spiral_owner", ("temporal", "temporal_visibility", "postgres")),
        ("spiral_app", ("temporal", "temporal_visibility", "postgres")),
    ):
        for database in shut:
            assert "permission denied for database" in refused(made, role, database, "SELECT 1"), (role, database)


def test_who_works_with_the_record_writes_it_and_can_make_all_tables_anew(made: MadeDatabase, app: Engine) -> None:
    assert not is_behind(app)
    recorded(app, "i1", comments=2)
    assert check.rebuild(app) >= 1
    assert check.verify(app).faults == ()
    assert not may_drop_guards(app)


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("UPDATE journal SET actor = 'mallory'", "permission denied"),
        ("DELETE FROM journal", "permission denied"),
        ("TRUNCATE journal", "permission denied"),
        ("UPDATE ledger SET actor = 'mallory'", "permission denied"),
        ("DELETE FROM ledger", "permission denied"),
        ("TRUNCATE ledger", "permission denied"),
        ("ALTER TABLE journal DISABLE TRIGGER ALL", "must be owner"),
        ("DROP TRIGGER journal_keeps_update ON journal", "must be owner"),
        ("DROP TABLE ledger", "must be owner"),
        ("ALTER TABLE journal ADD COLUMN own text", "must be owner"),
        ("CREATE TABLE own (n int)", "permission denied for schema"),
        ("UPDATE alembic_version SET version_num = 'none'", "permission denied"),
        ("DELETE FROM installation", "permission denied"),
        ("GRANT spiral_owner TO spiral_app", "admin option"),
        ("SET ROLE spiral_owner", "permission denied"),
        ("CREATE DATABASE own", "permission denied"),
    ],
)
def test_the_record_is_not_its_to_alter_or_remove(app: Engine, statement: str, why: str) -> None:
    with (
        pytest.raises(DBAPIError, match=why),
        app.connect().execution_options(isolation_level="AUTOCOMMIT") as asking,
    ):
        asking.execute(text(statement))


def test_the_owner_too_meets_the_triggers(made: MadeDatabase, app: Engine) -> None:
    recorded(app, "i9", comments=1)
    assert "keeps what" in refused(made, "spiral_owner", "spiral", "DELETE FROM journal")


def test_grants_are_given_again_after_a_migration_that_makes_tables(made: MadeDatabase, app: Engine) -> None:
    asked(made, "spiral_owner", "spiral", "CREATE TABLE newer (n int)")
    assert "permission denied" in refused(made, "spiral_app", "spiral", "SELECT * FROM newer")
    assert made.run("grants.sh").returncode == 0
    assert asked(made, "spiral_app", "spiral", "SELECT * FROM newer") == []
    assert "permission denied" in refused(made, "spiral_app", "spiral", "DELETE FROM journal")
    asked(made, "spiral_owner", "spiral", "DROP TABLE newer")


def test_a_secret_without_a_password_stops_it_before_anything_is_made(made: MadeDatabase, tmp_path: Path) -> None:
    (tmp_path / "temporal_password").write_text("x\n", encoding="utf-8")
    (tmp_path / "spiral_owner_url").write_text("postgresql+psycopg://spiral_owner@postgresql/spiral\n", "utf-8")
    (tmp_path / "spiral_app_url").write_text("", encoding="utf-8")
    done = MadeDatabase(made.cluster, tmp_path, made.scripts).run("postgres-init.sh")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "OWNER_PASSWORD" in done.stderr
