"""What a person or a program sends: one text type, one day type, and old records that stay readable."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from engine.domain.cycle import commands as c
from engine.domain.cycle.events import CommandRefused, CycleOpened, DraftSaved
from engine.domain.cycle.incoming import faults, normal, readable, refuse_unwritable
from engine.domain.days import Day, NearDay, NearDayOrInstant
from engine.domain.deliverables import Imagine
from engine.domain.deliverables.imagine import Milestone
from engine.domain.errors import Category, DomainError, Refusal
from engine.domain.moves.command_log import CommandLog
from engine.domain.review.review import Action
from engine.domain.roadmap import Governance
from engine.domain.scope import OrgScope, WorkScope
from engine.domain.steps import CycleKind
from engine.domain.text import TITLE, Title, Words, fault, forbidden, printable, shows
from engine.domain.text import normal as normal_text
from tests.support import city

NOW = datetime(2026, 11, 2, 1, tzinfo=UTC)
NEVER = [
    "\x00",
    "\x07",
    "\x0b",
    "\x0c",
    "\x1b",
    "\x1f",
    "\x7f",
    "\x85",
    "\x9f",
    "\ud800",
    "\udfff",
    "\ufdd0",
    "\ufffe",
    "\uffff",
    "\U0010ffff",
]
FINE = [
    "",
    "窓口\n\tで",
    "𠮷野家",
    "葛\U000e0100城",
    "か\u3099",
    "👩\u200d💻",
    "①㈱ﾊﾝｶｸ",
    "\ufffd",
    "\u200b",
    "{{7*7}} %s <b>",
]


@pytest.mark.parametrize("sign", NEVER)
def test_a_sign_that_cannot_be_written_is_named(sign: str) -> None:
    assert forbidden(f"あ{sign}い") == f"U+{ord(sign):04X}"
    assert forbidden(printable(f"あ{sign}い")) is None


@pytest.mark.parametrize("text", FINE)
def test_what_people_write_is_taken_as_it_is(text: str) -> None:
    assert forbidden(text) is None
    assert TypeAdapter(Words).validate_python(text) == text


def test_line_ends_become_one_kind_before_anything_else_is_asked() -> None:
    assert normal_text("a\r\nb\rc\n") == "a\nb\nc\n"
    assert TypeAdapter(Words).validate_python("a\r\nb") == "a\nb"


@pytest.mark.parametrize("text", ["一行目\n二行目", "a\u2028b", "a\u202eb", "a\u2066b", "長" * 201, "\x00"])
def test_a_title_is_one_readable_line_of_bounded_length(text: str) -> None:
    assert fault(text, TITLE) is not None
    with pytest.raises(ValidationError):
        TypeAdapter(Title).validate_python(text)


@pytest.mark.parametrize("text", ["", " \u3000", "\u200b", "\u200b\u200d\ufe0f", "\u3164", "\u2800", "\u00ad"])
def test_a_text_of_invisible_signs_shows_nothing(text: str) -> None:
    assert not shows(text)
    assert shows(f"{text}あ")


@pytest.mark.parametrize(
    "value",
    [
        0,
        86400,
        86400.0,
        "0",
        "86400",
        True,
        "20260401",
        "2026/4/1",
        "2026-4-1",
        "2026-04-31",
        "令和8年4月1日",
        "2026-04-01T00:00:00Z",
        "２０２６-04-01",
        " 2026-04-01",
        datetime(2026, 4, 1, tzinfo=UTC),
        None,
    ],
)
def test_only_an_iso_day_is_a_day(value: Any) -> None:
    for kind in (Day, NearDay):
        with pytest.raises(ValidationError) as error:
            TypeAdapter(kind).validate_python(value)
        assert [one["type"] for one in error.value.errors()] == ["not_a_date"]


@pytest.mark.parametrize("value", ["1999-12-31", "2200-01-01", "0001-01-01", "9999-12-31"])
def test_a_day_too_far_away_is_refused_when_it_comes_in_and_read_when_it_is_there(value: str) -> None:
    assert TypeAdapter(Day).validate_python(value) == date.fromisoformat(value)
    with pytest.raises(ValidationError):
        TypeAdapter(NearDay).validate_python(value)
    old = Milestone.model_validate_json(f'{{"due": "{value}"}}')
    assert [(one.pointer, one.code) for one in faults(old)] == [("/due", "out_of_range")]


@pytest.mark.parametrize(
    "value", ["2026-04-01", "2026-04-01T09:00:00+09:00", "2026-04-01T09:00Z", "2026-04-01 09:00"]
)
def test_a_hold_ends_on_a_day_or_at_an_instant(value: str) -> None:
    assert TypeAdapter(NearDayOrInstant).validate_python(value) == (
        date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
    )


@pytest.mark.parametrize(
    "value", [0, "0", 1774483200, "1774483200", "9999-12-31T23:59:59-12:00", "0001-01-01", "tomorrow"]
)
def test_a_hold_takes_no_number_and_no_far_instant_and_says_so_once(value: Any) -> None:
    with pytest.raises(ValidationError) as error:
        TypeAdapter(NearDayOrInstant).validate_python(value)
    assert len(error.value.errors()) == 1


def test_every_wrong_place_of_a_deliverable_is_named_by_its_pointer() -> None:
    sent = Imagine.model_validate_json(
        '{"ideal_statement": "a\\u0000b", "beneficiaries": ["一\\n二"], "as_is": {"cases_per_year": 1},'
        ' "milestones": [{"name": "x"}, {"name": "y", "due": "9999-12-31"}],'
        ' "challenged_assumptions": [{"text": "段落\\n二つ"}]}'
    )
    assert [(one.pointer, one.code, one.params["why"]) for one in faults(sent)] == [
        ("/ideal_statement", "bad_value", "sign"),
        ("/beneficiaries/0", "bad_value", "one_line"),
        ("/milestones/1/due", "out_of_range", "days"),
    ]


def test_line_ends_deep_inside_become_normal_and_the_rest_stays_the_very_same() -> None:
    assumptions = Imagine.model_validate(
        {"challenged_assumptions": [{"text": "a\r\nb", "kind": "habit"}, {"text": "c"}]}
    )
    told = normal(assumptions)
    assert [one.text for one in told.challenged_assumptions] == ["a\nb", "c"]
    assert told.challenged_assumptions[1] is assumptions.challenged_assumptions[1]
    assert normal(told) is told


COMMANDS: list[tuple[BaseModel, str]] = [
    (c.Comment(text="a\x00"), "/text"),
    (c.Comment(text="長" * 4001), "/text"),
    (c.Withdraw(reason="\ufffe"), "/reason"),
    (c.Decide(action=Action.APPROVE, round=1, reason="\x1b[0m"), "/reason"),
    (c.Decide(action=Action.RETURN, round=1, reason="?", return_to="a\nb"), "/return_to"),
    (c.Decide(action=Action.HOLD, round=1, hold_until=date(9999, 12, 31)), "/hold_until"),
    (c.Decide(action=Action.HOLD, round=1, hold_until=datetime(1, 1, 1, tzinfo=UTC)), "/hold_until"),
    (
        c.Decide(action=Action.APPROVE_WITH_CONDITIONS, round=1, conditions=(c.ConditionAsked(text="\x00"),)),
        "/conditions/0/text",
    ),
    (c.SaveDraft(deliverable=Imagine(ideal_statement="\x0c")), "/ideal_statement"),
    (c.AssignStartup(startup="\x00"), "/startup"),
    (c.JoinParent(parent="i-1\x00", planned="i-2"), "/parent"),
]


@pytest.mark.parametrize(("body", "pointer"), COMMANDS)
def test_a_command_that_could_never_be_written_is_refused_before_it_is_decided(body: Any, pointer: str) -> None:
    desk, command = _desk(), c.Command(id="k", actor=city.OWNER, body=body)
    for asked in (lambda: desk.check(command, NOW), lambda: readable(command)):
        with pytest.raises(DomainError) as error:
            asked()
        assert [one.pointer for one in error.value.refusal.errors] == [pointer]


def test_what_the_directory_looked_up_is_not_held_against_the_asker() -> None:
    away = c.Comment(text="良い", mentions=("\x00",))
    assert readable(c.Command(id="k", actor="p", body=away)).body == away


def test_a_history_of_before_still_replays_what_it_took() -> None:
    desk = _desk()
    old = c.Command(id="k", actor=city.OWNER, body=c.SaveDraft(deliverable=Imagine(ideal_statement="a\x0bb\r\nc")))
    desk.take(old, NOW)
    (saved,) = (one.data for one in desk.outbox if isinstance(one.data, DraftSaved))
    assert saved == DraftSaved.model_validate_json(saved.model_dump_json())
    assert saved.deliverable.ideal_statement == "a\x0bb\r\nc"  # type: ignore[union-attr]


@pytest.mark.parametrize(("key", "actor"), [("k\x00", city.OWNER), ("k", "p\ufffe"), ("k" * 300, city.OWNER)])
def test_a_signal_whose_id_or_sender_cannot_be_written_is_noted_without_them(key: str, actor: str) -> None:
    desk, command = _desk(), c.Command(id=key, actor=actor, body=c.Comment(text="x"))
    with pytest.raises(DomainError):
        readable(command)
    desk.refuse(command, Refusal(code="invalid_fields", category=Category.INVALID), NOW)
    (event,) = (one for one in desk.outbox if isinstance(one.data, CommandRefused))
    assert (event.command_id, event.actor) == (None, "system")


def _desk() -> CommandLog:
    opened = CycleOpened(
        cycle_id="i-1", initiative_id="i", turn=1, kind=CycleKind.START, title="題", org_scope=OrgScope.INDIVIDUAL,
        org_unit="U", work_scope=WorkScope.TASK, governance=Governance.SECTION_LED, owner=city.OWNER,
    )  # fmt: skip
    return CommandLog.opening(opened, NOW, actor=city.OWNER)


@pytest.mark.parametrize(
    ("action", "more", "code"),
    [
        (Action.APPROVE, {"hold_until": date(2099, 1, 1)}, "only_with_hold"),
        (Action.APPROVE, {"return_to": "drafter"}, "only_with_return"),
        (Action.HOLD, {"conditions": (c.ConditionAsked(text="x"),)}, "only_with_conditions"),
        (Action.REJECT, {"return_to": "imagine"}, "only_with_return"),
    ],
)
def test_a_decision_with_another_one_s_field_is_refused_wherever_it_comes_in(
    action: Action, more: dict[str, Any], code: str
) -> None:
    command = c.Command(id="k", actor="p1", body=c.Decide(action=action, round=1, **more))
    for way in (readable, refuse_unwritable):
        with pytest.raises(DomainError) as raised:
            way(command)
        assert [one.code for one in raised.value.refusal.errors] == [code]


def test_every_action_keeps_its_own_fields() -> None:
    mine = {
        Action.HOLD: {"hold_until": date(2099, 1, 1)},
        Action.RETURN: {"return_to": "drafter"},
        Action.APPROVE_WITH_CONDITIONS: {"conditions": (c.ConditionAsked(text="x"),)},
    }
    for action in Action:
        assert c.Decide(action=action, round=1, reason="why", **mine.get(action, {})).misplaced() == ()
