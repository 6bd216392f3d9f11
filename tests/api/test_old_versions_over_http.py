"""What an earlier release wrote is told to programs in today's shape, and says which version that is."""

from tests.api.conftest import Http
from tests.support import city
from tests.support.tomorrow import tomorrow


async def test_events_are_told_in_todays_shape_under_the_hash_of_what_was_written(http: Http) -> None:
    cycle = await http.start()
    assert (await http.call("POST", f"/cycles/{cycle}/comments", city.OWNER, {"text": "前の版"})).status_code == 200
    before = (await http.call("GET", f"/cycles/{cycle}/events")).json()["items"][-1]
    assert (before["data"]["version"], before["data"]["text"]) == (1, "前の版")
    with tomorrow():
        after = (await http.call("GET", f"/cycles/{cycle}/events")).json()["items"][-1]
    told = {"type": "commented", "version": 2, "words": "前の版", "tone": "unknown", "mentions": []}
    assert after["data"] == told
    assert (after["hash"], after["seq"], after["type"]) == (before["hash"], before["seq"], "commented")
