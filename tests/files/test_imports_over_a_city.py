"""An import never takes away the last administrator, and never calls itself what is kept for the program."""

import shutil
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli.main import app
from api.services.organisation.credentials import account
from engine.contracts.documents import ORGANISATION
from engine.domain.access.imports import may_replace
from engine.domain.access.log import AccessAct, AccessAsked
from engine.domain.errors import DomainError
from engine.domain.organisation.consistency import contradictions
from engine.domain.organisation.organisation import Organisation
from engine.runtime.settings import load_settings
from engine.store.database import open_database
from engine.store.queries.cycles import Reader
from engine.store.registers.access_log import AccessLog
from tests.support import city

DAY = date(2026, 11, 26)


def without_administrator() -> Organisation:
    whole = city.organisation()
    return whole.model_copy(update={"posts": tuple(one for one in whole.posts if one.person_id != city.ADMIN)})


def test_the_last_administrator_stays_and_a_first_import_is_always_taken() -> None:
    may_replace(without_administrator(), Organisation(), "own", DAY, sample=False)
    may_replace(city.organisation(), without_administrator(), "own", DAY, sample=False)
    may_replace(without_administrator(), without_administrator(), "own", DAY, sample=False)
    with pytest.raises(DomainError) as refused:
        may_replace(without_administrator(), city.organisation(), "own", DAY, sample=False)
    assert refused.value.refusal.code == "last_administrator"


@pytest.mark.parametrize("name", ["sample-city", "sample-city.xlsx"])
def test_only_the_sample_is_called_the_sample(name: str) -> None:
    may_replace(city.organisation(), Organisation(), name, DAY, sample=True)
    with pytest.raises(DomainError) as refused:
        may_replace(city.organisation(), Organisation(), name, DAY, sample=False)
    assert refused.value.refusal.code == "reserved_name"


@pytest.mark.parametrize("person", ["system", "SYSTEM", "service:backup", "spiral import"])
def test_nobody_is_called_what_acts_in_the_record_without_being_a_person(person: str) -> None:
    whole = city.organisation()
    first, *others = whole.people
    named = whole.model_copy(update={"people": (first.model_copy(update={"person_id": person}), *others)})
    assert ("person_id", "reserved_name") in {(one.field, one.code) for one in contradictions(named)}


def test_the_command_refuses_in_one_line_and_changes_nothing(tmp_path: Path) -> None:
    run, place = CliRunner(), ["--data-dir", str(tmp_path / "data")]
    own = tmp_path / "our-city"
    with_sample = files("engine").joinpath("data").joinpath("sample-city")
    shutil.copytree(str(with_sample), own)
    assert run.invoke(app, ["import", "organisation", str(own), *place]).exit_code == 0
    posts = own / "posts.csv"
    posts.write_text(posts.read_text("utf-8").replace("admin;viewer", "viewer"), "utf-8")
    refused = run.invoke(app, ["import", "organisation", str(own), *place])
    assert refused.exit_code != 0
    assert "administrator" in str(refused.exception) + refused.output
    renamed = own.rename(tmp_path / "sample-city")
    posts = renamed / "posts.csv"
    posts.write_text(posts.read_text("utf-8").replace(",viewer,", ",admin,", 1), "utf-8")
    again = run.invoke(app, ["import", "organisation", str(renamed), *place])
    assert "sample" in str(again.exception) + again.output
    database = open_database(load_settings(tmp_path / "data").database_url)
    assert [row.name for row in Reader(database).documents(ORGANISATION)] == ["our-city"]
    noted = AccessLog(database, 365).found(AccessAsked(act=AccessAct.SETTING), 9)
    assert [(one.subject, one.detail) for one in noted] == [("organisation", "our-city")]
    assert noted[0].person == account()
    database.dispose()
