"""What gives authority stands in the ledger: what is changed beside it is found, on both databases."""

import hashlib
import json

import pytest
from sqlalchemy import Engine, text

from engine.contracts.documents import ORGANISATION, POLICY, ROADMAP
from engine.domain.review.policy import DEFAULT
from engine.domain.roadmap import Edition
from engine.store import authority
from engine.store.database import writing
from engine.store.directory.directory import Directory
from engine.store.record import verify as check
from engine.store.record.ledger import Ledger
from engine.store.record.upgrade import bring_up
from engine.store.registers.webhooks import Registration, Webhooks
from tests.support import city
from tests.support.unguarded import unguard


@pytest.fixture
def webhooks(database: Engine) -> Webhooks:
    return Webhooks(database, Directory(database), Ledger(database))


@pytest.fixture
def governed(database: Engine, webhooks: Webhooks) -> Engine:
    directory = Directory(database)
    directory.import_document(ORGANISATION, "city", city.organisation(), "adm")
    directory.import_document(POLICY, "own", DEFAULT, "adm")
    directory.import_document(ROADMAP, "one", Edition(id="one"), "adm")
    directory.enter_absence("a1", city.away(city.DIRECTOR, city.PROXY), city.DIRECTOR)
    webhooks.add("w1", Registration(url="https://example.jp/x", events=("submitted",)), "adm", "r1")
    return database


def found(database: Engine) -> list[tuple[str, str]]:
    return [(fault.code, fault.cycle_id) for fault in check.verify(database).faults]


def test_every_document_absence_and_webhook_has_a_fact_that_says_who_and_what(governed: Engine) -> None:
    ledger = Ledger(governed)
    (entry,) = ledger.entries("document/organisation")
    assert (entry.actor, entry.data.type, entry.data.model_dump()["number"]) == ("adm", "document_imported", 1)
    (away,) = ledger.entries("absence/a1")
    assert (away.actor, away.data.model_dump()["proxy"]) == (city.DIRECTOR, city.PROXY)
    assert [one.data.type for one in ledger.entries("webhook/w1")] == ["webhook_set"]
    assert found(governed) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("UPDATE document SET content = content || ' ' WHERE kind = 'organisation'", "differs_from_its_fact"),
        ("UPDATE document SET imported_by = 'other' WHERE kind = 'policy'", "differs_from_its_fact"),
        ("UPDATE document SET number = 99 WHERE kind = 'policy'", "no_fact_explains_it"),
        ("DELETE FROM document WHERE kind = 'roadmap'", "row_missing"),
        ("UPDATE absence SET proxy = 'mallory'", "differs_from_its_fact"),
        ("UPDATE absence SET last = '2031-01-01'", "differs_from_its_fact"),
        ("UPDATE absence SET id = 'a2'", "no_fact_explains_it"),
        ("DELETE FROM absence", "row_missing"),
        ("UPDATE webhook SET url = 'https://elsewhere.jp/'", "differs_from_its_fact"),
        ("UPDATE webhook SET id = 'w2'", "no_fact_explains_it"),
        ("DELETE FROM webhook", "row_missing"),
    ],
)  # fmt: skip
def test_what_is_changed_beside_the_ledger_is_found_also_after_a_rebuild(
    governed: Engine, change: str, fault: str
) -> None:
    with writing(governed) as session:
        assert session.connection().execute(text(change)).rowcount == 1
    assert fault in {code for code, _ in found(governed)}
    check.rebuild(governed)
    assert fault in {code for code, _ in found(governed)}


def test_a_date_that_is_none_is_named_and_the_rest_is_still_compared(sqlite: Engine) -> None:
    directory = Directory(sqlite)
    directory.import_document(ORGANISATION, "city", city.organisation(), "adm")
    for name, person in (("a1", city.DIRECTOR), ("a2", city.OWNER)):
        directory.enter_absence(name, city.away(person), "adm")
    Webhooks(sqlite, directory, Ledger(sqlite)).add("w1", Registration(url="https://example.jp/x"), "adm", "r1")
    with writing(sqlite) as session:
        session.connection().execute(text("UPDATE absence SET last = 'someday' WHERE id = 'a1'"))
        session.connection().execute(text("UPDATE absence SET proxy = 'mallory' WHERE id = 'a2'"))
        session.connection().execute(text("UPDATE webhook SET changed_at = 'now'"))
    assert found(sqlite) == [
        ("differs_from_its_fact", "absence/a1"), ("differs_from_its_fact", "webhook/w1"),
        ("differs_from_its_fact", "absence/a2"),
    ]  # fmt: skip


def test_an_absence_that_is_entered_again_and_a_webhook_that_changes_and_goes_leave_their_facts(
    governed: Engine, webhooks: Webhooks
) -> None:
    Directory(governed).enter_absence("a1", city.away(city.DIRECTOR, city.OTHER), "adm")
    webhooks.edit("w1", Registration(url="https://example.jp/y"), "adm")
    webhooks.pause("w1", "移行中", "adm")
    webhooks.pause("w1", "移行中", "adm")
    webhooks.enable("w1", "other")
    webhooks.rotate("w1", "again", "adm")
    assert found(governed) == []
    webhooks.remove("w1", "adm")
    assert found(governed) == []
    ledger = Ledger(governed)
    assert [one.actor for one in ledger.entries("absence/a1")] == [city.DIRECTOR, "adm"]
    assert [one.data.type for one in ledger.entries("webhook/w1")] == [
        "webhook_set", "webhook_set", "webhook_paused", "webhook_enabled", "webhook_set", "webhook_removed",
    ]  # fmt: skip
    paused, enabled = ledger.entries("webhook/w1")[2:4]
    assert (paused.actor, paused.data.model_dump()["reason"], enabled.actor) == ("adm", "移行中", "other")


def test_what_was_there_before_is_taken_over_once_and_never_again(governed: Engine, database_url: str) -> None:
    unguard(governed)
    with writing(governed) as session:
        session.connection().execute(text("DELETE FROM ledger"))
    assert {code for code, _ in found(governed)} == {"no_fact_explains_it"}
    bring_up(database_url)
    assert found(governed) == []
    (entry,) = Ledger(governed).entries("document/organisation")
    assert (entry.actor, entry.data.model_dump()["taken_over"]) == ("system", True)
    with writing(governed) as session:
        added = "INSERT INTO absence (id, person_id, first, last, proxy, entered_by, entered_at) SELECT 'a9', "
        session.connection().execute(text(added + "person_id, first, last, 'm', entered_by, entered_at FROM absence"))
    bring_up(database_url)
    assert found(governed) == [("no_fact_explains_it", "absence/a9")]
    assert authority.take_over(governed) is None


def test_a_fact_names_the_content_by_its_hash(governed: Engine) -> None:
    with writing(governed) as session:
        content = (
            session.connection().execute(text("SELECT content FROM document WHERE kind = 'policy'")).scalar_one()
        )
    (entry,) = Ledger(governed).entries("document/policy")
    assert json.loads(content)["id"] == DEFAULT.id
    assert entry.data.model_dump()["sha256"] == hashlib.sha256(content.encode()).hexdigest()
