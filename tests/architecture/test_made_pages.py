"""Pages and drawings that are made from data say what the data says, and leave nothing of it out."""

import re
from enum import StrEnum
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from engine.domain.moves.catalogue import ROWS, arrows
from engine.domain.moves.table.cells import Because
from engine.domain.moves.table.moves import Asker, Move, Occasion
from engine.domain.moves.table.named_states import NamedState
from engine.language.enums import WORDS, word
from engine.language.refusals import sentence
from scripts.states_and_moves import TABLES, files, main, page
from scripts.states_drawing import PLACES, drawing


def test_what_stands_in_the_repository_is_what_the_script_makes(root: Path) -> None:
    for path, text in files().items():
        assert (root / path).read_text(encoding="utf-8") == text, f"{path}: `make pages` writes it anew"


def test_the_script_says_whether_anything_differs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check"]) == 0
    assert capsys.readouterr().out == ""


def test_the_page_has_every_move_once_and_every_refusal_in_words() -> None:
    listed = [move for moves in TABLES.values() for move in moves]
    assert sorted(listed) == sorted(ROWS)
    text = page()
    for move in listed:
        assert text.count(f"\n### {word(move, 'ja')} / {word(move, 'en')}\n") == 1
    refusals = re.findall(r"^\| `(\w+)` \| (.+) \| (.+) \|$", text.partition("## 断りのことば")[2], re.MULTILINE)
    assert len(refusals) > 20
    for code, ja, en in refusals:
        assert (ja, en) == (sentence(code, "ja"), sentence(code, "en"))
        assert code not in {ja, en}, "a refusal without words"


@pytest.mark.parametrize("named", [NamedState, Move, Occasion, Asker, Because])
def test_every_name_of_the_table_has_a_word_in_both_languages(named: type[StrEnum]) -> None:
    assert set(WORDS[named.__name__]) == {one.value for one in named}
    assert all(ja.strip() and en.strip() for ja, en in WORDS[named.__name__].values())


def test_the_drawing_shows_every_state_and_names_every_move_that_leads_elsewhere() -> None:
    assert set(PLACES) == set(NamedState)
    root = ET.fromstring(drawing())
    told = "".join(root.find("{*}desc").itertext()).removesuffix(".")  # type: ignore[union-attr]
    drawn = " ".join("".join(one.itertext()) for one in root.iterfind(".//{*}text"))
    for state in NamedState:
        assert word(state, "ja") + word(state, "en") in drawn
    for move, start, to in arrows():
        ways = [f"{word(start, 'en')} to {word(to, 'en')}", f"every open state to {word(to, 'en')}"]
        named = [one.partition(": ")[2].split(", ") for one in told.split("; ") if one.partition(": ")[0] in ways]
        assert any(word(move, "en") in moves for moves in named), (move, start, to)
        assert word(move, "ja") + word(move, "en") in drawn
