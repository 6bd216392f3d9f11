"""GET /route before and after submitting; transfers (人事異動) on 1 April; policies for reading."""

from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from engine.contracts.documents import ORGANISATION, POLICY
from engine.domain.calendar import add_business_days as day_after
from engine.domain.calendar import closing_time, local_date
from engine.domain.organisation.organisation import Organisation, Person, Post, PostRole
from engine.domain.review.policy import DEFAULT, Policy, Rule, StageRule
from engine.domain.review.review import DueRule, StageKind
from tests.api.conftest import Http, problem
from tests.support import city, past

MARCH, APRIL = datetime(2027, 3, 31, 3, tzinfo=UTC), datetime(2027, 3, 31, 15, 30, tzinfo=UTC)


@pytest.fixture
def http(quiet: Http) -> Http:
    """Documents, clocks and absences are the whole city's; a route is only read."""
    return quiet


def transferred(*, vacant: bool = False) -> Organisation:
    """On 1 April another chief takes over the unit; or nobody does."""
    base = city.organisation()
    old = next(post for post in base.posts if post.person_id == city.UNIT_CHIEF)
    posts = [post for post in base.posts if post is not old]
    posts.append(old.model_copy(update={"valid_to": date(2027, 3, 31)}))
    elsewhere = {"unit_code": "S2", "role": PostRole.STAFF, "valid_from": date(2027, 4, 1)}
    posts.append(old.model_copy(update=elsewhere))
    if not vacant:
        posts.append(
            Post(person_id="newcomer", unit_code="U", title="係長", role=PostRole.HEAD, valid_from=date(2027, 4, 1))
        )
    posts.append(Post(person_id="newcomer", unit_code="S2", title="係員", role=PostRole.STAFF))
    people = (*base.people, Person(person_id="newcomer", name="新", email="n@example.jp"))
    return base.model_copy(update={"people": people, "posts": tuple(posts)})


def at(http: Http, moment: datetime) -> None:
    for directory in (http.app.state.desk.directory, http.office.directory):
        directory.now = lambda: moment


async def inbox(http: Http, person: str) -> list[str]:
    return [one["cycle_id"] for one in (await http.call("GET", "/inbox", person)).json()["items"]]


async def test_the_route_says_who_why_by_when_and_how_long_it_usually_takes(http: Http) -> None:
    for _ in range(2):
        past.recorded(http.office, past.approved(http.office, city.imagine()))
    play = past.begun(http.office)
    cycle = past.recorded(http.office, play)
    before = (await http.call("GET", f"/cycles/{cycle}/route", accept_language="en")).json()
    play.submit(city.imagine())
    play.decide()
    past.recorded(http.office, play)
    (first,) = before["stages"]
    assert [(one["code"], one["text"]) for one in first["reasons"]] == [
        ("one_above", "decides one level above the scope (individual)")
    ]
    assert first["posts"][0]["usual"]["of"] == "overall"
    http.office.directory.enter_absence("a1", city.away(city.UNIT_CHIEF, city.PROXY), "test")
    after = (await http.call("GET", f"/cycles/{cycle}/route")).json()["stages"][0]
    usual = after["posts"][0]["usual"]
    assert (usual["n"], usual["of"], usual["seconds"] >= 0) == (3, "post", True)
    assert [one["proxy"] for one in after["posts"][0]["holders"][0]["absences"]] == [city.PROXY]
    assert {one["why"] for one in after["posts"][0]["holders"]} == {"post", "proxy"}
    assert after["escalates_at"] > after["due_at"]


async def test_later_stages_are_counted_from_the_due_date_before_them_and_escalation_is_named(http: Http) -> None:
    line = [StageRule(kind=StageKind.LINE, posts=(post,)) for post in ("head@U", "head@S")]
    beside = StageRule(kind=StageKind.LINE, posts=("head@S2",), beside_previous=True, due=DueRule(business_days=9))
    final = StageRule(kind=StageKind.FINAL, posts=("head@D",))
    base = city.organisation()
    chief = Post(person_id=city.OTHER, unit_code="S2", title="課長", role=PostRole.HEAD)
    http.office.import_(base.model_copy(update={"posts": (*base.posts, chief)}))
    policy = Policy(id="long", rules=(Rule(stages=(*line, beside, final)),), concurrence=())
    http.office.directory.import_document(POLICY, "long", policy, "test")
    tuesday = datetime(2026, 6, 2, 1, tzinfo=UTC)
    at(http, tuesday)
    play = past.begun(http.office)
    cycle = past.recorded(http.office, play)

    async def stages() -> list[Any]:
        return (await http.call("GET", f"/cycles/{cycle}/route")).json()["stages"]  # type: ignore[no-any-return]

    before = await stages()
    assert [one["due_at"][:10] for one in before] == ["2026-06-09", "2026-06-16", "2026-06-22", "2026-06-29"]
    assert [one["escalates_to"] for one in before[:2]] == ["head@S", "head@D"]
    assert [[who["person_id"] for who in one["escalates_to_people"]] for one in before[:2]] == [
        [city.SECTION_HEAD], [city.DIRECTOR],
    ]  # fmt: skip
    today = datetime.now(UTC)
    at(http, today)
    play.at = today
    play.submit(city.imagine())
    past.recorded(http.office, play)
    day, closed = local_date(today, 540), http.office.directory.facts().closed_days
    away = day_after(day, 16, closed)
    http.office.directory.enter_absence("a1", city.away(city.DIRECTOR, first=f"{away}", last=f"{away}"), "test")
    under_way = await stages()
    assert [one["due_at"] for one in under_way] == [due(day_after(day, days, closed)) for days in (5, 10, 14, 19)]
    assert [one["first"] for one in under_way[3]["posts"][0]["holders"][0]["absences"]] == [f"{away}"]
    later = day_after(day, 8, closed)  # the first one is overdue
    at(http, datetime.combine(later, time(1), UTC))
    assert [one["due_at"] for one in await stages()] == [
        due(day_after(day, 5, closed)), *(due(day_after(later, days, closed)) for days in (5, 9, 14)),
    ]  # fmt: skip


def due(day: date) -> str:
    return closing_time(day, 540).isoformat().replace("+00:00", "Z")


async def test_a_closed_stage_beside_an_open_one_is_done(http: Http) -> None:
    side = [
        StageRule(kind=StageKind.LINE, posts=("head@U",)),
        StageRule(kind=StageKind.LINE, posts=("head@S",), beside_previous=True),
    ]
    policy = Policy(id="side", rules=(Rule(stages=(*side, StageRule(posts=("head@D",)))),), concurrence=())
    http.office.directory.import_document(POLICY, "side", policy, "test")
    play = past.in_review(http.office)
    play.decide(by=city.UNIT_CHIEF)
    cycle = past.recorded(http.office, play)
    found = (await http.call("GET", f"/cycles/{cycle}/route")).json()["stages"]
    assert [(one["state"], one["due_at"] is None) for one in found] == [
        ("done", True), ("open", False), ("later", False),
    ]  # fmt: skip


async def test_nothing_is_known_about_the_usual_time_before_anybody_decided(http: Http) -> None:
    cycle = past.recorded(http.office, past.begun(http.office))
    found = (await http.call("GET", f"/cycles/{cycle}/route")).json()
    assert found["stages"][0]["posts"][0]["usual"] is None


async def test_on_1_april_inbox_and_permission_move_to_the_new_holder(alone: Http) -> None:
    http = alone
    http.office.import_(transferred())
    at(http, MARCH)
    cycle = await http.start()
    await http.hand_in(cycle, city.imagine())
    assert (await inbox(http, city.UNIT_CHIEF), await inbox(http, "newcomer")) == ([cycle], [])
    at(http, APRIL)
    assert (await inbox(http, city.UNIT_CHIEF), await inbox(http, "newcomer")) == ([], [cycle])
    approve = {"action": "approve", "round": 1}
    late = await http.call("POST", f"/cycles/{cycle}/decisions", city.UNIT_CHIEF, approve)
    assert problem(late)[:2] == (403, "not_your_decision")
    done = await http.call("POST", f"/cycles/{cycle}/decisions", "newcomer", approve)
    assert done.status_code == 200, done.text


async def test_a_post_left_vacant_on_1_april_goes_one_up_and_the_route_says_so(http: Http) -> None:
    http.office.import_(transferred(vacant=True))
    at(http, MARCH)
    cycle = past.recorded(http.office, past.in_review(http.office))
    at(http, APRIL)
    assert await inbox(http, city.SECTION_HEAD) == [cycle]
    found = (await http.call("GET", f"/cycles/{cycle}/route")).json()["stages"][0]
    assert "vacant_goes_up" in {one["code"] for one in found["reasons"]}


async def test_a_proxy_chain_moves_with_the_date(http: Http) -> None:
    http.office.import_(transferred())
    at(http, MARCH)
    cycle = past.recorded(http.office, past.in_review(http.office))
    http.office.directory.enter_absence("old", city.away(city.UNIT_CHIEF, city.PROXY), "test")
    assert await inbox(http, city.PROXY) == [cycle]
    at(http, APRIL)
    assert await inbox(http, city.PROXY) == []
    http.office.directory.enter_absence("new", city.away("newcomer", city.OTHER), "test")
    assert await inbox(http, city.OTHER) == [cycle]


async def test_a_unit_that_a_new_file_leaves_out_still_leads_to_the_unit_above(http: Http) -> None:
    cycle = past.recorded(http.office, past.in_review(http.office))
    base = city.organisation()
    gone = base.model_copy(
        update={
            "units": tuple(one for one in base.units if one.code != "U"),
            "posts": tuple(one for one in base.posts if one.unit_code != "U"),
        }
    )
    http.office.directory.import_document(ORGANISATION, "merged", gone, "test")
    assert await inbox(http, city.SECTION_HEAD) == [cycle]
    again = http.office.directory.import_document(ORGANISATION, "merged", gone, "test")
    assert again == http.office.directory.import_document(ORGANISATION, "merged", gone, "test")
    started = await http.call(
        "POST", "/initiatives", json={"title": "題", "org_scope": "unit", "org_unit": "U", "work_scope": "task"}
    )
    assert problem(started)[:2] == (401, "no_post_today")


async def test_policies_can_be_read_and_a_review_under_way_keeps_its_own(http: Http) -> None:
    cycle = past.recorded(http.office, past.in_review(http.office))
    first = (await http.call("GET", "/policies")).json()["items"]
    assert [(one["number"], one["in_force"]) for one in first] == [(0, True)]
    http.office.directory.import_document(POLICY, "own", DEFAULT.model_copy(update={"id": "own"}), "test")
    own, builtin = (await http.call("GET", "/policies")).json()["items"]
    assert (own["id"], own["in_force"], builtin["in_force"]) == ("own", True, False)
    whole = (await http.call("GET", f"/policies/{own['number']}")).json()
    assert whole["policy"]["due"]["business_days"] == 5
    assert problem(await http.call("GET", "/policies/999"))[:2] == (404, "unknown_policy")
    assert (await http.call("GET", f"/cycles/{cycle}/route")).json()["policy"] == "default"
    later = past.recorded(http.office, past.begun(http.office))
    assert (await http.call("GET", f"/cycles/{later}/route")).json()["policy"] == "own"
