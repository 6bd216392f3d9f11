"""What a refusal says when what it tells of is only partly known."""

from itertools import product

import pytest

from api.sentences import Language, sentence

FULL = {
    "round": "2",
    "step": "imagine",
    "by": "p054",
    "by_name": "吉川 由紀",
    "action": "return",
    "status": "rejected",
}
LANGUAGES: tuple[Language, ...] = ("ja", "en")


@pytest.mark.parametrize("code", ["round_over", "already_acted", "cycle_closed", "another_step"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_stands_without_any_of_its_parts_and_names_no_id_and_no_code_word(
    code: str, language: Language
) -> None:
    for kept in product((True, False), repeat=len(FULL)):
        params = {name: value if keep else "" for keep, (name, value) in zip(kept, FULL.items(), strict=True)}
        said = sentence(code, language, params)
        for wrong in ("  ", "—", "[[", "{", "()", "（）", "「」", "p054", " .", "、）", "（、"):
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
