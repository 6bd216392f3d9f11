"""What a refusal says when what it tells of is only partly known."""

from itertools import product

import pytest

from engine.language.catalogues import Language
from engine.language.refusals import SENTENCES, sentence

FULL = {
    "round": "2",
    "step": "imagine",
    "by": "p054",
    "by_name": "吉川 由紀",
    "owner": "p093",
    "owner_name": "辻 千尋",
    "person": "p015",
    "person_name": "杉本 真",
    "action": "return",
    "status": "rejected",
}
NAMED = sorted(code for code, pair in SENTENCES.items() if any("_name}" in text for text in pair))
LANGUAGES: tuple[Language, ...] = ("ja", "en")


@pytest.mark.parametrize("code", [*NAMED, "cycle_closed", "another_step", "final_decider_only", "attachment_stays"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_stands_without_any_of_its_parts_and_names_no_id_and_no_code_word(
    code: str, language: Language
) -> None:
    for kept in product((True, False), repeat=len(FULL)):
        params = {name: value if keep else "" for keep, (name, value) in zip(kept, FULL.items(), strict=True)}
        said = sentence(code, language, params)
        for wrong in ("  ", "—", "[[", "{", "()", "（）", "「」", "p054", "p093", "p015", " .", "、）", "（、"):
            assert wrong not in said, said
        if language == "ja":
            assert "imagine" not in said
            assert "return" not in said
            assert "rejected" not in said
        assert said.endswith(("。", "."))


def test_what_happened_instead_is_said_with_name_and_word() -> None:
    assert sentence("round_over", "ja", FULL) == (
        "この決裁の回は終了しています（現在は第2回、段階は「想像する」）。"
        "直前の手続は、吉川 由紀さんの「差戻し」です。"
    )


def test_no_sentence_shows_the_id_of_who_acted_or_owns() -> None:
    shown = {code for code, pair in SENTENCES.items() for text in pair if "{by}" in text or "{owner}" in text}
    assert shown == set()
