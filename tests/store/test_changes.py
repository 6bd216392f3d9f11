"""A document that changes who decides waits, is agreed to, withdrawn, or has its day: a fact each, on both stores."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from engine.contracts.documents import ORGANISATION, AskedDocument
from engine.data.shipped import is_sample_city
from engine.domain.administration.changes import DocumentStanding
from engine.domain.errors import DomainError
from engine.domain.organisation.first_city import FORM
from engine.domain.organisation.organisation import Duty, PostRef
from engine.domain.review.policy import DEFAULT
from engine.store.directory.changes import Changes
from engine.store.directory.directory import Directory
from engine.store.record import verify as check
from engine.store.record.ledger import Ledger
from tests.support import city
from tests.support.governed import SECOND, WHOLE, WITH_TWO, Governed, headed_by


def code(refused: "pytest.ExceptionInfo[DomainError]") -> str:
    return refused.value.refusal.code


def test_an_administrator_alone_cannot_make_themselves_decider_today(governed: Governed) -> None:
    put = governed.put(headed_by(city.ADMIN))
    assert put.standing is DocumentStanding.WAITS
    assert put.change is not None
    assert governed.heads() == (city.UNIT_CHIEF,)
    assert governed.told("change_proposed") == {SECOND, city.UNIT_CHIEF, city.SECTION_HEAD}
    with pytest.raises(DomainError) as refused:
        governed.changes.agree(put.change.change_id, city.ADMIN, by_token_of=None)
    assert code(refused) == "own_change"
    with pytest.raises(DomainError) as refused:
        governed.changes.agree(put.change.change_id, SECOND, by_token_of=city.ADMIN)
    assert code(refused) == "token_of_another"
    for stranger in (city.OTHER, city.MAYOR):
        with pytest.raises(DomainError) as refused:
            governed.changes.agree(put.change.change_id, stranger, by_token_of=None)
        assert code(refused) == "unknown_change"
    with pytest.raises(DomainError) as refused:
        governed.changes.agree(put.change.change_id, city.UNIT_CHIEF, by_token_of=None)
    assert code(refused) == "not_yours_to_agree"
    assert governed.heads() == (city.UNIT_CHIEF,)
    assert governed.is_whole()


def test_a_second_administrator_agrees_and_it_is_in_force_with_both_names_in_the_ledger(governed: Governed) -> None:
    change = governed.put(headed_by(city.OTHER)).change
    assert change is not None
    agreed = governed.changes.agree(change.change_id, SECOND, by_token_of=None).change
    assert (agreed.outcome, agreed.closed_by, agreed.number) == ("agreed", SECOND, 3)
    assert governed.heads() == (city.OTHER,)
    ledger = Ledger(governed.database)
    assert [(one.actor, one.data.type) for one in ledger.entries(f"change/{change.change_id}")] == [
        (city.ADMIN, "change_proposed"), (SECOND, "change_closed"),
    ]  # fmt: skip
    imported = ledger.entries("document/organisation")[-1]
    assert (imported.actor, imported.data.model_dump()["change"]) == (city.ADMIN, change.change_id)
    assert governed.told("change_in_force") == {city.ADMIN, city.UNIT_CHIEF, city.SECTION_HEAD}
    with pytest.raises(DomainError) as refused:
        governed.changes.withdraw(change.change_id, SECOND, None, by_token_of=None)
    assert code(refused) == "change_closed"
    assert governed.is_whole()
    check.rebuild(governed.database)
    assert governed.is_whole()


def test_its_day_comes_by_itself_once_and_no_sooner_than_a_day_and_night_later(governed: Governed) -> None:
    governed.put(headed_by(city.OTHER))
    governed.day.at += timedelta(hours=23, minutes=59)
    assert governed.changes.take_due() == []
    governed.day.at += timedelta(minutes=2)
    assert len(governed.changes.take_due()) == 1
    assert governed.changes.take_due() == []
    assert governed.heads() == (city.OTHER,)
    assert governed.is_whole()


def test_whoever_could_agree_withdraws_it_and_who_proposed_it_is_told_why(governed: Governed) -> None:
    change = governed.put(headed_by(city.ADMIN)).change
    assert change is not None
    withdrawn = governed.changes.withdraw(change.change_id, SECOND, "違う", by_token_of=None).change
    assert (withdrawn.outcome, withdrawn.reason) == ("withdrawn", "違う")
    assert city.ADMIN in governed.told("change_not_made")
    governed.day.at += timedelta(days=3)
    assert governed.changes.take_due() == []
    assert governed.heads() == (city.UNIT_CHIEF,)
    assert [one.change.outcome for one in governed.changes.seen(city.UNIT_CHIEF)] == ["withdrawn"]
    assert governed.changes.seen(city.OTHER) == []
    assert governed.is_whole()


def test_the_holder_of_the_post_that_the_policy_names_agrees_and_their_proxy_does_not(governed: Governed) -> None:
    named = DEFAULT.model_copy(update={"id": "own", "agreed_by": PostRef(kind="head", unit="C")})
    first = governed.put(named).change
    assert first is not None
    governed.changes.agree(first.change_id, SECOND, by_token_of=None)
    governed.directory.enter_absence("a1", city.away(city.MAYOR, city.PROXY), city.ADMIN)
    change = governed.put(headed_by(city.ADMIN)).change
    assert change is not None
    with pytest.raises(DomainError) as refused:
        governed.changes.agree(change.change_id, city.PROXY, by_token_of=None)
    assert code(refused) == "unknown_change"
    governed.changes.agree(change.change_id, city.MAYOR, by_token_of=None)
    assert governed.heads() == (city.ADMIN,)


def test_an_emergency_is_in_force_at_once_marked_told_and_overtakes_what_waits(governed: Governed) -> None:
    waiting = governed.put(headed_by(city.ADMIN)).change
    assert waiting is not None
    put = governed.put(headed_by(city.OTHER), by=SECOND, emergency="災害")
    assert put.standing is DocumentStanding.EMERGENCY
    assert governed.heads() == (city.OTHER,)
    imported = Ledger(governed.database).entries("document/organisation")[-1]
    assert imported.data.model_dump()["emergency"] == "災害"
    assert governed.told("change_in_emergency") == {city.ADMIN, city.UNIT_CHIEF, city.SECTION_HEAD}
    assert governed.changes.one(waiting.change_id, city.ADMIN).change.outcome == "overtaken"
    assert governed.is_whole()


def test_one_waits_at_a_time_and_the_same_file_again_is_the_same_change(governed: Governed) -> None:
    first = governed.put(headed_by(city.OTHER)).change
    again = governed.put(headed_by(city.OTHER)).change
    assert first == again
    *others, last = WITH_TWO.people
    renamed = WITH_TWO.model_copy(update={"people": (*others, last.model_copy(update={"name": "別名"}))})
    for another in (headed_by(city.PROXY), renamed):
        with pytest.raises(DomainError) as refused:
            governed.put(another)
        assert code(refused) == "change_waits"
    assert governed.put(DEFAULT.model_copy(update={"id": "own", "pull_up": False})).change is not None, "another kind"


def test_what_replaces_the_form_of_the_first_run_is_still_a_first_document(database: Engine) -> None:
    changes = Changes(database, Directory(database), is_sample_city)
    assert changes.put(AskedDocument(ORGANISATION, FORM, WHOLE, city.ADMIN)).number == 1
    assert changes.put(AskedDocument(ORGANISATION, "o.xlsx", headed_by(city.OTHER, WHOLE), city.ADMIN)).number == 2
    assert changes.put(AskedDocument(ORGANISATION, "o.xlsx", WHOLE, city.ADMIN)).standing is DocumentStanding.WAITS


def test_what_was_altered_while_it_waited_never_takes_effect_and_is_named(governed: Governed) -> None:
    governed.put(headed_by(city.OTHER))
    with governed.database.begin() as connection:
        connection.execute(
            text("UPDATE proposed_change SET content = :content"),
            {"content": headed_by(city.ADMIN).model_dump_json(exclude={"absences", "deputies_stand_in"})},
        )
    assert [one.code for one in check.verify(governed.database).faults] == ["differs_from_its_fact"]
    governed.day.at += timedelta(days=2)
    governed.changes.take_due()
    assert governed.heads() == (city.UNIT_CHIEF,)
    (over,) = governed.changes.seen(city.ADMIN)
    assert (over.change.outcome, over.change.reason) == ("overtaken", "change_overtaken")
    assert governed.is_whole()


def test_a_row_that_no_fact_explains_waits_for_nothing(governed: Governed) -> None:
    governed.put(headed_by(city.OTHER))
    with governed.database.begin() as connection:
        connection.execute(text("UPDATE proposed_change SET id = 'forged'"))
    assert {one.code for one in check.verify(governed.database).faults} == {"no_fact_explains_it", "row_missing"}


def test_who_would_lose_the_last_administrator_by_its_day_keeps_what_is_in_force(governed: Governed) -> None:
    ending = governed.day.at.date() + timedelta(days=1)
    leaves = [
        one.model_copy(update={"valid_to": ending}) if Duty.ADMIN in one.duties else one for one in WITH_TWO.posts
    ]
    governed.put(WITH_TWO.model_copy(update={"posts": tuple(leaves)}))
    governed.day.at += timedelta(days=5)
    governed.changes.take_due()
    (over,) = governed.changes.seen(city.ADMIN)
    assert (over.change.outcome, over.change.reason) == ("overtaken", "last_administrator")
    assert governed.directory.facts().organisation.posts == WITH_TWO.posts
