"""Production's shape under load: nothing that was answered is lost, whatever died."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests.cluster import deploy, faults
from tests.cluster.load import under
from tests.cluster.shape.database import APP, OWNER
from tests.cluster.shape.whole import APIS, SOON, SPIRAL, WORKERS, Shape
from tests.support.certificates import DAY, NOW, Authority
from tests.support.whole import until

pytestmark = [pytest.mark.slow, pytest.mark.cluster, pytest.mark.postgres, pytest.mark.timeout(1500)]
SHORT = [*faults.EACH_PART, faults.database_stopped_hard]
PEOPLE = 4
WAITING = (50, pytest.param(1000, marks=pytest.mark.long))
SHOWN = ("TEMPORAL_TLS_CLIENT_CERT_PATH", "TEMPORAL_TLS_CLIENT_KEY_PATH")


async def test_what_was_answered_stands_in_the_journal_once_whichever_part_died(cluster: Shape) -> None:
    found = await under(cluster, SHORT, walkers=PEOPLE)
    assert found.wrong == [], found.said()
    assert found.stories >= 1, found.said()
    wrong = [one for answer in found.answers for one in answer.faulty]
    assert wrong == [], found.said()


@pytest.mark.parametrize("waiting", WAITING)
async def test_waiting_cycles_move_to_a_release_that_changes_workflow_commands_and_back(
    cluster: Shape, waiting: int
) -> None:
    await deploy.begin(cluster, waiting)
    played = deploy.Deploy(f"next-{waiting}")
    found = await under(cluster, [played.to_the_next_build, played.and_back], walkers=PEOPLE, seed=waiting)
    sys.stdout.write(f"{played.said()}\n{found.said()}\n")
    assert found.wrong == [], found.said()
    assert played.waiting >= waiting
    assert [one.tries for one in found.answers if set(one.tries) & {"broken", 503}] == [], found.said()


def test_the_role_that_works_can_change_or_remove_nothing_of_the_record(cluster: Shape) -> None:
    with psycopg.connect(cluster.database.url(APP).replace("+psycopg", ""), autocommit=True) as connection:
        for statement in ("UPDATE ledger SET content = ''", "DELETE FROM journal", "DROP TABLE journal"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement.encode())
    assert "guard" not in cluster.must("verify"), "with roles of their own it is not the triggers alone that guard"


def _refused(cluster: Shape, *words: str, **more: str) -> str:
    """A command that ends in one line, with nothing started."""
    variables = cluster.variables(OWNER) | {"SPIRAL_CONNECT_TIMEOUT": "2", "SPIRAL_PORT": "1"} | more
    done = subprocess.run(
        [*SPIRAL, *words], env=os.environ | variables, capture_output=True, text=True, timeout=90, check=False
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert (done.stdout, done.stderr.count("\n")) == ("", 1), done.stdout + done.stderr
    return done.stderr


@pytest.mark.parametrize("words", [("worker",), ("api",)], ids=lambda words: words[0])
def test_without_a_certificate_of_ours_the_engine_lets_nobody_in(
    cluster: Shape, tmp_path: Path, words: tuple[str, ...]
) -> None:
    assert cluster.temporal.address in _refused(cluster, *words, **dict.fromkeys(SHOWN, ""))
    stranger = Authority.made(tmp_path, "strangers").signs("stranger")
    expired = cluster.authority.signs("expired", until=NOW - DAY)
    for files in (stranger, expired):
        shown = dict(zip(SHOWN, map(str, files), strict=True))
        assert cluster.temporal.address in _refused(cluster, *words, **shown)


def test_a_namespace_that_is_not_there_is_named_in_one_line(cluster: Shape) -> None:
    assert "nowhere" in _refused(cluster, "worker", TEMPORAL_NAMESPACE="nowhere")


def test_a_database_that_shows_a_stranger_s_certificate_is_told_nothing(cluster: Shape, tmp_path: Path) -> None:
    Authority.made(tmp_path, "strangers")
    believed = cluster.database.url(APP).replace(str(cluster.database.authority), str(tmp_path / "strangers.pem"))
    assert "certificate" in _refused(cluster, "verify", SPIRAL_DATABASE_URL=believed)


def test_what_migrates_names_a_schema_that_newer_code_has_made_and_leaves_it_alone(cluster: Shape) -> None:
    url = cluster.database.as_administrator.replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        assert row is not None
        connection.execute("UPDATE alembic_version SET version_num = 'v9999'")
        try:
            assert "v9999" in _refused(cluster, "migrate")
        finally:
            connection.execute("UPDATE alembic_version SET version_num = %s", row)


async def test_certificates_that_are_renewed_on_disk_are_taken_up_without_a_restart(cluster: Shape) -> None:
    """The engine believes two authorities, then only the second: who still shows the first one's stays outside."""
    folder = cluster.folder / "second"
    folder.mkdir()
    second = Authority.made(folder, "second")
    old, new = (file.read_bytes() for file in (cluster.authority.folder / "ca.pem", folder / "second.pem"))
    _believe(cluster, old, new)
    parts = [*WORKERS, *APIS]
    for name, signed in zip(("client.pem", "client.key"), second.signs("client"), strict=True):
        (cluster.authority.folder / name).write_bytes(signed.read_bytes())
    until(lambda: all("certificates taken up" in cluster.processes.said(name, 10**6) for name in parts), within=SOON)
    try:
        _believe(cluster, new)
        late = dict(zip(SHOWN, map(str, cluster.authority.signs("late")), strict=True))
        assert cluster.temporal.address in _refused(cluster, "worker", **late)
        found = await under(cluster, [_nothing], walkers=2, seed=2)
        assert (found.wrong, [one.tries for one in found.answers if not one.accepted]) == ([], []), found.said()
    finally:
        _believe(cluster, old, new)


def _believe(cluster: Shape, *authorities: bytes) -> None:
    cluster.temporal.believe(*authorities)
    cluster.processes.kill("temporal-frontend")
    cluster.processes.again("temporal-frontend")
    cluster.until_ready()


async def _nothing(_: Shape) -> None:
    """Undisturbed work."""
