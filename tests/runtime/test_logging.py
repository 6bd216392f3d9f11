import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from engine.runtime.logging import configure_logging
from engine.runtime.settings import load_settings


@pytest.fixture(autouse=True)
def quiet_again() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def test_our_lines_and_other_peoples_come_out_alike_with_ids_as_fields() -> None:
    out = io.StringIO()
    configure_logging(load_settings(), out)
    structlog.contextvars.bind_contextvars(cycle_id="DX-1-1")
    structlog.stdlib.get_logger("ours").info("step submitted", round=2)
    logging.getLogger("theirs").warning("slow %s", "disk", extra={"table": "events"})
    ours, theirs = (json.loads(line) for line in out.getvalue().splitlines())
    assert (ours["event"], ours["round"], ours["cycle_id"]) == ("step submitted", 2, "DX-1-1")
    assert (theirs["event"], theirs["table"], theirs["cycle_id"]) == ("slow disk", "events", "DX-1-1")
    assert ours.keys() >= {"level", "logger", "timestamp"} <= theirs.keys()


def test_configuring_twice_says_everything_once_and_only_above_the_level() -> None:
    out = io.StringIO()
    configure_logging(load_settings(log_level="error"), io.StringIO())
    configure_logging(load_settings(log_level="warning"), out)
    logging.getLogger("x").info("chatter")
    logging.getLogger("x").warning("once")
    assert [json.loads(line)["event"] for line in out.getvalue().splitlines()] == ["once"]


def test_an_exception_is_one_json_line_with_its_traceback() -> None:
    out = io.StringIO()
    configure_logging(load_settings(), out)
    try:
        int("broken")
    except ValueError:
        logging.getLogger("x").exception("failed")
    (line,) = out.getvalue().splitlines()
    assert "ValueError: invalid literal" in json.loads(line)["exception"]


def test_on_a_terminal_a_traceback_never_shows_what_variables_held() -> None:
    out = io.StringIO()
    configure_logging(load_settings(log_format="console"), out)
    held = "himitsu"
    try:
        int("broken" if held else "")
    except ValueError:
        logging.getLogger("x").exception("failed")
    assert "ValueError: invalid literal" in out.getvalue()
    assert "himitsu" not in out.getvalue()


def test_on_a_terminal_people_read_sentences() -> None:
    out = io.StringIO()
    configure_logging(load_settings(log_format="console"), out)
    structlog.stdlib.get_logger("ours").info("部品を再起動", part="worker")
    assert "部品を再起動" in out.getvalue()
    assert not out.getvalue().startswith("{")


@pytest.mark.parametrize("kind", ["json", "console"])
def test_what_opens_a_door_is_written_into_no_log(kind: str) -> None:
    out = io.StringIO()
    mail = "mailto://someone:ps%40himitsu@mail.example:25"
    configure_logging(load_settings(log_format=kind, mail_url=mail, secret="himitsu" * 6), out)
    log = structlog.stdlib.get_logger("ours")
    log.info("request", path="/api/v1/calendar/himitsu-abc.ics", status=200)
    log.info("token", header="Bearer himitsu.himitsu.himitsu", jwt="eyJhbGciOi.eyJzdWIi.himitsu")
    log.info("back", path="/sign-in/provider/back?code=himitsu&state=himitsu&x=1", secret="whsec_himitsuHIMITSU==")
    log.info("settings", given=[mail, {"key": "himitsu" * 6}])
    logging.getLogger("theirs").warning("GET %s", "postgresql://spiral:himitsu@db:5432/spiral")
    try:
        int("/calendar/himitsu.ics")
    except ValueError:
        logging.getLogger("theirs").exception("failed")
    said = out.getvalue()
    assert "himitsu" not in said.lower()
    assert "/api/v1/calendar/….ics" in said
    assert "postgresql://spiral:…@db:5432/spiral" in said
    assert "x=1" in said


def test_addresses_that_others_gave_us_are_not_told_line_by_line() -> None:
    out = io.StringIO()
    configure_logging(load_settings(), out)
    logging.getLogger("httpx").info("HTTP Request: POST https://hooks.example/himitsu")
    assert out.getvalue() == ""
