from icalendar import Calendar

from tests.api.conftest import Http
from tests.support import city, past


async def test_a_calendar_program_reads_due_dates_at_a_secret_address_until_it_is_ended(quiet: Http) -> None:
    cycle = past.recorded(quiet.office, past.in_review(quiet.office))
    first = (await quiet.call("POST", "/me/calendar", city.UNIT_CHIEF, Idempotency_Key="k")).json()["url"]
    place = "/api/v1/calendar/" + first.rpartition("/")[2]
    answer = await quiet.call("GET", place, None)
    assert answer.headers["content-type"].startswith("text/calendar")
    (entry,) = Calendar.from_ical(answer.content).walk("VEVENT")
    assert cycle in str(entry["uid"])
    second = (await quiet.call("POST", "/me/calendar", city.UNIT_CHIEF)).json()["url"]
    assert (await quiet.call("GET", place, None)).status_code == 404
    later = "/api/v1/calendar/" + second.rpartition("/")[2]
    assert (await quiet.call("GET", later, None)).status_code == 200
    assert (await quiet.call("DELETE", "/me/calendar", city.UNIT_CHIEF)).status_code == 204
    assert (await quiet.call("GET", later, None)).status_code == 404


async def test_an_address_nobody_made_shows_nothing(quiet: Http) -> None:
    for token in ("x", "a" * 32, "..%2F..%2Fetc"):
        assert (await quiet.call("GET", f"/api/v1/calendar/{token}.ics", None)).status_code == 404
