from engine.domain.deliverables import Imagine
from tests.api.conftest import Http, plain, problem
from tests.support import city

MORE = {"ideal_statement": "待たずに届く", "as_is": {"cases_per_year": 1500, "minutes_per_case": 30}}


async def test_two_versions_can_be_read_and_compared(http: Http) -> None:
    cycle = await http.start()
    await http.hand_in(cycle, city.imagine())
    back = {"action": "return", "round": 1, "reason": "数え直してください"}
    assert (await http.call("POST", f"/cycles/{cycle}/decisions", city.UNIT_CHIEF, back)).status_code == 200
    await http.hand_in(cycle, Imagine.model_validate(plain(city.imagine()) | MORE))
    listed = (await http.call("GET", f"/cycles/{cycle}/versions")).json()["items"]
    assert [(one["n"], one["step"], one["outcome"]) for one in listed] == [
        (1, "imagine", "returned"), (2, "imagine", "in_review"),
    ]  # fmt: skip
    first = (await http.call("GET", f"/cycles/{cycle}/versions/1", city.UNIT_CHIEF)).json()
    assert first["deliverable"] == plain(city.imagine())
    assert first["hash"] == listed[0]["hash"]
    found = (await http.call("GET", f"/cycles/{cycle}/versions/1/diff/2")).json()
    assert (found["a"], found["b"], found["step"]) == (1, 2, "imagine")
    assert [(one["pointer"], one["kind"], one["key_field"]) for one in found["items"]] == [
        ("/ideal_statement", "changed", False), ("/as_is/cases_per_year", "changed", True),
    ]  # fmt: skip
    missing = await http.call("GET", f"/cycles/{cycle}/versions/9")
    assert problem(missing) == (404, "unknown_version", [])
    assert problem(await http.call("GET", "/cycles/none/versions")) == (404, "unknown_cycle", [])
