from typing import Any

import pytest

from engine.domain.scope import OrgScope, WorkScope
from tests.api.conftest import Http, plain, problem
from tests.support import city, past
from tests.support.office import expand

STARTS: list[tuple[dict[str, Any], tuple[str, str]]] = [
    ({"org_unit": "nowhere"}, ("/org_unit", "unknown_unit")),
    ({"org_scope": "section"}, ("/org_unit", "unit_on_another_level")),
    ({"org_scope": "planet"}, ("/org_scope", "not_a_choice")),
    ({"title": 5}, ("/title", "wrong_type")),
    ({"title": "  "}, ("/title", "missing")),
    ({"title": "長" * 201}, ("/title", "too_long")),
    ({"color": "red"}, ("/color", "unknown_field")),
    ({"startup": "XX-99"}, ("/startup", "unknown_startup")),
    ({"pillar": "P9"}, ("/pillar", "not_a_choice")),
]
DRAFTS: list[tuple[dict[str, Any], tuple[str, str]]] = [
    ({"ideal": "?"}, ("/ideal", "unknown_field")),
    ({"as_is": {"cases_per_year": "many"}}, ("/as_is/cases_per_year", "wrong_type")),
    ({"as_is": {"cases_per_year": True}}, ("/as_is/cases_per_year", "wrong_type")),
    ({"as_is": {"minutes_per_case": -1}}, ("/as_is/minutes_per_case", "out_of_range")),
    ({"metrics": [{"direction": "sideways"}]}, ("/metrics/0/direction", "not_a_choice")),
    ({"metrics": [{"due": "someday"}]}, ("/metrics/0/due", "not_a_date")),
    ({"metrics": [{"code": "has space"}]}, ("/metrics/0/code", "bad_value")),
]


@pytest.fixture
def http(resumed: Http) -> Http:
    """What is refused changes nothing, so that the file has one city of each kind."""
    return resumed


@pytest.fixture(scope="module")
async def begun(shared: Http) -> str:
    """A cycle for tests that change nothing of it, in the city of the file."""
    cycle = await shared.start()
    await shared.settled()
    return cycle


@pytest.fixture(scope="module")
async def in_review(shared: Http) -> str:
    """Another one, whose first step waits for a decision."""
    return await past.at_work(shared.office, past.in_review(shared.office))


@pytest.mark.parametrize(("wrong", "place"), STARTS)
async def test_a_wrong_start_names_its_field_and_starts_nothing(
    http: Http, wrong: dict[str, Any], place: tuple[str, str]
) -> None:
    before = http.journal()
    asked = {"title": "題", "org_scope": "individual", "org_unit": "U", "work_scope": "task"} | wrong
    answer = await http.call("POST", "/initiatives", json=asked)
    assert problem(answer) == (422, "invalid_fields", [place])
    assert http.journal() == before


@pytest.mark.parametrize(("wrong", "place"), DRAFTS)
async def test_a_wrong_draft_names_its_field_and_changes_nothing(
    http: Http, begun: str, wrong: dict[str, Any], place: tuple[str, str]
) -> None:
    before = http.journal()
    assert problem(await http.call("PUT", f"/cycles/{begun}/draft", json=wrong)) == (422, "invalid_fields", [place])
    assert http.journal() == before


async def test_a_submission_names_every_missing_field_in_both_languages(http: Http, begun: str) -> None:
    before = http.journal()
    japanese = await http.call("POST", f"/cycles/{begun}/submit", accept_language="ja")
    english = await http.call("POST", f"/cycles/{begun}/submit", accept_language="fr, en;q=0.8, ja;q=0.1")
    places = [place for place, _ in problem(japanese)[2]]
    assert places == ["/ideal_statement", "/challenged_assumptions", "/as_is", "/metrics", "/left_behind"]
    assert problem(japanese) == problem(english)
    assert japanese.json()["errors"][0]["message"] == "入力が必要です。"
    assert english.json()["errors"][0]["message"] == "This is needed."
    assert (japanese.headers["content-language"], english.headers["content-language"]) == ("ja", "en")
    assert http.journal() == before


async def test_a_percentage_beyond_a_hundred_is_refused_at_submit(http: Http) -> None:
    cycle = await http.start()
    draft = plain(city.imagine())
    draft["metrics"][0] |= {"unit": "%", "baseline": 130, "target": 10}
    await http.call("PUT", f"/cycles/{cycle}/draft", json=draft)
    answer = await http.call("POST", f"/cycles/{cycle}/submit")
    assert problem(answer)[2] == [("/metrics/0/baseline", "out_of_unit_range")]


async def test_a_next_cycle_that_does_not_grow_is_refused_at_submit(http: Http) -> None:
    done = past.approved(http.office, city.imagine(), city.transform(), city.realise())
    cycle = await past.at_work(http.office, done)
    same = city.share(expand(OrgScope.INDIVIDUAL, WorkScope.TASK))
    await http.call("PUT", f"/cycles/{cycle}/draft", json=plain(same))
    before = http.journal()
    answer = await http.call("POST", f"/cycles/{cycle}/submit")
    assert problem(answer)[2] == [("/next/0/work_scope", "scope_does_not_grow")] or problem(answer)[2] == [
        ("/next/0/org_scope", "scope_does_not_grow")
    ]
    assert http.journal() == before


async def test_decisions_in_the_wrong_state_round_or_hands_are_refused_and_change_nothing(http: Http) -> None:
    cycle = await http.start()
    place = f"/cycles/{cycle}/decisions"
    approve = {"action": "approve", "round": 1}
    assert problem(await http.call("POST", place, city.UNIT_CHIEF, approve | {"round": 0}))[:2] == (409, "round_over")
    await http.hand_in(cycle, city.imagine())
    await http.settled()
    before = http.journal()
    refusals = [
        (city.UNIT_CHIEF, approve | {"round": 9}, (409, "round_over")),
        (city.OTHER, approve, (403, "not_your_decision")),
        (city.OWNER, approve, (403, "own_work")),
        (city.UNIT_CHIEF, {"action": "return", "round": 1}, (422, "invalid_fields")),
        (city.UNIT_CHIEF, {"action": "reject", "round": 1, "reason": " "}, (422, "invalid_fields")),
        (city.UNIT_CHIEF, {"action": "hold", "round": 1}, (422, "invalid_fields")),
        (city.UNIT_CHIEF, {"action": "hold", "round": 1, "hold_until": "2020-01-01"}, (422, "invalid_fields")),
        (city.UNIT_CHIEF, {"action": "nod", "round": 1}, (422, "invalid_fields")),
        (city.UNIT_CHIEF, {"action": "approve"}, (422, "invalid_fields")),
        (city.UNIT_CHIEF, {"round": 1}, (422, "invalid_fields")),
    ]
    for person, body, expected in refusals:
        assert problem(await http.call("POST", place, person, body))[:2] == expected, body
    assert problem(await http.call("PUT", f"/cycles/{cycle}/draft", json={}))[:2] == (409, "in_review")
    assert http.journal() == before
    await http.approve(cycle)
    late = await http.call("POST", place, city.UNIT_CHIEF, approve | {"action": "reject", "reason": "?"})
    assert problem(late)[:2] == (409, "round_over")
    assert late.json()["params"]["by"] == city.UNIT_CHIEF
    assert late.json()["params"]["action"] == "approve"


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"action": "approve", "conditions": [{"text": "x"}]}, "/conditions", "only_with_conditions"),
        ({"action": "approve", "hold_until": "2099-01-01"}, "/hold_until", "only_with_hold"),
        ({"action": "approve", "return_to": "drafter"}, "/return_to", "only_with_return"),
        ({"action": "hold", "hold_until": "2099-01-01", "return_to": "imagine"}, "/return_to", "only_with_return"),
        ({"action": "reject", "reason": "x", "hold_until": "2099-01-01"}, "/hold_until", "only_with_hold"),
        ({"action": "return", "reason": "x", "conditions": [{}]}, "/conditions", "only_with_conditions"),
    ],
)
async def test_a_decision_that_carries_another_one_s_field_is_refused_in_both_languages(
    http: Http, in_review: str, body: dict[str, Any], pointer: str, code: str
) -> None:
    before = http.journal()
    for language, said in (("ja", "のときだけ"), ("en", "only")):
        asked = {"Accept-Language": language}
        answer = await http.call(
            "POST", f"/cycles/{in_review}/decisions", city.UNIT_CHIEF, body | {"round": 1}, **asked
        )
        assert answer.status_code == 422
        assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [(pointer, code)]
        assert said in answer.json()["errors"][0]["message"]
        assert "_" not in answer.json()["errors"][0]["message"]
    assert http.journal() == before


async def test_only_the_owner_writes_and_only_staff_of_the_unit_start(http: Http, begun: str) -> None:
    before = http.journal()
    draft = f"/cycles/{begun}/draft"
    assert problem(await http.call("PUT", draft, city.UNIT_CHIEF, {}))[:2] == (403, "owner_only")
    assert problem(await http.call("PUT", draft, city.OTHER, {}))[:2] == (404, "unknown_cycle")
    asked = {"title": "題", "org_scope": "individual", "org_unit": "U", "work_scope": "task"}
    assert problem(await http.call("POST", "/initiatives", city.OTHER, asked))[:2] == (403, "not_your_unit")
    assert http.journal() == before


async def test_who_is_not_signed_in_gets_401_and_learns_nothing(http: Http) -> None:
    assert problem(await http.call("GET", "/me", None))[:2] == (401, "not_signed_in")
    wrong = await http.client.get("/api/v1/me", headers={"Authorization": "Bearer x.y.z"})
    assert problem(wrong)[:2] == (401, "token_invalid")
    assert wrong.headers["www-authenticate"] == "Bearer"
    assert problem(await http.call("GET", "/me", "stranger"))[:2] == (401, "unknown_caller")


async def test_what_is_not_there_not_allowed_not_json_or_too_large_is_a_problem_too(http: Http) -> None:
    assert problem(await http.call("GET", "/nothing"))[:2] == (404, "not_found")
    assert problem(await http.call("GET", "/cycles/none-1"))[:2] == (404, "unknown_cycle")
    assert problem(await http.call("DELETE", "/me"))[:2] == (405, "method_not_allowed")
    head = {"Authorization": f"Bearer {http.token(city.OWNER)}", "content-type": "application/json"}
    broken = await http.client.post("/api/v1/initiatives", content=b"{", headers=head)
    assert problem(broken) == (422, "invalid_fields", [("", "not_json")])
    huge = await http.client.post("/api/v1/initiatives", content=b"x" * 1_000_001, headers=head)
    assert problem(huge)[:2] == (413, "too_large")


async def test_wrong_query_parameters_are_named(http: Http) -> None:
    assert problem(await http.call("GET", "/cycles?limit=201"))[2] == [("?limit", "out_of_range")]
    assert problem(await http.call("GET", "/cycles?step=fly"))[2] == [("?step", "not_a_choice")]
    assert problem(await http.call("GET", "/cycles?cursor=abc"))[2] == [("?cursor", "bad_cursor")]
    assert problem(await http.call("GET", "/cycles?colour=red"))[2] == [("?colour", "unknown_field")]


async def test_absences_are_checked(http: Http) -> None:
    mine = {"from": "2026-12-01", "to": "2026-12-03"}
    assert (await http.call("POST", "/absences", json=mine)).status_code == 201
    assert problem(await http.call("POST", "/absences", json=mine))[:2] == (409, "absence_overlaps")
    backwards = {"from": "2026-12-09", "to": "2026-12-08", "proxy": "nobody"}
    assert problem(await http.call("POST", "/absences", json=backwards))[2] == [
        ("/to", "ends_before_it_starts"), ("/proxy", "unknown_person"),
    ]  # fmt: skip
    other = mine | {"person_id": city.OTHER}
    assert problem(await http.call("POST", "/absences", json=other))[:2] == (403, "not_your_absence")
    assert (await http.call("POST", "/absences", city.ADMIN, other)).status_code == 201
