"""Who was refused what stands in the log; and what nobody needs any more goes while the API runs."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, text
from structlog.testing import capture_logs

from api.services.operations.tidying import stay_tidy
from engine.store.database import reading, writing
from engine.store.registers.claims import KEPT_FOR, Claims, KeptAnswer, Key
from tests.api.conftest import Http
from tests.support import city


async def test_who_was_refused_for_want_of_a_right_stands_in_the_log_without_anybody_s_words(http: Http) -> None:
    cycle = await http.start()
    await http.hand_in(cycle, city.imagine())
    decision = {"action": "approve", "round": 1, "reason": "秘密の理由"}
    with capture_logs() as said:
        assert (await http.call("POST", f"/cycles/{cycle}/decisions", city.OTHER, decision)).status_code == 403
        assert (await http.call("GET", "/access-log", city.ADMIN)).status_code == 403
        assert (await http.call("GET", "/access-log", None)).status_code == 401
        assert (await http.call("GET", "/cycles/none", city.OTHER)).status_code == 404
    refused = [(one["person"], one["method"], one["place"]) for one in said if one["event"] == "refused"]
    assert refused == [
        (city.OTHER, "POST", "/cycles/{cycle}/decisions"), (city.ADMIN, "GET", "/access-log"),
    ]  # fmt: skip
    assert all(one["code"] for one in said if one["event"] == "refused")
    assert "秘密" not in str([one for one in said if one["event"] == "refused"])


async def test_kept_answers_end_on_their_day_though_the_api_goes_on(http: Http, database: Engine) -> None:
    claims = Claims(database)
    for name in ("old", "new"):
        key = Key(city.OWNER, name, "f", "r")
        assert claims.claim(key) == "ours"
        claims.keep(key, KeptAnswer(200, "{}", "秘密"))
    before = datetime.now(UTC) - KEPT_FOR - timedelta(minutes=1)
    with writing(database) as session:
        old = text("UPDATE answer SET created_at = :at WHERE key = 'old'")
        session.connection().execute(
            old, {"at": before if database.name == "postgresql" else before.replace(tzinfo=None)}
        )
    tidying = asyncio.create_task(stay_tidy(database, every=0.02))
    try:
        await http.office.until(lambda: _keys(database) == ["new"])
    finally:
        tidying.cancel()
        with suppress(asyncio.CancelledError):
            await tidying
    assert _keys(database) == ["new"]


def _keys(database: Engine) -> list[str]:
    with reading(database) as session:
        return [row[0] for row in session.connection().execute(text("SELECT key FROM answer ORDER BY key"))]
