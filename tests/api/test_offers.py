from typing import Any

import pytest
from sqlalchemy import text

from api.services.spread import adoption
from engine.domain.ledger.facts import OfferAnswer, OfferAnswered
from engine.domain.organisation.organisation import PostRef
from engine.domain.scope import OrgScope
from engine.domain.spread.offers import adopt_cycle, offer_id, stream_of
from engine.store.record import verify as check
from tests.api.conftest import Http, plain, problem
from tests.support import city, past


@pytest.fixture
def http(resumed: Http) -> Http:
    """Every test looks at the case that it shares, so that the file has one city of each kind."""
    return resumed


def shared(http: Http, **share: Any) -> str:
    """A case: a cycle that has gone round."""
    return past.turned(http.office, city.share().model_copy(update=share), title="届かせる")


async def offered(http: Http, case: str, *units: str, person: str = city.OWNER) -> list[dict[str, Any]]:
    answer = await http.call("POST", f"/cases/{case}/offers", person, {"org_units": list(units), "message": "どうぞ"})
    assert answer.status_code == 201, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def reply(http: Http, offer: str, person: str = city.DIRECTOR, **asked: Any) -> dict[str, Any]:
    answer = await http.call("POST", f"/offers/{offer}/answer", person, asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_an_accepted_offer_starts_an_adopt_cycle_that_must_test_again(alone: Http) -> None:
    http = alone
    case = shared(http)
    (offer,) = await offered(http, case, "U2")
    assert (offer["status"], offer["waiting_for"], offer["case_title"]) == ("offered", [city.DIRECTOR], "届かせる")
    mine = await http.call("GET", "/offers?waiting_for=me", city.DIRECTOR)
    assert [one["id"] for one in mine.json()["items"]] == [offer["id"]]
    assert (await http.call("GET", "/offers?waiting_for=me", city.OWNER)).json()["items"] == []

    taken = await reply(http, offer["id"], answer="accept", owner=city.OTHER)
    assert (taken["status"], taken["cycle_status"], taken["waiting_for"]) == ("accepted", "active", [])
    cycle = (await http.call("GET", f"/cycles/{taken['cycle_id']}")).json()
    assert (cycle["kind"], cycle["adopted_from"], cycle["parents"]) == ("adopt", case, [])
    assert (cycle["org_scope"], cycle["org_unit"], cycle["work_scope"]) == ("unit", "U2", "task")
    assert cycle["owner"] == city.OTHER
    imagine = cycle["deliverables"]["imagine"]
    assert imagine["ideal_statement"] == city.imagine().ideal_statement
    assert imagine["metrics"][0]["code"] == "minutes"
    assert not {"baseline", "target", "measured_on"} & imagine["metrics"][0].keys()
    assert "as_is" not in imagine
    assert cycle["inheritance"]["rebaseline_required"] is True
    assert cycle["inheritance"]["core_elements"] == ["一度だけ書く"]
    assert cycle["inheritance"]["adviser"] == city.OWNER
    refused = await http.call("POST", f"/cycles/{cycle['id']}/submit", city.OTHER)
    assert {one["pointer"] for one in refused.json()["errors"]} >= {"/as_is", "/metrics/0/baseline"}
    report = check.verify(http.office.database)
    with http.office.database.connect() as connection:
        kinds = connection.execute(text("SELECT type FROM ledger WHERE type <> 'token_issued'")).scalars().all()
    assert (sorted(kinds), report.faults) == (["document_imported", "offer_answered", "offer_made"], ())


async def test_an_answer_may_be_repeated_and_only_the_first_of_two_counts(http: Http) -> None:
    case = shared(http)
    (offer,) = await offered(http, case, "U2")
    answer = f"/offers/{offer['id']}/answer"
    for _ in range(2):
        done = await http.call("POST", answer, city.DIRECTOR, {"answer": "accept"}, Idempotency_Key="a")
        assert done.json()["status"] == "accepted"
    late = await http.call("POST", answer, city.DIRECTOR, {"answer": "decline", "reason": "やはり"})
    assert problem(late)[:2] == (409, "offer_over")
    again = await http.call("POST", f"/cases/{case}/offers", city.OWNER, {"org_units": ["U2"]})
    assert problem(again)[:2] == (409, "already_adopted")
    assert (await http.call("GET", f"/offers/{offer['id']}")).json()["revision"] == 2


async def test_a_refusal_and_an_adaptation_give_their_reason_and_a_refused_offer_may_come_again(http: Http) -> None:
    case = shared(http)
    (offer,) = await offered(http, case, "U2")
    for said in ("decline", "adapt"):
        bare = await http.call("POST", f"/offers/{offer['id']}/answer", city.DIRECTOR, {"answer": said})
        assert problem(bare) == (422, "invalid_fields", [("/reason", "missing")])
    declined = await reply(http, offer["id"], answer="decline", reason="年度末")
    assert (declined["status"], declined["reason"], declined["cycle_id"]) == ("declined", "年度末", None)
    (again,) = await offered(http, case, "U2", person=city.UNIT_CHIEF)
    assert (again["id"], again["status"], again["reason"]) == (offer["id"], "offered", None)
    adapting = await reply(http, offer["id"], answer="adapt", reason="様式を替える")
    assert (adapting["status"], adapting["cycle_status"]) == ("adapting", "active")


async def test_who_may_offer_answer_and_withdraw(http: Http) -> None:
    case = shared(http)
    stranger = await http.call("POST", f"/cases/{case}/offers", city.OTHER, {"org_units": ["U2"]})
    assert problem(stranger)[:2] == (403, "not_the_sharer")
    (offer,) = await offered(http, case, "U2")
    path = f"/offers/{offer['id']}"
    assert problem(await http.call("POST", f"{path}/answer", city.OTHER, {"answer": "accept"}))[1] == (
        "not_the_receiver"
    )
    assert problem(await http.call("POST", f"{path}/withdraw", city.OTHER))[1] == "not_the_sharer"
    gone = await http.call("POST", f"{path}/withdraw", city.OWNER, {"reason": "取り違え"})
    assert (gone.json()["status"], gone.json()["reason"]) == ("withdrawn", "取り違え")
    assert problem(await http.call("POST", f"{path}/answer", city.DIRECTOR, {"answer": "accept"}))[1] == "offer_over"
    assert problem(await http.call("GET", "/offers/o0"))[:2] == (404, "unknown_offer")


@pytest.mark.parametrize(
    ("units", "errors"),
    [
        (["X"], [("/org_units/0", "unknown_unit")]),
        (["U2", "S", "U"], [("/org_units/1", "unit_in_line"), ("/org_units/2", "unit_in_line")]),
        ([], [("/org_units", "missing")]),
    ],
)
async def test_units_that_cannot_take_it_over_are_named_and_nothing_is_offered(
    http: Http, units: list[str], errors: list[tuple[str, str]]
) -> None:
    case = shared(http)
    refused = await http.call("POST", f"/cases/{case}/offers", city.OWNER, {"org_units": units})
    assert problem(refused) == (422, "invalid_fields", errors)
    assert (await http.call("GET", f"/offers?case={case}")).json()["items"] == []


async def test_spread_targets_are_offered_when_share_is_approved(http: Http) -> None:
    case = shared(http, spread_targets=("U2", "S2"))
    found = (await http.call("GET", f"/offers?case={case}")).json()["items"]
    assert {(one["org_unit"], one["by_share"], one["offered_by"]) for one in found} == {
        ("U2", True, city.OWNER), ("S2", True, city.OWNER),
    }  # fmt: skip
    assert check.verify(http.office.database).faults == ()


async def told(http: Http, person: str) -> list[tuple[str, str]]:
    """What one was told about offers, oldest first, and the words with it."""
    found = (await http.call("GET", "/me/outbox?limit=100", person)).json()["items"]
    ours = [one for one in reversed(found) if one["kind"].startswith("offer")]
    assert all("届かせる" in one["text"] for one in ours)
    return [(one["kind"], one["facts"].get("words")) for one in ours]


@pytest.mark.slow
async def test_the_receiving_head_hears_of_an_offer_and_the_offerer_of_its_answer(alone: Http) -> None:
    http = alone
    case = shared(http, spread_targets=("S2",))
    assert await told(http, city.DIRECTOR) == [("offered", None)]
    (offer,) = await offered(http, case, "U2")
    assert await told(http, city.DIRECTOR) == [("offered", None), ("offered", "どうぞ")]
    assert await told(http, city.OWNER) == []
    for _ in range(2):
        headers = {"idempotency_key": "once"}
        declined = {"answer": "decline", "reason": "今は忙しい"}
        done = await http.call("POST", f"/offers/{offer['id']}/answer", city.DIRECTOR, declined, **headers)
        assert done.status_code == 200, done.text
    assert await told(http, city.OWNER) == [("offer_declined", "今は忙しい")]
    http.office.directory.enter_absence("a1", city.away(city.DIRECTOR, city.PROXY), "test")
    await offered(http, case, "U2")
    assert await told(http, city.PROXY) == [("offered", "どうぞ")]
    await http.call("POST", f"/offers/{offer['id']}/withdraw", city.OWNER, {"reason": "取り違え"})
    assert (await told(http, city.DIRECTOR))[-1] == (await told(http, city.PROXY))[-1] == (
        "offer_withdrawn", "取り違え",
    )  # fmt: skip
    await offered(http, case, "U2")
    await reply(http, offer["id"], answer="adapt", reason="様式を変える")
    assert (await told(http, city.OWNER))[-1] == ("offer_adapted", "様式を変える")
    count = len(await told(http, city.DIRECTOR))
    check.rebuild(http.office.database)
    assert len(await told(http, city.DIRECTOR)) == count
    assert check.verify(http.office.database).faults == ()


async def test_a_cycle_still_going_round_is_no_case(http: Http) -> None:
    cycle = await http.start()
    early = await http.call("POST", f"/cases/{cycle}/offers", city.OWNER, {"org_units": ["U2"]})
    assert problem(early)[:2] == (409, "case_not_shared")
    assert problem(await http.call("POST", "/cases/no/offers", city.OWNER, {"org_units": ["U2"]}))[0] == 404


async def test_an_accepted_offer_whose_cycle_is_missing_gets_it_once(http: Http) -> None:
    case = shared(http)
    (offer,) = await offered(http, case, "U2")
    name = offer_id(case, "U2")
    fact = OfferAnswered(
        answer=OfferAnswer.ACCEPT, post=PostRef(kind="head", unit="U2"), cycle_id=adopt_cycle(name),
        owner=city.OTHER, org_scope=OrgScope.UNIT,
    )  # fmt: skip
    desk = http.app.state.desk
    desk.ledger.append(stream_of(name), 1, [fact], actor=city.DIRECTOR)
    assert [one.offer_id for one in desk.offers.unstarted()] == [offer["id"]]
    await adoption.start_missing(desk)
    await adoption.start_missing(desk)
    assert desk.offers.unstarted() == []
    cycle = await http.call("GET", f"/cycles/{adopt_cycle(name)}")
    assert (cycle.json()["kind"], cycle.json()["revision"]) == ("adopt", 1)


async def test_a_share_names_only_spread_targets_that_can_take_it_over(http: Http) -> None:
    done = past.approved(http.office, city.imagine(), city.transform(), city.realise())
    cycle = await past.at_work(http.office, done)
    share = city.share().model_copy(update={"spread_targets": ("U2", "S", "X")})
    await http.call("PUT", f"/cycles/{cycle}/draft", city.OWNER, plain(share))
    refused = await http.call("POST", f"/cycles/{cycle}/submit", city.OWNER)
    errors = [("/spread_targets/1", "unit_in_line"), ("/spread_targets/2", "unknown_unit")]
    assert problem(refused) == (422, "invalid_fields", errors)


async def test_the_sharer_sees_who_copied_the_case_and_with_what_effect(alone: Http) -> None:
    http = alone
    case = shared(http)
    (offer,) = await offered(http, case, "U2")
    await offered(http, case, "S2")
    await reply(http, offer["id"], answer="accept", owner=city.OTHER)
    adopter = adopt_cycle(offer["id"])
    await http.office.turn(adopter, city.share(), minutes=21)
    copy = await http.start(adopted_from=adopter)
    told = (await http.call("GET", f"/cases/{case}/adoptions")).json()
    by_unit = {(one["org_unit"], one["depth"]): one for one in told["items"]}
    assert by_unit["U2", 1]["effect_replicated"] == 0.5
    assert by_unit["U2", 1]["days_to_adopt"] >= by_unit["U2", 1]["days_to_answer"] >= 0
    assert (by_unit["S2", 1]["status"], by_unit["S2", 1]["effect_replicated"]) == ("offered", None)
    assert (by_unit["U", 2]["status"], by_unit["U", 2]["cycle_id"]) == ("unsolicited", copy)
    totals = told["totals"]
    assert (totals["adoption_rate"], totals["unsolicited"], totals["completed"]) == (1.0, 1, 1)
    first = (await http.call("GET", "/adoptions?limit=2")).json()
    rest = (await http.call("GET", f"/adoptions?limit=2&cursor={first['next_cursor']}")).json()
    assert (len(first["items"]), len(rest["items"]), rest["next_cursor"]) == (2, 1, None)
    nowhere = await http.call("POST", "/initiatives", city.OWNER, {
        "title": "題", "org_scope": "individual", "org_unit": "U", "work_scope": "task", "adopted_from": "no",
    })  # fmt: skip
    assert problem(nowhere) == (422, "invalid_fields", [("/adopted_from", "unknown_case")])
