"""The invented initiatives of the sample city, played through a real engine as `spiral up` does it.

One city for the whole module: playing is stopped half way once, as by a crash, and then played to its end.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import Engine
from structlog.testing import capture_logs
from temporalio.client import Client

from api.app import create_app
from api.cli.operate import sample
from api.cli.operate.playing import Player
from api.cli.options import Sample
from engine.contracts.documents import ROADMAP
from engine.data.sample_work import sample_around, sample_stories
from engine.domain.ledger.facts import MilestoneReported
from engine.domain.ledger.milestones import MilestoneStatus
from engine.domain.review.review import StageKind
from engine.exchange.records import CaseRecord, InitiativeRecord, read_records
from engine.runtime.settings import Settings
from engine.store.database import open_database
from engine.store.record import verify as check
from tests.api.conftest import Http
from tests.support.databases import fresh_sqlite
from tests.support.office import Office

pytestmark = pytest.mark.slow

SPIRAL = "sample-write-less-1"
SECTION, DEPARTMENT = f"{SPIRAL}.1.1", f"{SPIRAL}.1.1.1"
OWN = {SPIRAL: 60, f"{SPIRAL}.1": 400, f"{SPIRAL}.2": 90, SECTION: 1500, DEPARTMENT: 2000}
"""Hours a year of each ring alone: (before - after) x cases / 60, worked out by hand from its file."""
ELSEWHERE = {"ordinances": 25, "voice": -15, "tax-mail": 100, "phone-class": 20, "taken over": 80}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("living")


@pytest.fixture(scope="module")
def store(folder: Path) -> Iterator[Engine]:
    engine = open_database(fresh_sqlite(folder))
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
async def living(temporal: Client, store: Engine) -> AsyncIterator[Http]:
    """The sample city at work, with everything invented played in it."""
    settings = Settings(
        database_url=str(store.url), temporal_address=temporal.service_client.config.target_host,
        task_queue=f"q-{uuid4().hex[:8]}", shared_namespace=True, secret=SecretStr("s" * 40), graceful_timeout=1,
        hosts="city",
    )  # fmt: skip
    sample.load_sample(settings, Sample.WORK)
    office, app = Office(temporal, store, settings), create_app(settings)
    async with (
        office.working(),
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://city") as client,
    ):
        http = Http(client, office, app)
        first = asyncio.create_task(sample.play_work(settings))
        await office.until(lambda: http.journal() > 120)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        assert await sample.play_work(settings) > 0
        await office.there(f"{DEPARTMENT}.1")
        yield http


async def cycle(living: Http, name: str) -> Any:
    return (await living.call("GET", f"/cycles/{name}", "p001")).json()


async def test_all_of_it_was_played_and_nothing_is_left_for_the_next_start_whatever_day_that_is(living: Http) -> None:
    office = living.office
    told, tomorrow = living.journal(), office.directory.facts().today + timedelta(days=1)
    player = Player(office.gateway, office.database, office.directory, office.journal, still=lambda: True)
    with capture_logs() as said:
        assert await player.play(sample_stories(tomorrow), sample_around(tomorrow).reports) == 0
    assert said == [], "something was refused"
    assert living.journal() == told
    found = check.verify(office.database)
    assert (found.faults, len(found.open_cycles)) == ((), 19)
    acts = [act for story in sample_stories(tomorrow) for ring in story.rings for act in ring.acts]
    assert len(acts) > 60
    for story in sample_stories(tomorrow):
        for ring in story.rings:
            given = {event.command_id for event in office.journal.events(ring.cycle(story.first))}
            for number, act in enumerate(ring.acts, start=1):
                key = f"spiral up --sample-work/{story.key}/{ring.at or 'first'}/{number}"
                no_event = hasattr(act, "answer_offer") or not getattr(act, "submit", True)
                assert no_event or any((one or "").startswith(key) for one in given), key


@pytest.mark.parametrize(
    ("person", "waiting"),
    [
        ("p054", ["sample-envelopes-1", "sample-faq-1", "sample-numbers-1"]),
        ("p015", ["sample-certificates-1"]),
        ("p014", ["sample-refunds-1"]),
        ("p002", ["sample-one-map-1"]),
        ("p001", ["sample-anywhere-1"]),
        ("p013", ["sample-tax-mail-1.1"]),
    ],
)
async def test_who_signs_in_first_finds_something_to_decide(living: Http, person: str, waiting: list[str]) -> None:
    items = (await living.call("GET", "/inbox", person)).json()["items"]
    assert sorted(one["cycle_id"] for one in items if one["why"] == "post") == waiting


async def test_the_chief_is_offered_a_case_and_the_owner_has_a_draft_and_a_question(living: Http) -> None:
    (offer,) = (await living.call("GET", "/offers?waiting_for=me", "p054")).json()["items"]
    assert offer["case_id"] == "sample-tax-mail-1"
    mine = (await living.call("GET", "/cycles?owner=p093&status=active", "p093")).json()["items"]
    assert sorted((one["id"], one["step_status"]) for one in mine) == [
        ("sample-faq-1", "in_review"), ("sample-guide-sheet-1", "draft"),
    ]  # fmt: skip
    (question,) = (await cycle(living, "sample-faq-1"))["questions"]
    assert (question["by"], question["answer"]) == ("p054", None)
    draft = (await cycle(living, "sample-guide-sheet-1"))["deliverables"]["imagine"]
    assert draft["ideal_statement"]
    assert not draft.get("metrics")


async def test_one_spiral_grew_over_four_rings_with_a_branch_that_merged_and_an_office_that_took_it_over(
    living: Http,
) -> None:
    found = (await living.call("GET", "/initiatives/sample-write-less/lineage", "p001")).json()
    own = {one["id"]: one["hours_saved_per_year"] for one in found["nodes"]}
    assert {name: own[name] for name in OWN} == OWN
    edges = {(one["parent"], one["child"]): one["kind"] for one in found["edges"]}
    for pair, kind in {
        (SPIRAL, f"{SPIRAL}.1"): "expand", (SPIRAL, f"{SPIRAL}.2"): "expand", (f"{SPIRAL}.1", SECTION): "expand",
        (f"{SPIRAL}.2", SECTION): "join", (SECTION, DEPARTMENT): "expand", (DEPARTMENT, f"{DEPARTMENT}.1"): "sustain",
    }.items():  # fmt: skip
        assert edges[pair] == kind
    rungs = [(await cycle(living, name))["org_scope"] for name in (SPIRAL, f"{SPIRAL}.1", SECTION, DEPARTMENT)]
    assert rungs == ["individual", "unit", "section", "department"]
    assert (await cycle(living, f"{DEPARTMENT}.1"))["status"] == "on_hold"
    offers = (await living.call("GET", f"/offers?case={SPIRAL}.1", "p001")).json()["items"]
    answered = {one["org_unit"]: one["status"] for one in offers}
    assert answered == {"7120": "accepted", "3210": "declined", "4310": "offered"}
    adopted = next(one["cycle_id"] for one in offers if one["org_unit"] == "7120")
    taken = await cycle(living, adopted)
    assert (taken["kind"], taken["status"], taken["adopted_from"]) == ("adopt", "completed", f"{SPIRAL}.1")


async def test_the_citys_figures_are_the_sums_worked_out_by_hand(living: Http) -> None:
    shown = (await living.call("GET", "/dashboard", "p001")).json()
    # The section contains the person, the unit and the branch, and the department contains the section: 2000 is all.
    assert shown["effects"]["hours_saved_per_year"]["value"] == 2000 + sum(ELSEWHERE.values()) == 2210
    assert shown["effects"]["yen_per_year"]["value"] == 2_400_000 - 1_500_000
    assert shown["effects"]["worse"]["value"] == 1
    assert shown["counts"]["status"] == {"active": 17, "completed": 10, "on_hold": 2, "rejected": 1, "withdrawn": 1}
    assert (shown["initiatives"]["value"], shown["cycles"]["value"]) == (23, 31)
    for pillar, hours in {"P1": 2000 + 80 - 15, "P3": 25 + 100, "P4": 20}.items():
        part = (await living.call("GET", f"/dashboard?pillar={pillar}", "p001")).json()
        assert part["effects"]["hours_saved_per_year"]["value"] == hours, pillar


async def test_every_move_of_a_decision_can_be_looked_at(living: Http) -> None:
    roads = (await cycle(living, "sample-roads-1"))["decisions"]
    assert [one["action"] for one in roads] == ["return", "return", "approve"]
    assert all(one["reason"] for one in roads[:2])
    renewals = await cycle(living, "sample-renewals-1")
    last = renewals["decisions"][-1]
    assert (last["by"], last["on_behalf_of"], last["acted_as"]) == ("p063", "p064", "proxy")
    items = (await living.call("GET", "/inbox", "p064")).json()["items"]
    assert [one["why"] for one in items if one["cycle_id"] == "sample-renewals-1"] == ["post_review"]
    (condition,) = (await cycle(living, "sample-admission-1"))["conditions"]
    assert condition["closed_at"] is None
    parks = await cycle(living, "sample-parks-1")
    assert (parks["status"], parks["hold"]["by"]) == ("on_hold", "p031")
    asked = living.office.state("sample-anywhere-1").decisions
    assert [one.kind for one in asked] == [StageKind.CONCURRENCE] * 3
    assert sum("意見" in (one.reason or "") for one in asked) == 2
    for name, status in (("site-keys", "rejected"), ("morning-post", "withdrawn"), ("school-asks", "active")):
        assert (await cycle(living, f"sample-{name}-1"))["status"] == status
    events = (await living.call("GET", "/cycles/sample-school-asks-1/events", "p001")).json()["items"]
    assert "pulled_back" in [one["type"] for one in events]
    assert (await cycle(living, "sample-voice-1"))["deliverables"]["realise"]["verdict"] == "worse"
    assert (await cycle(living, "sample-voice-1.1"))["kind"] == "retry"


async def test_the_wall_shows_the_invented_roadmap_with_milestones_reached_under_way_and_late(living: Http) -> None:
    wall = (await living.call("GET", "/roadmap", "p001")).json()
    by_code = {one["code"]: one for one in wall["startups"]}
    assert len(by_code) == 17
    first = [(one["state"], one["grade"]) for one in by_code["CA-01"]["milestones"]]
    assert first == [("done", "A"), ("planned", "B"), ("planned", None)]
    assert by_code["CA-02"]["milestones"][0]["state"] == MilestoneStatus.LATE
    assert sum(bool(one["initiatives"]) for one in wall["startups"]) == 13
    entries = living.app.state.desk.milestones.entries("CA-01")
    assert [one.actor for one in entries if isinstance(one.data, MilestoneReported)] == ["p095", "p006", "p095"]


@pytest.mark.parametrize(
    ("what", "model", "rows"), [("initiatives", InitiativeRecord, 23), ("cases", CaseRecord, 10)]
)
async def test_its_exports_read_back(
    living: Http, tmp_path: Path, what: str, model: type[InitiativeRecord | CaseRecord], rows: int
) -> None:
    read = []
    for file_format in ("csv", "json", "xlsx"):
        answer = await living.call("GET", f"/exports/{what}.{file_format}", "p001")
        path = tmp_path / f"{what}.{file_format}"
        path.write_bytes(answer.content)
        read.append([record for _, record in read_records(what, model, path)])
    assert len(read[0]) == rows
    assert read[0] == read[1] == read[2]


async def test_a_city_that_people_work_in_gets_no_invented_initiative(
    temporal: Client, sqlite: Engine, living: Http
) -> None:
    settings = living.office.settings.model_copy(update={"database_url": str(sqlite.url)})
    sample.load_sample(settings, Sample.CITY)
    sample.load_sample(settings, Sample.WORK)
    office = Office(temporal, sqlite, settings)
    assert [one.name for one in living.app.state.desk.reader.documents(ROADMAP)] == [
        "sample-city-roadmap", "ibaraki-startup-2023",
    ]  # fmt: skip
    assert await sample.play_work(settings) == 0
    assert office.directory.state(SPIRAL) is None
