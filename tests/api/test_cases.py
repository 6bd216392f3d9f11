import json
from typing import Any

import pytest
from sqlalchemy import text

from engine.domain.deliverables import Share
from engine.domain.deliverables.share import PublicLevel
from engine.domain.review.review import Action
from engine.domain.scope import OrgScope, WorkScope
from engine.store.database import writing
from engine.store.record import verify as check
from tests.api.conftest import Http, plain, problem
from tests.support import city, past
from tests.support.office import expand


def share(summary: str, **more: Any) -> Share:
    made = city.share()
    assert made.case is not None
    return made.model_copy(update={"case": made.case.model_copy(update={"summary": summary})} | more)


@pytest.fixture
def http(quiet: Http) -> Http:
    """Every test looks at the whole library, and what stands in it is only read."""
    return quiet


def shared(http: Http, summary: str, minutes: float = 12, **more: Any) -> str:
    return past.turned(http.office, share(summary, **more), minutes)


def begun(http: Http, title: str) -> str:
    """A cycle that has only a title."""
    return past.recorded(http.office, past.begun(http.office, title=title))


async def ids(http: Http, query: str) -> list[str]:
    answer = await http.call("GET", f"/cases{query}")
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["items"]]


async def test_a_shared_result_is_found_by_words_and_filters_and_shown_as_a_sheet(http: Http) -> None:
    better = shared(http, "市民窓口課の転記をやめた", public_level=PublicLevel.PUBLIC)
    worse = shared(http, "申請を電子にしたら遅くなった", minutes=45)
    assert await ids(http, "") == [worse, better]
    assert await ids(http, "?q=窓口課 転記") == [better]
    assert await ids(http, "?worse=true") == [worse]
    assert await ids(http, "?public_level=public&difficulty=low&kind=start&org_scope=individual") == [better]
    assert await ids(http, "?q=無い言葉") == []
    (line,) = (await http.call("GET", "/cases?q=窓口課")).json()["items"]
    assert [(piece["text"], piece["hit"]) for piece in line["snippet"]] == [
        ("市民", False), ("窓口課", True), ("の転記をやめた", False),
    ]  # fmt: skip
    sheet = (await http.call("GET", f"/cases/{worse}")).json()
    assert sheet["summary"] == "申請を電子にしたら遅くなった"
    assert (sheet["figures"]["standing"], sheet["figures"]["worse"]) == ("shared", True)
    assert sheet["figures"]["minutes_saved_per_case"] == -15
    assert sheet["deliverables"]["share"]["core_elements"] == ["一度だけ書く"]
    assert problem(await http.call("GET", "/cases/no"))[:2] == (404, "unknown_case")


@pytest.mark.slow
async def test_pages_of_the_library_neither_repeat_nor_skip(http: Http) -> None:
    made = {shared(http, f"転記をやめた その{number}") for number in range(3)}
    for q in ("", "&q=転記"):
        seen: list[str] = []
        cursor = ""
        while True:
            page = (await http.call("GET", f"/cases?limit=1{q}{cursor}")).json()
            seen += [one["id"] for one in page["items"]]
            if page["next_cursor"] is None:
                break
            cursor = f"&cursor={page['next_cursor']}"
        assert (len(seen), set(seen)) == (3, made), q
        assert problem(await http.call("GET", f"/cases?cursor=x{q}"))[2] == [("?cursor", "bad_cursor")]


async def test_the_approved_steps_of_a_rejected_cycle_stay_in_the_library(http: Http) -> None:
    play = past.in_review(http.office, city.imagine(), city.transform())
    past.recorded(http.office, play)
    assert await ids(http, "") == []
    play.decide(Action.REJECT, reason="効果が見込めない")
    cycle = past.recorded(http.office, play)
    sheet = (await http.call("GET", f"/cases/{cycle}")).json()
    assert sheet["figures"]["standing"] == "rejected"
    assert sheet["deliverables"]["imagine"]["ideal_statement"]
    assert sheet["deliverables"]["transform"] == {}
    assert await ids(http, "?standing=rejected") == [cycle]
    offer = await http.call("POST", f"/cases/{cycle}/offers", city.OWNER, {"org_units": ["U2"]})
    assert problem(offer)[1] == "case_not_shared"


async def test_the_library_is_checked_and_made_again_with_the_rest(http: Http) -> None:
    case = shared(http, "転記をやめた")
    database = http.office.database
    assert check.verify(database).faults == ()
    for change, table in (
        ("UPDATE case_sheet SET worse = NOT worse", "case_sheet"),
        ("DELETE FROM case_search", "case_search"),
        ("DELETE FROM case_sheet", "case_sheet"),
    ):
        with writing(database) as session:
            session.execute(text(change))
        assert table in {fault.where for fault in check.verify(database).faults}
        check.rebuild(database)
        assert check.verify(database).faults == ()
    assert json.loads((await http.call("GET", "/cases?q=転記")).text)["items"][0]["id"] == case


async def test_cases_like_what_is_imagined_are_suggested_with_the_reason(http: Http) -> None:
    like = shared(http, "転記をやめた")
    cycle = begun(http, "転記をやめる窓口")
    (first,) = (await http.call("GET", f"/cycles/{cycle}/similar")).json()["items"]
    assert (first["id"], first["likeness"]["same_pillar"], first["likeness"]["metrics"]) == (like, False, [])
    assert "転記" in first["likeness"]["words"]
    await http.call("PUT", f"/cycles/{cycle}/draft", city.OWNER, plain(city.imagine()))
    (better,) = (await http.call("GET", f"/cycles/{cycle}/similar")).json()["items"]
    assert better["likeness"]["metrics"] == ["minutes"]
    assert better["likeness"]["score"] > first["likeness"]["score"]


async def test_crumbs_of_grammar_are_no_likeness_and_one_title_of_an_office_stands_once(http: Http) -> None:
    shared(http, "転記をやめた")
    shared(http, "転記をやめた")
    crumbs = begun(http, "これをなくしたものって")
    assert (await http.call("GET", f"/cycles/{crumbs}/similar")).json()["items"] == []
    like = begun(http, "転記")
    (only,) = (await http.call("GET", f"/cycles/{like}/similar")).json()["items"]
    assert only["likeness"]["words"] == ["転記"]


async def test_of_each_other_initiative_one_case_is_suggested_and_none_of_its_own(http: Http) -> None:
    first = past.turned(http.office, city.share(expand(OrgScope.UNIT, WorkScope.TASK)))
    following = past.following(http.office, first)
    second = past.recorded(http.office, following)
    own = (await http.call("GET", f"/cycles/{second}/similar")).json()["items"]
    assert [one["id"] for one in own] == []
    for deliverable in (city.imagine(city.office_day()), city.transform(), city.realise(), city.share()):
        following.submit(deliverable)
        following.approve()
    past.recorded(http.office, following)
    other = begun(http, "転記をやめた窓口")
    found = (await http.call("GET", f"/cycles/{other}/similar")).json()["items"]
    assert len([one["id"] for one in found if one["id"].startswith(first)]) == 1
