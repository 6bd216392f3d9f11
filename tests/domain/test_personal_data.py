"""What looks like personal data is seen in any width, and what merely has digits is not."""

import pytest

from engine.domain.deliverables.personal_data import PersonalData, places, seen_in
from tests.support import city


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("連絡先は taro@example.jp です", PersonalData.MAIL),
        ("０７２－６２２－８１２１へ電話", PersonalData.TELEPHONE),
        ("090 1234 5678", PersonalData.TELEPHONE),
        ("09012345678", PersonalData.TELEPHONE),
        ("１２３４ ５６７８ ９０１２", PersonalData.NUMBER),
        ("年1,200件を12分に", None),
        ("2026-06-01から2026-06-30まで", None),
        ("123456789012345", None),
        ("予算 100000000000 円台", PersonalData.NUMBER),
        ("", None),
    ],
)
def test_a_text_that_looks_like_personal_data_is_seen(text: str, kind: PersonalData | None) -> None:
    assert seen_in(text) is kind


def test_its_place_is_named_and_a_sheet_without_any_names_none() -> None:
    assert list(places(city.realise())) == []
    voice = city.realise().voices[0].model_copy(update={"text": "山田 090-1234-5678"})
    told = city.realise().model_copy(update={"voices": (voice,)})
    assert list(places(told)) == [("/voices/0/text", PersonalData.TELEPHONE)]
