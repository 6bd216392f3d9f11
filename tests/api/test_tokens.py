"""A token that is handed out is written down: for whom, by whom, until when; never the token itself."""

import getpass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine, text
from typer.testing import CliRunner

from api.auth import person_of
from api.cli.main import app
from api.services.organisation.credentials import hand_out
from engine.contracts.documents import ORGANISATION
from engine.runtime.settings import load_settings
from engine.store.database import open_database
from engine.store.directory.directory import Directory
from engine.store.record import verify as check
from engine.store.registers.tokens import Tokens
from tests.api.conftest import Http, own_token, problem
from tests.support import city


def test_what_was_handed_out_is_in_the_ledger_without_the_token(database: Engine, tmp_path: Path) -> None:
    settings = load_settings(tmp_path, secret="k" * 40)
    began = datetime.now(UTC)
    made = hand_out(database, settings, city.OWNER, days=3, by=city.ADMIN)
    hand_out(database, settings, city.OWNER)
    assert person_of(made, settings.signing_keys()) == city.OWNER
    first, newest = sorted(Tokens(database).listed(), key=lambda one: one.expires_at)
    assert (first.holder, first.made_by, newest.made_by) == (city.OWNER, city.ADMIN, getpass.getuser())
    assert timedelta(days=3) - timedelta(seconds=1) <= first.expires_at - began < timedelta(days=3, minutes=1)
    assert len(Tokens(database).listed(limit=1)) == 1
    with database.connect() as connection:
        written = "".join(connection.execute(text("SELECT content FROM ledger")).scalars())
    assert made not in written
    assert check.verify(database).faults == ()
    check.rebuild(database)
    assert check.verify(database).faults == ()


def test_spiral_token_prints_the_token_alone_and_notes_the_account_that_ran_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPIRAL_SECRET", "k" * 40)
    run = CliRunner()
    assert run.invoke(app, ["migrate", "--data-dir", str(tmp_path)]).exit_code == 0
    database = open_database(load_settings(tmp_path).database_url)
    Directory(database).import_document(ORGANISATION, "test", city.organisation(), by="test")
    answer = run.invoke(app, ["token", city.OWNER, "--data-dir", str(tmp_path)])
    assert person_of(answer.stdout.strip(), load_settings(tmp_path).signing_keys()) == city.OWNER
    (issued,) = Tokens(database).listed()
    assert (issued.holder, issued.made_by) == (city.OWNER, getpass.getuser())
    assert run.invoke(app, ["token", "nobody", "--data-dir", str(tmp_path)]).exit_code == 1
    assert len(Tokens(database).listed()) == 1
    database.dispose()


async def test_tokens_are_made_listed_and_revoked_over_http_and_the_same_key_gives_the_same_one(quiet: Http) -> None:
    asked = {"name": "夜間の集計", "days": 30, "read_only": True}
    quiet.tokens[city.OWNER] = own_token(quiet, city.OWNER)
    made = await quiet.call("POST", "/credentials", json=asked, idempotency_key="once")
    again = await quiet.call("POST", "/credentials", json=asked, idempotency_key="once")
    assert (made.status_code, again.json()["id"], again.json()["token"]) == (
        201, made.json()["id"], made.json()["token"],
    )  # fmt: skip
    other = await quiet.call("POST", "/credentials", json={**asked, "name": "ほか"}, idempotency_key="once")
    assert problem(other)[:2] == (422, "idempotency_key_reused")
    bearer = {"Authorization": f"Bearer {made.json()['token']}"}
    assert (await quiet.client.get("/api/v1/me", headers=bearer)).json()["person_id"] == city.OWNER
    refused = await quiet.client.post("/api/v1/absences", headers=bearer, json={})
    assert problem(refused)[:2] == (403, "read_only_token")
    listed = (await quiet.call("GET", "/credentials")).json()["items"]
    mine = next(one for one in listed if one["id"] == made.json()["id"])
    assert (mine["name"], mine["made_by"], mine["read_only"], mine["used_at"] is not None) == (
        "夜間の集計", city.OWNER, True, True,
    )  # fmt: skip
    assert "token" not in mine
    place = f"/credentials/{made.json()['id']}"
    assert problem(await quiet.call("DELETE", place, city.OTHER))[:2] == (404, "unknown_credential")
    assert (await quiet.call("DELETE", place)).status_code == 204
    assert problem(await quiet.client.get("/api/v1/me", headers=bearer))[:2] == (401, "token_revoked")
    assert check.verify(quiet.office.database).faults == ()


async def test_only_an_administrator_makes_one_for_others_or_for_a_program_and_none_is_good_for_too_long(
    quiet: Http,
) -> None:
    for asked in ({"person_id": city.UNIT_CHIEF}, {"service": "nightly"}):
        assert problem(await quiet.call("POST", "/credentials", json=asked))[:2] == (403, "admin_only")
    assert problem(await quiet.call("GET", "/credentials?everybody=true"))[:2] == (403, "admin_only")
    wrong: list[tuple[dict[str, object], list[tuple[str, str]]]] = [
        ({"days": 91}, [("/days", "out_of_range")]),
        ({"service": "Nightly!", "rights": ["king"]}, [("/rights/0", "not_a_choice"), ("/service", "bad_value")]),
        ({"rights": ["viewer"]}, [("/rights", "only_with_service")]),
        ({"person_id": "nobody"}, [("/person_id", "unknown_person")]),
        ({"person_id": city.OWNER, "service": "x"}, [("/service", "only_one_of")]),
    ]
    for body, places in wrong:
        answer = problem(await quiet.call("POST", "/credentials", city.ADMIN, body))
        assert (answer[0], sorted(answer[2])) == (422, sorted(places)), body
    service = (await quiet.call("POST", "/credentials", city.ADMIN, {"service": "nightly", "days": 300})).json()
    bearer = {"Authorization": f"Bearer {service['token']}"}
    me = (await quiet.client.get("/api/v1/me", headers=bearer)).json()
    assert (me["person_id"], me["posts"]) == ("service:nightly", [])


async def test_what_is_done_with_a_token_that_somebody_else_made_says_so_in_the_journal(http: Http) -> None:
    for maker, name in ((city.ADMIN, "theirs"), (city.OWNER, "own")):
        asked = {"person_id": city.OWNER, "name": name}
        http.tokens[maker] = own_token(http, maker)
        http.tokens[name] = (await http.call("POST", "/credentials", maker, asked)).json()["token"]
    again = await http.call("POST", "/credentials", "theirs", {"name": "laundered"})
    http.tokens["laundered"] = again.json()["token"]
    cycle = await http.start("theirs")
    for name in ("theirs", "own", "laundered"):
        said = await http.call("POST", f"/cycles/{cycle}/comments", name, {"text": name})
        assert said.status_code == 200, said.text
    events = (await http.call("GET", f"/cycles/{cycle}/events")).json()["items"]
    assert [(one["actor"], one["by_token_of"]) for one in events] == [
        (city.OWNER, city.ADMIN), (city.OWNER, city.ADMIN), (city.OWNER, None), (city.OWNER, city.ADMIN),
    ]  # fmt: skip
    assert check.verify(http.office.database).faults == ()


async def test_an_answer_that_was_kept_is_given_to_nobody_whose_token_has_ended_or_who_has_left(http: Http) -> None:
    first_key, other_key = uuid4().hex, uuid4().hex  # an initiative is called by its key, and the engine is shared
    made = (await http.call("POST", "/credentials", city.OWNER, {"name": "x"})).json()
    http.tokens["mine"] = made["token"]
    begun = {"title": "x", "org_scope": "individual", "org_unit": "U", "work_scope": "task"}
    first = await http.call("POST", "/initiatives", "mine", begun, idempotency_key=first_key)
    assert first.status_code == 201, first.text
    assert (await http.call("POST", "/initiatives", city.OWNER, begun, idempotency_key=other_key)).status_code == 201
    await http.call("DELETE", f"/credentials/{made['id']}")
    ended = await http.call("POST", "/initiatives", "mine", begun, idempotency_key=first_key)
    assert problem(ended)[:2] == (401, "token_revoked")
    without = city.organisation()
    posts = tuple(one for one in without.posts if one.person_id != city.OWNER)
    http.office.import_(without.model_copy(update={"posts": posts}))
    left = await http.call("POST", "/initiatives", city.OWNER, begun, idempotency_key=other_key)
    assert problem(left)[:2] == (401, "no_post_today")
    refused = await http.call("POST", "/credentials", city.ADMIN, {"person_id": city.OWNER, "name": "x"})
    assert problem(refused)[2] == [("/person_id", "no_post_today")]


async def test_who_holds_no_post_today_is_not_let_in_and_neither_is_their_calendar(quiet: Http) -> None:
    address = (await quiet.call("POST", "/me/calendar")).json()["url"].partition("/api/v1")[2]
    token = quiet.token(city.OWNER)
    left = city.organisation()
    yesterday = quiet.office.directory.facts().today - timedelta(days=1)
    posts = tuple(
        one.model_copy(update={"valid_to": yesterday}) if one.person_id == city.OWNER else one for one in left.posts
    )
    quiet.office.import_(left.model_copy(update={"posts": posts}))
    bearer = {"Authorization": f"Bearer {token}"}
    assert problem(await quiet.client.get("/api/v1/me", headers=bearer))[:2] == (401, "no_post_today")
    assert (await quiet.call("GET", address, None)).status_code == 404


def test_a_token_is_listed_and_revoked_on_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPIRAL_SECRET", "k" * 40)
    run, place = CliRunner(), ["--data-dir", str(tmp_path)]
    run.invoke(app, ["migrate", *place])
    made = run.invoke(app, ["token", "--service", "nightly", "--right", "viewer", "--name", "集計", *place])
    assert made.exit_code == 0
    line = run.invoke(app, ["token", "--list", *place]).stdout.strip().split("\t")
    assert (line[1:3], line[6]) == (["service:nightly", "full"], "集計")
    assert run.invoke(app, ["token", "--revoke", line[0], *place]).exit_code == 0
    assert run.invoke(app, ["token", "--list", *place]).stdout.split("\t")[2] == "revoked"
    assert run.invoke(app, ["token", "--revoke", "nothing", *place]).exit_code == 1
    for wrong in (["token"], ["token", "a", "--list"], ["token", "--service", "x", "--right", "king"]):
        assert run.invoke(app, [*wrong, *place]).exit_code == 1


async def test_a_list_of_tokens_goes_on_where_the_page_before_ended(quiet: Http) -> None:
    made = {(await quiet.call("POST", "/credentials", json={"name": str(n)})).json()["id"] for n in range(5)}
    seen: list[str] = []
    cursor = ""
    while True:
        page = (await quiet.call("GET", f"/credentials?limit=2{cursor}")).json()
        seen += [one["id"] for one in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert len(seen) == len(set(seen))
    assert made < set(seen)  # and the one the test came with
