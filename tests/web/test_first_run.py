"""An empty city: a one-time address leads to a form, the form to a city that works; nobody else gets in."""

import io
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from openpyxl import load_workbook
from pydantic import SecretStr
from sqlalchemy import Engine
from temporalio.client import Client

from api.app import create_app
from api.services.organisation import first_run as service
from engine.domain.access.log import AccessAct, AccessAsked
from engine.domain.organisation.organisation import Duty
from engine.exchange.organisation_import import read_organisation
from engine.runtime.settings import Settings
from engine.store.record import verify as check

ASKED = {
    "city": "茨木市", "office": "DX推進課", "name": "山田 花子", "email": "hanako@example.jp", "head": "市川 太郎",
}  # fmt: skip


class Visitor:
    """A browser in front of an empty city."""

    def __init__(self, app: FastAPI, client: httpx.AsyncClient) -> None:
        self.app = app
        self.client = client

    def key(self, person: str | None = None) -> str:
        return service.new_key(self.app.state.signing_keys, person)

    async def send(self, key: str, **typed: str) -> httpx.Response:
        page = await self.client.get("/first-run", params={"key": key})
        token = re.search(r'name="csrf" value="([^"]+)"', page.text)
        form = {"csrf": token[1] if token else "", "key": key} | typed
        return await self.client.post("/first-run", data=form, headers={"Accept": "text/html"})


@pytest.fixture
async def visitor(database: Engine, temporal: Client, tmp_path: Path) -> AsyncIterator[Visitor]:
    settings = Settings(
        database_url=database.url.render_as_string(hide_password=False), secret=SecretStr("s" * 40),
        data_dir=tmp_path / "data", shared_namespace=True,
        temporal_address=temporal.service_client.config.target_host,
    )  # fmt: skip
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", trust_env=False) as client:
            yield Visitor(app, client)


async def test_five_answers_make_a_city_and_sign_its_administrator_in(visitor: Visitor, database: Engine) -> None:
    key = visitor.key()
    answer = await visitor.send(key, **ASKED)
    assert (answer.status_code, answer.headers["location"]) == (303, "/admin/first-steps")
    steps = await visitor.client.get("/admin/first-steps")
    assert steps.status_code == 200
    facts = visitor.app.state.desk.directory.facts()
    (person,) = [one for one in facts.organisation.people if one.name == "山田 花子"]
    assert Duty.ADMIN in facts.organisation.duties_of(person.person_id, facts.today)
    noted = visitor.app.state.desk.access_log.found(AccessAsked(act=AccessAct.SIGN_IN), 10)
    assert [(one.person, one.subject) for one in noted] == [(person.person_id, "once")]
    assert (await visitor.client.get("/start")).status_code == 200
    assert check.verify(database).faults == ()


async def test_an_address_counts_once_and_the_one_that_sets_up_never_again(visitor: Visitor) -> None:
    key, other = visitor.key(), visitor.key()
    for _ in range(3):
        assert (await visitor.client.get("/first-run", params={"key": key})).status_code == 200, (
            "looking uses nothing"
        )
    assert (await visitor.send(key, **ASKED)).status_code == 303
    back = await visitor.client.get("/first-run", params={"key": key})
    assert back.headers["location"] == "/admin/first-steps", "Back after signing in leads on"
    visitor.client.cookies.clear()
    for late in (key, other):
        assert (await visitor.client.get("/first-run", params={"key": late})).status_code == 403
        assert (await visitor.send(late, **ASKED)).status_code == 403
    assert (await visitor.client.get("/admin/first-steps")).status_code == 401, "nobody is in"


@pytest.mark.parametrize("key", ["", "x", "e30.aaaa.bbbb"])
async def test_a_key_of_somebody_else_opens_nothing(visitor: Visitor, key: str) -> None:
    assert (await visitor.client.get("/first-run", params={"key": key})).status_code == 403
    assert (await visitor.send(key, **ASKED)).status_code == 403
    assert not visitor.app.state.desk.directory.facts().organisation.units


async def test_what_is_wrong_is_told_at_its_place_and_nothing_typed_is_lost(visitor: Visitor) -> None:
    key = visitor.key()
    answer = await visitor.send(key, **{**ASKED, "email": "hanako", "head": " "})
    assert answer.status_code == 422
    for typed in ("茨木市", "DX推進課", "山田 花子", "hanako"):
        assert f'value="{typed}"' in answer.text
    assert answer.text.count('aria-invalid="true"') == 2
    assert (await visitor.send(key, **ASKED)).status_code == 303, "the address was not used up by the mistake"


async def test_later_an_address_signs_one_person_in_for_ten_minutes(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    await visitor.send(visitor.key(), **ASKED)
    visitor.client.cookies.clear()
    key = visitor.key("p001")
    assert "山田 花子" in (await visitor.client.get("/first-run", params={"key": key})).text
    assert (await visitor.send(key)).headers["location"] == "/"
    assert (await visitor.client.get("/admin")).status_code == 200
    visitor.client.cookies.clear()
    assert (await visitor.send(key)).status_code == 403
    old = visitor.key("p001")
    monkeypatch.setattr(service, "SIGN_IN", timedelta(seconds=-1))
    assert (await visitor.client.get("/first-run", params={"key": old})).status_code == 403


async def test_the_file_of_what_is_in_force_is_read_by_the_import_as_it_is(visitor: Visitor, tmp_path: Path) -> None:
    await visitor.send(visitor.key(), **ASKED)
    book = await visitor.client.get("/admin/organisation.xlsx")
    assert load_workbook(io.BytesIO(book.content)).sheetnames == ["units", "people", "posts"]
    (tmp_path / "organisation.xlsx").write_bytes(book.content)
    assert read_organisation(tmp_path / "organisation.xlsx") == visitor.app.state.desk.directory.facts().organisation
