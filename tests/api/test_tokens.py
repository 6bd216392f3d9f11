"""A token that is handed out is written down: for whom, by whom, until when; never the token itself."""

import getpass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from typer.testing import CliRunner

from api.auth import person_of
from api.cli.main import app
from api.services.credentials import hand_out
from engine.runtime.settings import load_settings
from engine.store.database import open_database
from engine.store.directory.directory import ORGANISATION, Directory
from engine.store.record import verify as check
from engine.store.registers.tokens import Tokens
from tests.support import city


def test_what_was_handed_out_is_in_the_ledger_without_the_token(database: Engine, tmp_path: Path) -> None:
    settings = load_settings(tmp_path, secret="k" * 40)
    began = datetime.now(UTC)
    made = hand_out(database, settings, city.OWNER, days=3, by=city.ADMIN)
    hand_out(database, settings, city.OWNER)
    assert person_of(made, settings.signing_key()) == city.OWNER
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
    assert person_of(answer.stdout.strip(), load_settings(tmp_path).signing_key()) == city.OWNER
    (issued,) = Tokens(database).listed()
    assert (issued.holder, issued.made_by) == (city.OWNER, getpass.getuser())
    assert run.invoke(app, ["token", "nobody", "--data-dir", str(tmp_path)]).exit_code == 1
    assert len(Tokens(database).listed()) == 1
    database.dispose()
