import asyncio
from uuid import uuid4

import pytest

from tests.api.conftest import Http, plain, problem
from tests.support import city, past


@pytest.fixture
def http(resumed: Http) -> Http:
    """Every test looks at the cycle that it begins, so that the file has one city of each kind."""
    return resumed


async def test_the_same_key_and_body_give_the_same_answer_and_nothing_happens_twice(http: Http) -> None:
    asked = {"title": "題", "org_scope": "individual", "org_unit": "U", "work_scope": "task"}
    key, before = uuid4().hex, http.journal()
    first = await http.call("POST", "/initiatives", json=asked, idempotency_key=key)
    again = await http.call("POST", "/initiatives", json=asked, idempotency_key=key)
    assert (again.status_code, again.json(), again.headers["location"]) == (
        201, first.json(), first.headers["location"],
    )  # fmt: skip
    assert again.headers["idempotency-replayed"] == "true"
    assert http.journal() == before + 1


async def test_the_same_key_with_another_body_is_refused(http: Http) -> None:
    cycle = await http.start()
    one = await http.call("POST", f"/cycles/{cycle}/comments", json={"text": "一"}, idempotency_key="k")
    other = await http.call("POST", f"/cycles/{cycle}/comments", json={"text": "二"}, idempotency_key="k")
    assert (one.status_code, problem(other)[:2]) == (200, (422, "idempotency_key_reused"))


async def test_a_key_belongs_to_its_person(http: Http) -> None:
    cycle = await http.start()
    for person in (city.OWNER, city.UNIT_CHIEF):
        said = await http.call("POST", f"/cycles/{cycle}/comments", person, {"text": "同じ鍵"}, idempotency_key="k")
        assert said.status_code == 200
    assert (await http.call("GET", f"/cycles/{cycle}")).json()["comments"] == 2


async def test_equal_requests_at_the_same_instant_act_once(http: Http) -> None:
    cycle = await past.at_work(http.office, past.in_review(http.office))
    approve = {"action": "approve", "round": 1}
    answers = await asyncio.gather(
        *(
            http.call("POST", f"/cycles/{cycle}/decisions", city.UNIT_CHIEF, approve, idempotency_key="once")
            for _ in range(5)
        )
    )
    assert {answer.status_code for answer in answers} == {200}
    assert len((await http.call("GET", f"/cycles/{cycle}")).json()["decisions"]) == 1


async def test_a_refusal_is_repeated_too_until_another_key_is_used(http: Http) -> None:
    cycle = await http.start()
    refused = await http.call("POST", f"/cycles/{cycle}/submit", idempotency_key="early")
    await http.call("PUT", f"/cycles/{cycle}/draft", json=plain(city.imagine()))
    again = await http.call("POST", f"/cycles/{cycle}/submit", idempotency_key="early")
    assert (again.status_code, again.json()) == (refused.status_code, refused.json())
    assert (await http.call("POST", f"/cycles/{cycle}/submit", idempotency_key="now")).status_code == 200


async def test_a_key_that_is_none_is_refused(http: Http) -> None:
    answer = await http.call("POST", "/initiatives", json={}, idempotency_key="k" * 256)
    assert problem(answer)[:2] == (422, "bad_idempotency_key")


async def test_if_match_lets_only_the_first_of_two_writers_through(http: Http) -> None:
    cycle = await http.start()
    first = await http.call("PUT", f"/cycles/{cycle}/draft", json={"ideal_statement": "一"}, if_match='"1"')
    second = await http.call("PUT", f"/cycles/{cycle}/draft", json={"ideal_statement": "二"}, if_match='"1"')
    assert (first.status_code, first.headers["etag"]) == (200, '"1.1"')
    assert problem(second)[:2] == (412, "revision_differs")
    assert (await http.call("GET", f"/cycles/{cycle}")).json()["deliverables"]["imagine"]["ideal_statement"] == "一"
    assert problem(await http.call("POST", f"/cycles/{cycle}/pull-back", if_match="x"))[:2] == (422, "invalid_fields")
