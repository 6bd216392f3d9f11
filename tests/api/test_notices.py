from engine.domain.cycle import commands as c
from tests.api.conftest import Http, problem
from tests.support import city, past


async def test_everybody_reads_what_they_were_told_with_a_link_that_only_shows_a_page(quiet: Http) -> None:
    cycle = past.recorded(quiet.office, past.approved(quiet.office, city.imagine()))
    (waits,) = (await quiet.call("GET", "/me/outbox", city.UNIT_CHIEF)).json()["items"]
    assert (waits["kind"], waits["cycle_id"], waits["read_at"]) == ("decision_waits", cycle, None)
    assert waits["url"].endswith(f"/cycles/{cycle}")
    assert waits["text"] == "「届く窓口」(想像する) 決裁をお願いします"
    (approved,) = (await quiet.call("GET", "/me/outbox", accept_language="en")).json()["items"]
    assert approved["text"] == '"届く窓口" (Imagine) was approved'
    assert approved["facts"]["by"] == city.UNIT_CHIEF


async def test_reading_a_list_marks_nothing_and_marking_is_ones_own(quiet: Http) -> None:
    past.recorded(quiet.office, past.in_review(quiet.office))
    (waits,) = (await quiet.call("GET", "/me/outbox?unread=true", city.UNIT_CHIEF)).json()["items"]
    place = f"/me/outbox/{waits['n']}/read"
    refused = await quiet.call("POST", place, city.OWNER)
    assert problem(refused)[:2] == (404, "unknown_notice")
    read = await quiet.call("POST", place, city.UNIT_CHIEF)
    assert read.json()["read_at"] is not None
    assert (await quiet.call("GET", "/me/outbox?unread=true", city.UNIT_CHIEF)).json()["items"] == []


async def test_an_administrator_sees_the_whole_outbox_page_by_page_and_nobody_else_does(quiet: Http) -> None:
    play = past.begun(quiet.office)
    for _ in range(3):
        play.give(city.UNIT_CHIEF, c.Comment(text="よい"))
    past.recorded(quiet.office, play)
    assert (await quiet.call("GET", "/outbox", city.ADMIN)).json()["items"] == [], "nobody else reads of a draft"
    play.submit(city.imagine())
    past.recorded(quiet.office, play)
    assert problem(await quiet.call("GET", "/outbox"))[:2] == (403, "admin_only")
    seen, cursor = [], ""
    while cursor is not None:
        page = (await quiet.call("GET", f"/outbox?limit=2{cursor}", city.ADMIN)).json()
        seen += [one["seq"] for one in page["items"]]
        cursor = f"&cursor={page['next_cursor']}" if page["next_cursor"] else None
    assert seen == [6, 4, 3, 2]
    assert problem(await quiet.call("GET", "/outbox?cursor=x", city.ADMIN))[2] == [("?cursor", "bad_cursor")]


async def test_how_one_is_told_is_ones_own_choice(quiet: Http) -> None:
    first = (await quiet.call("GET", "/me/notices")).json()
    assert first == {"channels": ["mail"], "digest": "immediately", "language": "ja", "available": []}
    chosen = {"channels": ["chat"], "digest": "daily", "language": "en"}
    assert (await quiet.call("PUT", "/me/notices", json=chosen)).status_code == 200
    assert (await quiet.call("GET", "/me/notices")).json() == chosen | {"available": []}
    assert (await quiet.call("GET", "/me/notices", city.OTHER)).json() == first
    wrong = await quiet.call("PUT", "/me/notices", json={"channels": ["pigeon"], "digest": "never"})
    assert {place for place, _ in problem(wrong)[2]} == {"/channels/0", "/digest"}
