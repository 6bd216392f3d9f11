"""What was promised is kept, and what is promised now is written down; what fails here says what to do."""

from pathlib import Path

import pytest

from engine.domain.upcasters import UPCASTERS
from scripts import contract_ledger as ledger
from scripts.contract_fields import lines, type_of
from tests.support.tomorrow import TODAY, upcast

FIELD = "api AskedThing.colour"
KNOWN = {
    "api AskedThing.name": "sent required string",
    FIELD: "sent optional string",
    "api ThingView.id": "given required string",
    "api ThingView.until": "given optional string or null",
    "api Colour = red": "value",
    "cli spiral paint": "command",
    "cli spiral paint --colour": 'sent optional "blue" or "red"',
    "event painted.1.colour": "sent and given required string",
    "event painted.1.by": "sent and given optional Person or Post",
    "http GET /api/v1/things": "listThings",
    "http GET /api/v1/things query colour": "sent optional string",
    "setting SPIRAL_COLOUR": "sent optional str",
}


@pytest.fixture(scope="module")
def now() -> dict[str, str]:
    return lines()


def test_every_field_value_event_command_and_setting_that_was_promised_is_kept(now: dict[str, str]) -> None:
    broken = ledger.broken(ledger.recorded(), now)
    assert broken == [], "\n".join([*broken, ledger.BROKEN])


def test_every_promise_that_is_made_now_stands_in_the_ledger(now: dict[str, str]) -> None:
    new = ledger.unrecorded(ledger.recorded(), now)
    assert new == [], "\n".join([*new, ledger.UNRECORDED])


def test_the_ledger_holds_what_the_contract_fixes(now: dict[str, str]) -> None:
    fixed = {
        "api CycleView.waiting_for": "given required WaitingFor",
        "api OrgScope = citywide": "value",
        "api AskedDecision.action": "sent required Action",
        "http GET /api/v1/cycles query waiting_for": "sent optional string or null",
        "event commented.1.text": "sent and given required string",
        "fact offer_answered.1.answer": "sent and given required OfferAnswer",
        "payload CycleInput.opening": "sent and given optional CycleOpened or null",
        "payload Decide.round": "sent and given required integer",
        "cli spiral up --no-sample": "sent optional flag",
        "cli spiral token argument 1": "sent optional str",
        "setting SPIRAL_PORT": "sent optional int",
    }
    assert fixed.items() <= now.items()


@pytest.mark.parametrize("gone", sorted(KNOWN))
def test_nothing_ever_goes(gone: str) -> None:
    assert ledger.broken(KNOWN, {name: said for name, said in KNOWN.items() if name != gone}) == [f"{gone}: is gone"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (FIELD, "sent optional integer"),
        (FIELD, "sent required string"),
        (FIELD, "given optional string"),
        ("api ThingView.id", "given optional string"),
        ("api ThingView.id", "given required string or null"),
        ("api ThingView.id", "given required integer"),
        ("cli spiral paint --colour", 'sent optional "red"'),
        ("event painted.1.colour", "sent and given optional string"),
        ("event painted.1.colour", "sent and given required string or null"),
        ("event painted.1.by", "sent and given required Person or Post"),
        ("event painted.1.by", "sent and given optional Person"),
        ("http GET /api/v1/things", "getThings"),
    ],
)
def test_what_somebody_rests_on_is_not_told_otherwise(name: str, said: str) -> None:
    assert ledger.broken(KNOWN, KNOWN | {name: said}) == [f"{name}: was {KNOWN[name]!r}, is {said!r}"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("api AskedThing.name", "sent optional string"),
        ("api AskedThing.name", "sent required integer or string"),
        (FIELD, "sent and given optional string"),
        ("api ThingView.until", "given required string or null"),
        ("cli spiral paint --colour", 'sent optional "blue" or "green" or "red"'),
        ("event painted.1.by", "sent and given optional Office or Person or Post"),
        ("api AskedThing.size", "sent optional integer"),
        ("api ThingView.size", "given required integer"),
        ("api Colour = green", "value"),
        ("api AskedOther.name", "sent required string"),
        ("cli spiral draw --colour", "sent required str"),
        ("event painted.2.colour", "sent and given required string"),
        ("http POST /api/v1/things body application/json", "sent required AskedThing"),
    ],
)
def test_what_is_new_or_wider_breaks_nobody_and_is_to_be_recorded(name: str, said: str) -> None:
    now = KNOWN | {name: said}
    assert ledger.broken(KNOWN, now) == []
    assert ledger.unrecorded(KNOWN, now) == [f"{name}: {said}"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("api AskedThing.size", "sent required integer"),
        ("event painted.1.size", "sent and given required integer"),
        ("http GET /api/v1/things query size", "sent required integer"),
        ("cli spiral paint --size", "sent required int"),
    ],
)
def test_what_is_there_already_never_asks_for_more(name: str, said: str) -> None:
    assert ledger.broken(KNOWN, KNOWN | {name: said}) == [f"{name}: is new and must be given"]


def test_a_version_of_an_event_may_leave_the_program_when_its_upcaster_is_there() -> None:
    known = {"event commented.1.text": "sent and given required string"}
    now = {"event commented.2.words": "sent and given required string"}
    assert ledger.broken(known, now) == ["event commented.1.text: is gone"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(UPCASTERS, TODAY, upcast)
        assert ledger.broken(known, now) == []
        assert ledger.text_of(known, now).splitlines() == [
            "event commented.1.text: sent and given required string",
            "event commented.2.words: sent and given required string",
        ]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    found = tmp_path / "ledger.txt"
    found.write_text(ledger.text_of({}, KNOWN), encoding="utf-8")
    monkeypatch.setattr(ledger, "recorded", lambda: recorded(found))
    monkeypatch.setattr(ledger, "FILE", found)
    return found


recorded = ledger.recorded


def test_the_script_records_what_is_new_and_says_it(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert recorded(file) == KNOWN
    more = KNOWN | {"api AskedThing.size": "sent optional integer"}
    monkeypatch.setattr(ledger, "lines", lambda: more)
    assert ledger.main(["--check"]) == 1
    assert recorded(file) == KNOWN
    assert ledger.main([]) == 0
    assert recorded(file) == more
    assert capsys.readouterr().out == "api AskedThing.size: sent optional integer\n" * 2
    assert ledger.main(["--check"]) == 0


def test_the_script_writes_nothing_while_a_promise_is_broken_and_says_what_to_do(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    less = {name: said for name, said in KNOWN.items() if name != FIELD} | {"api New.x": "given required string"}
    monkeypatch.setattr(ledger, "lines", lambda: less)
    assert ledger.main([]) == 1
    assert recorded(file) == KNOWN
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", f"{FIELD}: is gone\n{ledger.BROKEN}\n")


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"type": "string", "format": "date", "maxLength": 9}, "string date"),
        ({"anyOf": [{"type": "null"}, {"$ref": "#/$defs/Step"}]}, "Step or null"),
        (
            {"type": "array", "items": {"type": "object", "additionalProperties": {"type": "number"}}},
            "list of map of number",
        ),
        ({"enum": ["b", "a"]}, '"a" or "b"'),
        ({"const": 1}, '"1"'),
        ({}, "anything"),
    ],
)
def test_a_type_is_said_without_its_limits(schema: dict[str, object], said: str) -> None:
    assert type_of(schema) == said
