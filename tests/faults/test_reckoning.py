"""The reckoning after the faults finds what it is there to find."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.faults.__main__ import summed
from tests.faults.recorder.answers import BROKEN, Answered
from tests.faults.recorder.part import Part, order
from tests.faults.recorder.reckoning import Line, reckon
from tests.faults.recorder.strikes import ON_POSTGRESQL, ON_SQLITE, strikes

YES = [Answered("comment", "p1", f"k{number}", "C", 200, tries=[200]) for number in (1, 2, 3)]


def _lines(*commands: str | None, cycle: str = "C", kind: str = "commented") -> Iterator[Line]:
    previous = "0" * 64
    for seq, command in enumerate(commands, start=1):
        content = json.dumps({"seq": seq, "text": command})
        previous = hashlib.sha256(f"{previous}\n{content}".encode()).hexdigest()
        yield Line(seq, cycle, seq, kind, command, content, previous)


def _journal() -> list[Line]:
    return list(_lines(None, *(one.command for one in YES)))


def test_a_record_that_holds_every_answer_once_has_nothing_to_find() -> None:
    assert reckon(YES, _journal()).faults == []


def test_an_answer_of_which_no_event_is_there_is_lost() -> None:
    assert [one.split()[0] for one in reckon(YES, _journal()[:-1]).faults] == ["lost:"]


def test_a_draft_whose_text_was_handed_in_or_is_kept_is_there_and_another_one_is_lost() -> None:
    drafts = [Answered("draft", "p1", f"d{number}", "C", 200, tries=[200]) for number in (1, 2, 11)]
    handed_in = list(_lines(f"届く{drafts[0].mark}", kind="step_submitted"))
    kept = [f"まだ{drafts[1].mark}"]
    assert reckon(drafts[:2], handed_in, kept).faults == []
    assert reckon(drafts, handed_in, kept).lost == ["draft d11 on C: 200"]
    assert reckon(drafts[:1], list(_lines(drafts[0].mark, kind="commented"))).lost == ["draft d1 on C: 200"]


def test_a_command_that_stands_twice_is_doubled_at_once_or_later_or_in_two_cycles() -> None:
    at_once = list(_lines(None, *[YES[0].command] * 2))
    later = list(_lines(None, YES[0].command, None, YES[0].command))
    two_cycles = [*_lines(YES[0].command), *_lines(YES[0].command, cycle="D")]
    for lines in (at_once, later, two_cycles):
        assert [one.split(":")[0] for one in reckon(YES[:1], lines).faults] == ["doubled"]


def test_a_refusal_whose_command_is_in_the_journal_is_told_and_so_is_any_refusal_of_what_was_allowed() -> None:
    no = replace(YES[0], status=409, code="conflict")
    assert [one.split(":")[0] for one in reckon([no], _journal()).faults] == ["refused", "refused_yet_there"]


def test_an_error_and_a_silence_are_told_and_a_503_or_a_broken_line_is_not() -> None:
    patient = replace(YES[0], tries=[503, BROKEN, 200])
    error, silent = replace(YES[1], tries=[500, 200]), replace(YES[2], status=None, tries=[BROKEN])
    assert reckon([patient], _journal()).faults == []
    assert [one.split(":")[0] for one in reckon([error, silent], _journal()).faults] == ["stuck", "faulty_answers"]


def test_a_changed_content_and_a_missing_event_break_the_chain() -> None:
    changed, missing = _journal(), _journal()
    changed[1] = replace(changed[1], content=json.dumps({"seq": 2, "text": "other"}))
    del missing[1]
    assert reckon([], changed).broken_chains == ["C at 2"]
    assert reckon([], missing).broken_chains[0] == "C at 3"


def test_every_kind_of_fault_comes_before_one_comes_again_and_a_seed_draws_the_same() -> None:
    for database, own in (("sqlite", ON_SQLITE), ("postgresql", ON_POSTGRESQL)):
        kinds = strikes(database)
        first, again = order(database, 5), order(database, 5)
        drawn = [next(first) for _ in kinds]
        assert set(drawn) == set(kinds) >= set(own)
        assert [next(again) for _ in kinds] == drawn


def test_the_parts_are_summed_and_what_one_found_ends_the_run_with_an_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    whole = Part(1, "sqlite", {"kill_api": 2}, {"comment": 5}, 1, 9, 2.5)
    faulty = Part(2, "postgresql", {"kill_worker": 1}, {"comment": 3}, 0, 4, 1.0, ["lost: comment k on C: 200"])
    assert summed([whole]) == 0
    assert summed([whole, faulty]) == 1
    told = capsys.readouterr().out
    assert "together: 8 commands (1 repeated), 3 faults of 2 kinds, 13 events" in told
    assert "postgresql 2: lost: comment k on C: 200" in told
