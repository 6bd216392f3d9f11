"""What a fact of the ledger meant when it was released it means for ever."""

import json
import shutil
from pathlib import Path

import pytest

from tests.domain.golden import facts
from tests.domain.golden.facts import ADVICE, LEDGER

FILES = sorted(LEDGER.glob("*.json"))


def test_every_fact_has_a_golden_copy_of_the_version_that_is_written_today() -> None:
    missing = [one.__name__ for one in facts.members() if not facts.file_of(one).exists()]
    assert missing == [], f"run `{facts.KEEP}` and commit it"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_fact_says_for_ever_what_it_said_when_it_was_released(file: Path) -> None:
    assert facts.changed_meaning(file) == [], ADVICE


def test_a_copy_of_a_fact_stays_as_it_was_kept() -> None:
    assert facts.edited() == [], ADVICE


def test_a_copy_holds_every_field_of_its_fact_with_a_value_that_is_no_default() -> None:
    for member in facts.members():
        kept = json.loads(facts.file_of(member).read_text(encoding="utf-8"))
        told = {name: one.default for name, one in member.model_fields.items() if name not in ("type", "version")}
        assert [name for name, default in told.items() if name in kept and kept[name] == default] == [], member


def test_a_field_that_is_gone_and_a_copy_that_was_edited_are_found(tmp_path: Path) -> None:
    folder = tmp_path / "ledger"
    shutil.copytree(LEDGER, folder)
    file = folder / "offer_made.v1.json"
    assert (facts.edited(folder), facts.changed_meaning(file)) == ([], [])
    file.write_text(json.dumps(json.loads(file.read_text(encoding="utf-8")) | {"colour": "blue"}), encoding="utf-8")
    assert facts.edited(folder) == ["offer_made.v1.json: was edited, added by hand or is gone"]
    assert facts.changed_meaning(file) == ['offer_made.v1.json/colour: was "blue", is gone']


def test_what_is_missing_is_kept_and_what_is_there_is_not_touched(tmp_path: Path) -> None:
    made = facts.keep(tmp_path / "ledger")
    assert len(made) == len(facts.members())
    assert facts.keep(tmp_path / "ledger") == []
    assert facts.edited(tmp_path / "ledger") == []
