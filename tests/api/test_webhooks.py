import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from standardwebhooks.webhooks import Webhook

from engine.runtime.signing import webhook_secret
from tests.api.conftest import Http, Terminal, problem
from tests.support import city
from tests.support.receiver import Receiver, receiving

URL = "https://192.0.2.1/"
"""Never reached in these tests: RFC 5737 keeps it for documentation."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


def allowing(http: Http) -> Http:
    desk = http.app.state.desk
    desk.settings = desk.settings.model_copy(update={"webhook_allow": "127.0.0.1,192.0.2.0/24"})
    return http


@pytest.fixture
async def open_http(http: Http) -> Http:
    """The API of an installation that allows this machine and the documentation's network."""
    return allowing(http)


@pytest.fixture
async def unsent(quiet: Http) -> Http:
    """The same, where nothing is ever sent."""
    return allowing(quiet)


async def add(http: Http, url: str = URL, key: str | None = None, **more: object) -> dict[str, object]:
    headers = {} if key is None else {"idempotency_key": key}
    answer = await http.call("POST", "/webhooks", city.ADMIN, {"url": url, **more}, **headers)
    assert answer.status_code == 201, answer.text
    found: dict[str, object] = answer.json()
    return found


async def test_a_secret_is_shown_once_and_an_administrator_alone_sees_the_rest(unsent: Http) -> None:
    made = await add(unsent, events=["step_approved", "jp.dxspiral.cycle.cycle_completed"], description="ポータル")
    assert str(made["secret"]).startswith("whsec_")
    shown = (await unsent.call("GET", f"/webhooks/{made['id']}", city.ADMIN)).json()
    assert shown == made | {"secret": None}
    assert shown["events"] == ["cycle_completed", "step_approved"]
    (listed,) = (await unsent.call("GET", "/webhooks", city.ADMIN)).json()["items"]
    assert listed == shown
    for method, path in (("GET", ""), ("POST", ""), ("GET", f"/{made['id']}"), ("DELETE", f"/{made['id']}")):
        refused = await unsent.call(
            method, f"/webhooks{path}", city.OWNER, {"url": URL} if method == "POST" else None
        )
        assert problem(refused)[:2] == (403, "admin_only")


async def test_a_repeat_under_the_same_key_makes_one_webhook_and_no_secret_is_stored(
    unsent: Http, database: Engine
) -> None:
    first = await add(unsent, key="one")
    assert await add(unsent, key="one") == first
    other = await unsent.call("POST", "/webhooks", city.ADMIN, {"url": "https://192.0.2.2/"}, idempotency_key="one")
    assert problem(other)[:2] == (422, "idempotency_key_reused")
    rotated = [
        (await unsent.call("POST", f"/webhooks/{first['id']}/rotate-secret", city.ADMIN, idempotency_key="r")).json()
        for _ in range(2)
    ]
    assert rotated[0]["secret"] == rotated[1]["secret"] != first["secret"]
    assert rotated[0]["old_secret_until"] is not None
    with database.connect() as connection:
        kept = str(connection.execute(text("SELECT * FROM answer")).all())
        kept += str(connection.execute(text("SELECT * FROM webhook")).all())
    assert "whsec_" not in kept


@pytest.mark.parametrize(
    ("asked", "places"),
    [
        ({"url": "ftp://192.0.2.1/"}, [("/url", "bad_url")]),
        ({"url": "http://127.0.0.1:9/"}, [("/url", "address_not_allowed")]),
        ({"url": "http://localhost/"}, [("/url", "address_not_allowed")]),
        ({"url": "https://8.8.8.8/", "events": ["step_approved", "no_such"]}, [("/events/1", "not_a_choice")]),
        ({"url": "https://8.8.8.8/", "secret": "x"}, [("/secret", "unknown_field")]),
        ({}, [("/url", "missing")]),
    ],
)
async def test_what_is_wrong_with_a_webhook_is_named(resumed: Http, asked: object, places: object) -> None:
    answer = await resumed.call("POST", "/webhooks", city.ADMIN, asked)
    assert problem(answer) == (422, "invalid_fields", places)
    assert (await resumed.call("GET", "/webhooks", city.ADMIN)).json()["items"] == []


async def test_pausing_editing_enabling_and_deleting(unsent: Http) -> None:
    made = await add(unsent)
    place = f"/webhooks/{made['id']}"
    paused = (await unsent.call("POST", f"{place}/pause", city.ADMIN, {"reason": "移行"})).json()
    assert (paused["status"], paused["reason"]) == ("paused", "移行")
    edited = (await unsent.call("PUT", place, city.ADMIN, {"url": "https://192.0.2.3/x"})).json()
    assert (edited["url"], edited["status"], edited["events"]) == ("https://192.0.2.3/x", "paused", None)
    enabled = (await unsent.call("POST", f"{place}/enable", city.ADMIN)).json()
    assert (enabled["status"], enabled["reason"]) == ("active", None)
    assert (await unsent.call("DELETE", place, city.ADMIN)).status_code == 204
    for method, path in (("GET", ""), ("POST", "/enable"), ("POST", "/test"), ("GET", "/deliveries"), ("DELETE", "")):
        gone = await unsent.call(method, place + path, city.ADMIN)
        assert problem(gone)[:2] == (404, "unknown_webhook")


async def test_a_test_is_tried_once_and_the_log_says_what_came_of_it(open_http: Http) -> None:
    made = await add(open_http, "http://127.0.0.1:9/")
    place = f"/webhooks/{made['id']}"
    asked = await open_http.call("POST", f"{place}/test", city.ADMIN, idempotency_key="t")
    assert (asked.status_code, asked.json()["kind"], asked.json()["status"]) == (202, "test", "waiting")
    webhooks = open_http.app.state.desk.webhooks
    await open_http.office.until(lambda: webhooks.deliveries(made["id"], 1)[0].status == "failed")
    (line,) = (await open_http.call("GET", f"{place}/deliveries?limit=1", city.ADMIN)).json()["items"]
    assert (line["attempts"], line["next_try_at"]) == (1, None)
    assert line["error"]
    again = await open_http.call("POST", f"{place}/deliveries/{line['n']}/redeliver", city.ADMIN)
    assert problem(again)[:2] == (404, "unknown_delivery")


async def test_sending_once_more_and_stepping_over_refuse_alike_and_act_once_under_one_key(open_http: Http) -> None:
    made = await add(open_http, "http://127.0.0.1:9/", ceiling="restricted")
    await open_http.start()
    webhooks = open_http.app.state.desk.webhooks
    await open_http.app.state.desk.gateway.wake_delivery(made["id"])
    await open_http.office.until(lambda: bool(webhooks.deliveries(made["id"], 1)))
    number = webhooks.deliveries(made["id"], 1)[0].number
    for act in ("redeliver", "skip"):
        nowhere = await open_http.call("POST", f"/webhooks/w0/deliveries/{number}/{act}", city.ADMIN)
        assert problem(nowhere)[:2] == (404, "unknown_webhook")
        unknown = await open_http.call("POST", f"/webhooks/{made['id']}/deliveries/999/{act}", city.ADMIN)
        assert problem(unknown)[:2] == (404, "unknown_delivery")
        place = f"/webhooks/{made['id']}/deliveries/{number}/{act}"
        first, again = [await open_http.call("POST", place, city.ADMIN, idempotency_key=act) for _ in range(2)]
        assert (first.is_success, again.status_code, again.json()) == (True, first.status_code, first.json())
    kinds = [one.kind for one in webhooks.deliveries(made["id"], 10)]
    assert sorted(kinds) == ["event", "redelivery"]


async def test_an_administrator_steps_over_a_refused_event_and_nobody_else_does(
    open_http: Http, receiver: Receiver, typed: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.domain.notices.preferences._FIRST", timedelta(minutes=10))
    receiver.answers = lambda _: 422
    made = await add(open_http, receiver.url, ceiling="restricted")
    place, desk = f"/webhooks/{made['id']}", open_http.app.state.desk
    desk.settings = desk.settings.model_copy(update={"webhook_allow": "127.0.0.1"})
    cycle = await open_http.start()
    await desk.gateway.wake_delivery(made["id"])
    await open_http.office.until(lambda: any(one.attempts for one in desk.webhooks.deliveries(made["id"], 1)))
    (line,) = (await open_http.call("GET", f"{place}/deliveries", city.ADMIN)).json()["items"]
    skip = f"{place}/deliveries/{line['n']}/skip"
    assert problem(await open_http.call("POST", skip, city.OWNER))[:2] == (403, "admin_only")
    assert problem(await open_http.call("POST", f"{place}/deliveries/999/skip", city.ADMIN))[:2] == (
        404, "unknown_delivery",
    )  # fmt: skip
    said = await typed("webhooks", "skip", str(made["id"]), str(line["n"]), "--reason", "古い形", person=city.ADMIN)
    assert f"{cycle}/1" in said[0]
    assert "skipped by admin" in said[0]
    assert problem(await open_http.call("POST", skip, city.ADMIN))[:2] == (409, "delivery_not_waiting")
    (line,) = (await open_http.call("GET", f"{place}/deliveries", city.ADMIN)).json()["items"]
    assert (line["status"], line["skipped_by"], line["skipped_because"]) == ("skipped", city.ADMIN, "古い形")


def test_the_sample_receiver_of_the_guide_takes_a_test_event(capsys: pytest.CaptureFixture[str]) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "guides" / "webhooks.md").read_text(encoding="utf-8")
    source = guide.split("```python\n")[1].split("```")[0]
    secret = webhook_secret("k" * 40, "w1", 1)
    made: dict[str, Any] = {}
    plain = source.replace("whsec_…", secret).rpartition("HTTPServer(")[0]
    exec(compile(plain, "guide", "exec"), made)
    for event in (
        {"id": "test/w1/a", "type": "jp.dxspiral.webhook.test"},
        {"id": "i1-1/1", "type": "jp.dxspiral.cycle.cycle_opened", "subject": "i1-1"},
    ):
        body = json.dumps(event).encode()
        now = datetime.now(UTC)
        signed = {
            "webhook-id": event["id"],
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(secret).sign(event["id"], now, body.decode()),
        }
        hook = made["Hook"].__new__(made["Hook"])
        hook.headers, hook.rfile = {"content-length": str(len(body)), **signed}, BytesIO(body)
        said: list[int] = []
        hook.send_response, hook.end_headers, hook.send_error = said.append, lambda: None, said.append
        hook.do_POST()
        assert said == [204]
    assert capsys.readouterr().out.splitlines() == [
        "jp.dxspiral.webhook.test a test", "jp.dxspiral.cycle.cycle_opened i1-1",
    ]  # fmt: skip


def test_the_first_command_of_the_guide_is_given_by_an_administrator_of_the_sample_city() -> None:
    root = Path(__file__).parents[2]
    guide = (root / "docs" / "guides" / "webhooks.md").read_text(encoding="utf-8")
    person = guide.split("--as ")[1].split()[0]
    posts = (root / "engine" / "data" / "sample-city" / "posts.csv").read_text(encoding="utf-8").splitlines()
    assert any(line.startswith(f"{person},") and "admin" in line for line in posts)
