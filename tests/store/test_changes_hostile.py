"""An administrator who wants to decide alone and unseen: clocks, tokens, reading duties, ranks, addresses, nights."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from engine.contracts.documents import ORGANISATION, POLICY, AskedDocument
from engine.data.shipped import is_sample_city
from engine.domain.administration.changes import DocumentStanding, ProposedChange
from engine.domain.errors import DomainError
from engine.domain.organisation.organisation import Duty, Organisation, Person, Post, PostRef, PostRole, UnitLevel
from engine.domain.review.policy import DEFAULT, Policy
from engine.store.directory.changes import Changes
from engine.store.directory.directory import Directory
from engine.store.record.ledger import Ledger
from tests.support import city
from tests.support.governed import SECOND, WITH_TWO, Day, Governed, headed_by

WAITS = DocumentStanding.WAITS
City = Governed


def own(**settings: object) -> Policy:
    return DEFAULT.model_copy(update={"id": "own", **settings})


def post(person: str, unit: str, *duties: Duty, role: PostRole = PostRole.STAFF, last: date | None = None) -> Post:
    return Post(person_id=person, unit_code=unit, title="x", role=role, duties=duties, valid_to=last)


def and_posts(*posts: Post) -> Organisation:
    return WITH_TWO.model_copy(update={"posts": (*WITH_TWO.posts, *posts)})


def with_people(people: Sequence[Person]) -> Organisation:
    return WITH_TWO.model_copy(update={"people": tuple(people)})


def waiting(
    at: City, document: Organisation | Policy, by: str = city.ADMIN, by_token_of: str | None = None
) -> ProposedChange:
    kind = ORGANISATION if isinstance(document, Organisation) else POLICY
    change = at.changes.put(AskedDocument(kind, "file", document, by, None, by_token_of)).change
    assert change is not None
    return change


@pytest.mark.parametrize(("by", "maker"), [(SECOND, city.ADMIN), ("service:mine", city.ADMIN), ("service:its", None)])
def test_who_made_the_token_of_whoever_proposed_is_no_second_one(
    governed: City,
    by: str,
    maker: str | None,
) -> None:
    change = waiting(governed, headed_by(city.ADMIN), by, maker)
    with pytest.raises(DomainError) as refused:
        governed.changes.agree(change.change_id, city.ADMIN, by_token_of=None)
    assert refused.value.refusal.code == "own_change"
    with pytest.raises(DomainError) as refused:
        governed.changes.put(AskedDocument(ORGANISATION, "file", headed_by(city.OTHER), by, "x", maker))
    assert refused.value.refusal.code == "token_of_another"


@pytest.mark.parametrize(
    "update", [{"utc_offset_minutes": -720}, {"utc_offset_minutes": 840}, {"post_review": False}]
)
def test_neither_the_clock_of_the_office_nor_the_post_review_is_changed_alone(
    governed: City,
    update: dict[str, object],
) -> None:
    assert governed.put(own(**update)).standing is WAITS


def test_a_day_is_not_a_minute_at_midnight(governed: City) -> None:
    governed.day.at = datetime(2026, 11, 27, 14, 59, 30, tzinfo=UTC)
    waiting(governed, headed_by(city.ADMIN))
    governed.day.at += timedelta(minutes=1)
    assert governed.changes.take_due() == []
    governed.day.at += timedelta(days=1)
    assert len(governed.changes.take_due()) == 1


def test_a_reading_duty_counts_where_the_policy_lets_it_agree(governed: City) -> None:
    auditor = and_posts(post(city.OTHER, "U2", Duty.AUDITOR))
    named = waiting(governed, own(agreed_by=PostRef(kind="duty", duty=Duty.AUDITOR)))
    governed.changes.agree(named.change_id, SECOND, by_token_of=None)
    assert governed.put(auditor).standing is WAITS


def test_a_head_sees_their_own_office_and_not_the_whole_transfer(governed: City) -> None:
    mine = headed_by(city.OTHER)
    mine = mine.model_copy(update={"posts": (*mine.posts, post(city.PROXY, "U2", role=PostRole.HEAD))})
    change = waiting(governed, mine)
    assert {one.place for one in governed.changes.one(change.change_id, city.UNIT_CHIEF).changes} == {"head@U"}
    assert {one.place for one in governed.changes.one(change.change_id, SECOND).changes} == {"head@U", "head@U2"}


def test_the_order_of_deputies_counts_since_it_says_who_stands_in(governed: City) -> None:
    one, other = (post(name, "U", role=PostRole.DEPUTY) for name in (city.OTHER, city.PROXY))
    first = waiting(governed, and_posts(one, other))
    governed.changes.agree(first.change_id, SECOND, by_token_of=None)
    assert governed.put(and_posts(other, one)).standing is WAITS


def test_the_address_of_a_named_proxy_counts(governed: City) -> None:
    people = [
        one.model_copy(update={"email": "mine@example.jp"}) if one.person_id == city.PROXY else one
        for one in WITH_TWO.people
    ]
    governed.directory.enter_absence("a1", city.away(city.UNIT_CHIEF, city.PROXY), city.UNIT_CHIEF)
    assert governed.put(with_people(people)).standing is WAITS


def test_what_cannot_be_read_any_more_ends_and_stops_nothing_else(governed: City) -> None:
    waiting(governed, own(pull_up=False))
    waiting(governed, headed_by(city.OTHER))
    with governed.database.begin() as connection:
        connection.execute(text("UPDATE proposed_change SET content = '{' WHERE kind = 'policy'"))
    governed.day.at += timedelta(days=2)
    assert len(governed.changes.seen(city.ADMIN)) == 2
    assert len(governed.changes.take_due()) == 2
    assert governed.heads() == (city.OTHER,)
    assert governed.is_whole()


def test_an_emergency_is_listed_with_its_reason_and_leaves_it_where_it_overtakes(
    governed: City,
) -> None:
    first = waiting(governed, headed_by(city.OTHER))
    *others, last = WITH_TWO.people
    governed.put(with_people([*others, last.model_copy(update={"name": "別名"})]), by=SECOND, emergency="災害")
    closed = Ledger(governed.database).entries(f"change/{first.change_id}")[-1]
    assert closed.data.model_dump()["reason"] == "災害"
    governed.put(headed_by(city.PROXY), by=SECOND, emergency="地震")
    (latest, *_) = governed.changes.seen(city.SECTION_HEAD)
    assert (latest.change.outcome, latest.change.reason) == ("emergency", "地震")
    assert governed.is_whole()


def test_the_head_above_a_new_office_is_told(governed: City) -> None:
    office = WITH_TWO.units[1].model_copy(update={"code": "S9", "level": UnitLevel.SECTION, "parent_code": "D"})
    now = and_posts(post(city.ADMIN, "S9", role=PostRole.HEAD))
    governed.put(now.model_copy(update={"units": (*WITH_TWO.units, office)}))
    assert city.DIRECTOR in governed.told("change_proposed")


def test_the_name_of_the_form_is_kept_once_there_is_a_city(database: Engine) -> None:
    changes = Changes(database, Directory(database, Day()), is_sample_city)
    changes.put(AskedDocument(ORGANISATION, "first-run", WITH_TWO, city.ADMIN))
    with pytest.raises(DomainError) as refused:
        changes.put(AskedDocument(ORGANISATION, "first-run", headed_by(city.ADMIN), city.ADMIN))
    assert refused.value.refusal.code == "reserved_name"
