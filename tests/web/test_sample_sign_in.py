"""Nobody is signed in without proof but where the sample city is in force, on this machine, as we ship it."""

from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from temporalio.client import Client

from api.app import create_app
from engine.contracts.documents import ORGANISATION
from engine.data.shipped import SAMPLE_CITY, is_sample_city, sample_organisation
from engine.domain.organisation.organisation import Organisation
from engine.runtime.settings import Settings
from engine.store.database import open_database
from engine.store.directory.directory import Directory
from tests.support.databases import fresh_sqlite


def renamed() -> Organisation:
    """The sample with a real mayor put in, under the same name."""
    city = sample_organisation()
    people = tuple(
        one.model_copy(update={"name": "本物 市長"}) if one.person_id == "p001" else one for one in city.people
    )
    return city.model_copy(update={"people": people})


def test_the_sample_is_known_by_what_it_says() -> None:
    assert is_sample_city(sample_organisation())
    assert not is_sample_city(renamed())


@pytest.mark.parametrize(
    "place",
    [
        (sample_organisation(), "127.0.0.1", "http://127.0.0.1:8000", True),
        (sample_organisation(), "127.0.0.1", "http://localhost:8000", True),
        (renamed(), "127.0.0.1", "http://127.0.0.1:8000", False),
        (sample_organisation(), "0.0.0.0", "http://127.0.0.1:8000", False),
        (sample_organisation(), "127.0.0.1", "http://evil.example:8000", False),
        (sample_organisation(), "127.0.0.1", "http://127.0.0.1.evil.example", False),
    ],
    ids=["here", "by-name", "real-people", "whole-network", "rebound", "looks-alike"],
)  # fmt: skip
async def test_a_sample_person_is_signed_in_only_where_it_harms_nobody(
    temporal: Client, tmp_path: Path, place: tuple[Organisation, str, str, bool]
) -> None:
    organisation, host, address, allowed = place
    url = fresh_sqlite(tmp_path)
    database = open_database(url)
    Directory(database).import_document(ORGANISATION, SAMPLE_CITY, organisation, "spiral up --sample")
    settings = Settings(
        database_url=url, temporal_address=temporal.service_client.config.target_host, shared_namespace=True,
        secret=SecretStr("s" * 40), sample_sign_in=True, host=host, hosts="*",
    )  # fmt: skip
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url=address, headers={"Accept": "text/html"}) as one:
            page = (await one.get("/sign-in")).text
            assert ('name="person"' in page) is allowed
            token = page.split('name="csrf" value="')[1].split('"')[0]
            answer = await one.post("/sign-in/sample", data={"person": "p001", "csrf": token})
    assert answer.status_code == (303 if allowed else 403)
    database.dispose()
