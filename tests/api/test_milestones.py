from datetime import date, timedelta

from engine.contracts.documents import ORGANISATION, ROADMAP
from engine.domain.organisation.organisation import Duty, Organisation, PostRole
from engine.domain.roadmap import Edition, Governance, Startup, StartupMilestone
from engine.store.record import verify as check
from tests.api.conftest import Http, problem
from tests.support import city

PLACE = "/roadmap/startups/CA-01/milestones/M1/reports"


def with_dx_team() -> Organisation:
    here = city.organisation()
    member = here.posts[0].model_copy(
        update={"person_id": city.OTHER, "unit_code": "U2", "role": PostRole.STAFF, "duties": (Duty.DX_TEAM,)}
    )
    return here.model_copy(update={"posts": (*here.posts, member)})


def put_in_force(http: Http, due: date, edition: str = "one") -> None:
    goal = StartupMilestone(code="M1", name="サンプル 棚卸し", due=due)
    startup = Startup(code="CA-01", governance=Governance.CROSS_AGENCY, milestones=(goal,))
    http.office.directory.import_document(ROADMAP, edition, Edition(id=edition, startups=(startup,)), "test")
    http.office.directory.import_document(ORGANISATION, "with dx", with_dx_team(), "test")


async def test_the_dx_team_reports_a_milestone_and_everybody_sees_how_it_stands(quiet: Http) -> None:
    today = quiet.office.directory.facts().today
    put_in_force(quiet, today - timedelta(days=3))
    (before,) = (await quiet.call("GET", "/roadmap")).json()["startups"][0]["milestones"]
    assert (before["state"], before["grade"]) == ("late", None)
    said = {"grade": "C", "note": "人手が足りない"}
    first = await quiet.call("POST", PLACE, city.OTHER, said, Idempotency_Key="k")
    again = await quiet.call("POST", PLACE, city.OTHER, said, Idempotency_Key="k")
    assert (first.status_code, again.json()) == (201, first.json())
    done = await quiet.call("POST", PLACE, city.OTHER, {"grade": "B", "done_on": today.isoformat()})
    assert done.json()["state"] == "done"
    history = (await quiet.call("GET", PLACE)).json()["items"]
    assert [(one["grade"], one["by"]) for one in history] == [("B", city.OTHER), ("C", city.OTHER)]
    assert check.verify(quiet.office.database).faults == ()


async def test_a_report_by_somebody_else_or_of_something_unknown_is_refused(quiet: Http) -> None:
    put_in_force(quiet, date(2027, 3, 31))
    assert problem(await quiet.call("POST", PLACE, city.OWNER, {"grade": "A"}))[:2] == (403, "dx_team_only")
    elsewhere = PLACE.replace("M1", "M9")
    assert problem(await quiet.call("POST", elsewhere, city.OTHER, {"grade": "A"}))[:2] == (404, "unknown_milestone")
    assert problem(await quiet.call("GET", elsewhere))[:2] == (404, "unknown_milestone")
    assert problem(await quiet.call("GET", PLACE.replace("CA-01", "CA-99")))[:2] == (404, "unknown_startup")
    assert (await quiet.call("GET", PLACE)).json()["items"] == []
    status, code, fields = problem(await quiet.call("POST", PLACE, city.OTHER, {"grade": "E"}))
    assert (status, code, fields) == (422, "invalid_fields", [("/grade", "not_a_choice")])


async def test_what_was_reported_is_shown_as_of_a_day_before_as_it_was_known_then(quiet: Http) -> None:
    today = quiet.office.directory.facts().today
    put_in_force(quiet, today)
    await quiet.call("POST", PLACE, city.OTHER, {"grade": "A", "done_on": today.isoformat()})
    put_in_force(quiet, today + timedelta(days=200), "two")
    (now,) = (await quiet.call("GET", "/roadmap")).json()["startups"][0]["milestones"]
    assert (now["due"], now["state"]) == ((today + timedelta(days=200)).isoformat(), "done")
