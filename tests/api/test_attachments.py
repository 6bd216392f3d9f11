from typing import Any

import httpx
import pytest

from engine.domain.cycle.attachments import LARGEST
from engine.store.record import verify as check
from tests.api.conftest import Http, problem
from tests.support import city, past
from tests.support.unguarded import unguard

PDF = b"%PDF-1.7 \xe3\x81\x82"


async def upload(
    http: Http, cycle: str, content: bytes = PDF, person: str = city.OWNER, name: str = "見積 書.pdf", **more: str
) -> httpx.Response:
    headers = {"Authorization": f"Bearer {http.token(person)}"} | more
    return await http.client.post(
        f"/api/v1/cycles/{cycle}/attachments", files={"file": (name, content)}, headers=headers
    )


async def blobs(http: Http, *hashes: str) -> list[Any]:
    return [http.office.directory.blobs.size(one) for one in hashes]


@pytest.fixture
def http(resumed: Http) -> Http:
    """For tests that look at the cycle that they begin."""
    return resumed


async def test_a_file_goes_up_and_comes_down_as_it_was_and_only_to_be_saved(http: Http) -> None:
    cycle = await http.start()
    added = await upload(http, cycle)
    assert (added.status_code, added.json()["n"], added.json()["media_type"]) == (201, 1, "application/pdf")
    found = await http.call("GET", added.headers["location"], city.UNIT_CHIEF)
    assert found.content == PDF
    assert found.headers["content-disposition"].startswith("attachment; ")
    assert "%E8%A6%8B" in found.headers["content-disposition"]
    assert found.headers["x-content-type-options"] == "nosniff"
    assert check.verify(http.office.database).faults == ()
    assert problem(await upload(http, cycle, b"other", city.OTHER))[:2] == (404, "unknown_cycle")
    refused = await upload(http, cycle, b"other", city.UNIT_CHIEF)
    assert problem(refused)[:2] == (403, "not_yours_to_attach")
    largest = await upload(http, cycle, b"x" * (LARGEST + 1))
    assert problem(largest)[2] == [("/file", "out_of_range")]
    beyond = await upload(http, cycle, b"x" * (LARGEST + 200_000))
    assert (beyond.status_code, "10 MB" in beyond.json()["detail"]) == (413, True)
    assert problem(await upload(http, "none"))[:2] == (404, "unknown_cycle")


async def test_the_same_upload_under_the_same_key_happens_once(http: Http) -> None:
    cycle = await http.start()
    first = await upload(http, cycle, **{"Idempotency-Key": "k"})
    second = await upload(http, cycle, **{"Idempotency-Key": "k"})
    assert (first.status_code, second.status_code, second.json()) == (201, 201, first.json())
    other = await upload(http, cycle, b"%PDF-other", **{"Idempotency-Key": "k"})
    assert problem(other)[:2] == (422, "idempotency_key_reused")


async def test_what_a_draft_gives_up_is_gone_and_what_was_handed_in_stays(alone: Http) -> None:
    http = alone  # whose record is damaged in the end
    cycle = await http.start()
    gone, kept = (await upload(http, cycle, b"gone")).json(), (await upload(http, cycle, b"kept")).json()
    assert (await http.call("DELETE", f"/cycles/{cycle}/attachments/1")).status_code == 200
    assert (await http.call("GET", f"/cycles/{cycle}/attachments/1")).status_code == 404
    await http.hand_in(cycle, city.imagine())
    stays = await http.call("DELETE", f"/cycles/{cycle}/attachments/2")
    assert problem(stays)[:2] == (409, "attachment_stays")
    await http.call("POST", f"/cycles/{cycle}/pull-back")
    assert (await http.call("DELETE", f"/cycles/{cycle}/attachments/2")).status_code == 200
    assert await blobs(http, gone["sha256"], kept["sha256"]) == [None, 4]
    listed = (await http.call("GET", f"/cycles/{cycle}/attachments")).json()["items"]
    assert [(one["n"], one["handed_in"], one["removed_at"] is not None) for one in listed] == [
        (1, False, True), (2, True, True),
    ]  # fmt: skip
    unguard(http.office.database)
    with http.office.database.begin() as connection:
        connection.exec_driver_sql("DELETE FROM blob")
    assert {fault.code for fault in check.verify(http.office.database).faults} == {"content_missing"}


async def test_an_ended_cycle_is_copied_into_a_new_initiative(http: Http) -> None:
    cycle = await http.start()
    await http.hand_in(cycle, city.imagine())
    assert problem(await http.call("POST", f"/cycles/{cycle}/copy", json={}))[:2] == (409, "not_over")
    await http.call(
        "POST", f"/cycles/{cycle}/decisions", city.UNIT_CHIEF, {"action": "reject", "round": 1, "reason": "今は"}
    )
    copied = await http.call("POST", f"/cycles/{cycle}/copy", json={"title": "もう一度"})
    assert copied.status_code == 201, copied.text
    found = copied.json()
    assert (found["title"], found["copied_from"], found["step_status"]) == ("もう一度", cycle, "draft")
    assert found["deliverables"]["imagine"]["ideal_statement"] == city.imagine().ideal_statement
    assert problem(await http.call("POST", f"/cycles/{cycle}/copy", city.OTHER, {}))[:2] == (403, "not_your_unit")


async def test_what_i_decided_is_listed_page_by_page_and_can_be_rebuilt(alone: Http) -> None:
    http = alone
    cycles = [await past.at_work(http.office, past.in_review(http.office)) for _ in range(3)]
    items = [{"cycle_id": one, "round": 1, "action": "approve"} for one in (*cycles, cycles[0])]
    done = await http.call("POST", "/inbox/decisions", city.UNIT_CHIEF, {"items": items})
    told = [(one["ok"], one["problem"] and one["problem"]["code"]) for one in done.json()["items"]]
    assert told == [(True, None)] * 3 + [(False, "stands_twice_in_list")]
    too_many = await http.call("POST", "/inbox/decisions", city.UNIT_CHIEF, {"items": items[:1] * 101})
    assert problem(too_many)[2] == [("/items", "too_long")]
    check.rebuild(http.office.database)
    assert check.verify(http.office.database).faults == ()
    seen, cursor = [], ""
    for _ in range(2):
        page = (await http.call("GET", f"/inbox/history?limit=2{cursor}", city.UNIT_CHIEF)).json()
        seen += page["items"]
        cursor = f"&cursor={page['next_cursor']}"
    assert sorted(one["cycle_id"] for one in seen) == sorted(cycles)
    assert {(one["action"], one["acted_as"], one["post"]) for one in seen} == {("approve", "post", "head@U")}
    assert page["next_cursor"] is None
    assert (await http.call("GET", "/inbox/history")).json()["items"] == []
