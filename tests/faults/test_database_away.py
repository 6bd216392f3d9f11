"""A database that is busy, away or full: 503 with Retry-After everywhere, nothing lost, and all goes on by itself."""

import re

import pytest
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from temporalio.client import Client

from api.cli import main
from api.web.frame.session import SESSION
from engine.store.database import writing
from engine.store.faults import is_full
from engine.store.readiness import Readiness
from tests.api.conftest import Http, problem, serving
from tests.support import city
from tests.support.away import away, full, locked

ENDLESS = {"/api/v1/stream", "/healthz", "/docs", "/docs/start.js"}


def paths(http: Http, method: str) -> list[str]:
    """Every route of the API with something in its places."""
    found = [path for path, calls in http.app.openapi()["paths"].items() if method in calls]
    return sorted({re.sub(r"\{(n|number|a|b)\}", "1", path) for path in found} - ENDLESS)


def filled(path: str) -> str:
    return re.sub(r"\{[a-z_]+\}", "i1-1", path)


@pytest.mark.slow
async def test_every_reading_call_says_that_the_database_is_away_and_none_fails(hurried: Http) -> None:
    asked = [filled(path) for path in paths(hurried, "get")]
    assert len(asked) > 30
    with away(hurried.office.database, hurried.office.database, hurried.app.state.desk.database):
        told = {path: (await hurried.call("GET", path)).status_code for path in asked}
    assert {status for path, status in told.items() if path != "/api/v1/openapi.json"} <= {503, 422}
    assert sum(status == 503 for status in told.values()) > 25
    assert (await hurried.call("GET", "/cycles")).status_code == 200


@pytest.mark.slow
async def test_every_writing_call_says_that_the_database_is_away_and_when_to_come_again(hurried: Http) -> None:
    with away(hurried.office.database, hurried.office.database, hurried.app.state.desk.database):
        for method in ("post", "put"):
            for path in paths(hurried, method):
                for key in ({}, {"idempotency_key": f"k{path}"[:200]}):
                    answer = await hurried.call(method.upper(), filled(path), json={}, **key)
                    assert answer.status_code in {503, 415}, (path, answer.text)
                    if answer.status_code == 503:
                        assert (problem(answer)[1], answer.headers["retry-after"]) == ("database_away", "2")


async def test_a_command_while_the_database_is_busy_is_told_to_come_again_and_then_gets_the_right_answer(
    hurried: Http,
) -> None:
    cycle = await hurried.start()
    tell = {"json": {"text": "一"}, "idempotency_key": "k"}
    with locked(hurried.office.database, "answer"):
        busy = await hurried.call("POST", f"/cycles/{cycle}/comments", **tell)
        assert (problem(busy)[:2], busy.headers["retry-after"]) == ((503, "database_away"), "2")
        assert (await hurried.call("GET", f"/cycles/{cycle}")).status_code == 200
    done = await hurried.call("POST", f"/cycles/{cycle}/comments", **tell)
    assert (done.status_code, done.json()["revision"], done.json()["comments"]) == (200, 2, 1)


async def test_a_command_that_only_the_engine_has_is_never_answered_with_the_cycle_as_it_was(hurried: Http) -> None:
    cycle = await hurried.start()
    with locked(hurried.office.database, "journal", "cycle"):
        early = await hurried.call("POST", f"/cycles/{cycle}/comments", json={"text": "一"})
        assert problem(early)[:2] in {(503, "not_written_yet"), (503, "database_away"), (503, "engine_away")}
    await hurried.office.until(lambda: hurried.office.state(cycle).comments == 1)


async def test_a_page_says_in_plain_words_that_the_database_is_away_and_keeps_what_was_typed(hurried: Http) -> None:
    cycle = await hurried.start()
    page = {"accept": "text/html", "accept-language": "en", "cookie": f"{SESSION}={session_for(city.OWNER)}"}
    with away(hurried.office.database, hurried.office.database, hurried.app.state.desk.database):
        for path in ("/", "/decisions", f"/cycles/{cycle}", "/city", "/library", "/absences"):
            answer = await hurried.client.get(path, headers=page)
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "2"), path
            assert "The database does not answer" in answer.text
        typed = {"text": "大切な一文", "csrf": "x", "key": "k" * 32}
        sent = await hurried.client.post(f"/cycles/{cycle}/comments", data=typed, headers=page)
    assert (sent.status_code, "大切な一文" in sent.text) == (503, True)
    again = re.search(r'<form method="post" action="([^"]+)">(.*?)</form>', sent.text, re.DOTALL)
    assert again is not None
    assert again[1] == f"/cycles/{cycle}/comments"
    assert "Send it again" in again[2]
    assert dict(re.findall(r'name="([^"]+)" value="([^"]+)"', again[2])) == typed


async def test_a_full_disk_is_told_by_readiness_and_by_every_write_and_reading_goes_on(
    temporal: Client, sqlite: Engine
) -> None:
    async with serving(temporal, sqlite, database_patience=0.3) as http:
        cycle = await http.start()
        with full(http.app.state.desk.database):
            sizes = []
            for number in range(40):
                answer = await http.call("POST", "/absences", json=absence(number), idempotency_key=f"a{number}")
                sizes.append(answer.status_code)
                if answer.status_code == 503:
                    break
            assert (sizes[-1], problem(answer)[1]) == (503, "database_away")
            assert (await http.call("GET", f"/cycles/{cycle}")).status_code == 200
        assert (await http.call("POST", f"/cycles/{cycle}/comments", json={"text": "戻った"})).status_code == 200


def absence(number: int) -> dict[str, str]:
    return {"from": f"{2030 + number}-04-01", "to": f"{2030 + number}-04-01", "proxy": city.OTHER}


async def test_readiness_tries_a_write_and_says_which_part_is_wrong(hurried: Http) -> None:
    database = hurried.app.state.desk.database
    assert Readiness(database).problem() is None
    with locked(hurried.office.database, "write_probe"):
        assert Readiness(database).problem() == "not_writable"
    assert Readiness(database, room=10**18).problem() == ("disk_full" if database.name == "sqlite" else None)
    ready = await hurried.client.get("/readyz")
    told = {"database": True, "writable": True, "engine": True, "problem": None, "differences": 0, "differing": []}
    assert (ready.status_code, ready.json()) == (200, told)
    with away(hurried.office.database, hurried.office.database, database):
        hurried.app.state.desk.readiness = Readiness(database)
        unready = await hurried.client.get("/readyz")
    assert (unready.status_code, unready.json()) == (
        503, {"database": False, "writable": False, "engine": True, "problem": "away"},
    )  # fmt: skip


def test_a_full_file_is_told_from_whatever_else_is_wrong(sqlite: Engine) -> None:
    with full(sqlite), pytest.raises(OperationalError) as found, writing(sqlite) as session:
        session.connection().exec_driver_sql("CREATE TABLE filler AS SELECT randomblob(1000000) AS content")
    assert is_full(found.value)
    with pytest.raises(OperationalError) as other, writing(sqlite) as session:
        session.connection().exec_driver_sql("SELECT * FROM not_there")
    assert not is_full(other.value)


def session_for(person: str) -> str:
    content = {"sid": "s", "person": person, "since": 4_000_000_000}
    return str(URLSafeTimedSerializer("s" * 40, salt="spiral-session").dumps(content))


def test_a_command_line_that_meets_a_busy_database_says_so_in_one_line(
    sqlite: Engine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    left: list[int] = []
    monkeypatch.setattr(main, "leave", left.append)
    monkeypatch.setattr("sys.argv", ["spiral", "rebuild"])
    monkeypatch.setenv("SPIRAL_DATABASE_URL", str(sqlite.url))
    monkeypatch.setattr("engine.store.database.PATIENCE", 0.1)
    with away(sqlite, sqlite):
        main.main()
    assert left == [1]
    assert len(capsys.readouterr().err.splitlines()) == 1
