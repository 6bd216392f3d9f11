from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, text

from engine.domain.errors import DomainError
from engine.domain.ledger.facts import Fact, OfferAnswer, OfferAnswered, OfferMade, OfferWithdrawn, Write
from engine.domain.organisation.organisation import PostRef
from engine.domain.spread.offers import offer_id, offer_of, stream_of
from engine.store.database import reading, writing
from engine.store.record import verify as check
from engine.store.record.ledger import Ledger
from engine.store.tables import OfferRow
from tests.support.unguarded import unguard

OFFER = offer_id("i1-1", "U2")
STREAM = stream_of(OFFER)


def made(unit: str = "U2", message: str | None = None) -> Fact:
    return OfferMade(case_id="i1-1", org_unit=unit, message=message)


def declined(reason: str = "今は忙しい") -> Fact:
    return OfferAnswered(answer=OfferAnswer.DECLINE, reason=reason, post=PostRef(kind="head", unit="U2"))


@pytest.fixture
def ledger(database: Engine) -> Ledger:
    found = Ledger(database)
    found.append(STREAM, 0, [made()], actor="owner", command_id="k1")
    return found


def test_facts_and_what_is_made_from_them_are_written_together(ledger: Ledger, database: Engine) -> None:
    (entry,) = ledger.append(STREAM, 1, [declined()], actor="head", command_id="k2", on_behalf_of="chief")
    assert (entry.seq, entry.on_behalf_of) == (2, "chief")
    assert ledger.entries(STREAM, after=1) == (entry,)
    with reading(database) as session:
        row = session.get_one(OfferRow, OFFER)
    assert (row.status, row.answered_at) == ("declined", entry.at)
    assert check.verify(database).model_dump() == {
        "cycles": 0, "events": 0, "facts": 2, "open_cycles": (), "faults": (),
    }  # fmt: skip


def test_the_same_command_again_changes_nothing_and_another_under_its_key_is_refused(ledger: Ledger) -> None:
    before = ledger.entries(STREAM)
    assert ledger.append(STREAM, 0, [made()], actor="owner", command_id="k1") == before
    with pytest.raises(DomainError, match="idempotency_key_reused"):
        ledger.append(STREAM, 1, [OfferWithdrawn()], actor="owner", command_id="k1")
    assert ledger.entries(STREAM) == before


@pytest.mark.parametrize("seen", [0, 2])
def test_who_did_not_see_the_newest_entry_writes_nothing(ledger: Ledger, seen: int) -> None:
    with pytest.raises(DomainError, match="ledger_moved"):
        ledger.append(STREAM, seen, [declined()], actor="head", command_id="k2")
    assert len(ledger.entries(STREAM)) == 1


def test_several_streams_are_written_all_or_nothing(ledger: Ledger, database: Engine) -> None:
    other = stream_of(offer_id("i1-1", "S2"))
    writes = [
        Write(stream=other, after=0, facts=(made("S2"),), actor="owner"),
        Write(stream=STREAM, after=0, facts=(made(),), actor="owner"),
    ]
    with pytest.raises(DomainError, match="ledger_moved"):
        ledger.append_all(writes)
    assert ledger.entries(other) == ()
    assert len(ledger.append_all(writes[:1])) == 1
    assert check.verify(database).faults == ()


def test_of_many_answers_at_once_exactly_one_is_written(ledger: Ledger, database: Engine) -> None:
    def answer(number: int) -> str:
        try:
            ledger.append(STREAM, 1, [declined(str(number))], actor=f"p{number}", command_id=f"a{number}")
        except DomainError as error:
            return error.refusal.code
        return "written"

    with ThreadPoolExecutor(8) as threads:
        assert sorted(threads.map(answer, range(12))) == ["ledger_moved"] * 11 + ["written"]
    offer = offer_of(ledger.entries(STREAM))
    assert offer is not None
    assert (offer.revision, check.verify(database).faults) == (2, ())


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("UPDATE ledger SET content = replace(content, '忙しい', '暇') WHERE seq = 2", "chain_broken"),
        ("DELETE FROM ledger WHERE seq = 1", "event_missing"),
        ("UPDATE ledger SET actor = 'mallory' WHERE seq = 2", "columns_differ"),
        ("UPDATE ledger SET stream = 'offer/x'", "columns_differ"),
        ("UPDATE offer SET status = 'accepted'", "projection_differs"),
        ("DELETE FROM offer", "projection_differs"),
        ("UPDATE offer SET stream = 'offer/x'", "projection_differs"),
    ],
)
def test_verify_finds_every_kind_of_tampering(ledger: Ledger, database: Engine, change: str, code: str) -> None:
    ledger.append(STREAM, 1, [declined()], actor="head")
    assert check.verify(database).faults == ()
    unguard(database)
    with database.begin() as connection:
        connection.execute(text(change))
    assert code in {fault.code for fault in check.verify(database).faults}


def test_rebuild_makes_every_row_again_from_the_ledger_alone(ledger: Ledger, database: Engine) -> None:
    ledger.append(STREAM, 1, [declined()], actor="head")
    with writing(database) as session:
        session.execute(text("DELETE FROM offer"))
    check.rebuild(database)
    report = check.verify(database)
    assert (report.facts, report.faults) == (2, ())


def test_the_ledger_is_followed_in_the_order_of_commit(ledger: Ledger) -> None:
    start = ledger.position()
    ledger.append(STREAM, 1, [declined()], actor="head")
    ledger.append(STREAM, 2, [made(message="もう一度")], actor="owner")
    assert [row.type for row in ledger.following(start, 10)] == ["offer_answered", "offer_made"]
    assert [row.type for row in ledger.following(start, 1)] == ["offer_answered"]
