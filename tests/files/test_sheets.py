import io
import sys
from datetime import UTC, datetime

import pytest
from pypdf import PdfReader

from engine.domain.cycle import commands as c
from engine.domain.errors import DomainError
from engine.domain.organisation.organisation import Absence
from engine.domain.review.review import Action
from engine.language.catalogues import Language
from engine.sheets.case_sheet import case_sheet
from engine.sheets.decision_sheet import decision_sheet
from engine.sheets.pdf import pdf
from engine.sheets.sheets import Sheet, Speech
from tests.domain.plays import Play
from tests.support import city

AT = datetime(2026, 11, 24, tzinfo=UTC)


def text_of(sheet: Sheet) -> str:
    """The words of the PDF without blanks, since a line may break anywhere."""
    pages = PdfReader(io.BytesIO(pdf(sheet, AT))).pages
    return "".join("".join(page.extract_text().split()) for page in pages)


def drawn(play: Play, language: Language = "ja", number: int | None = None) -> Sheet:
    return decision_sheet(play.state, play.events, play.organisation, Speech(language, 540), number)


def away(person: str, proxy: str) -> Absence:
    return city.away(person, proxy)


def test_a_decision_sheet_says_who_drafted_what_and_who_decided_when_and_why() -> None:
    play = Play()
    play.hand_in(city.imagine())
    play.decide(reason="急ぎ")
    text = text_of(drawn(play))
    for said in ("決裁書", "件名", "題", "起案者", "owner", "起案日", "令和8年11月24日09:30", "決裁日", "決裁区分",
                 "窓口係長", "chief", "急ぎ", "住民票が、来なくても届く", "基準値", "30", "1/2"):  # fmt: skip
        assert said in text
    (hashed,) = [event.data.content_hash for event in play.events if event.data.type == "step_submitted"]
    assert hashed in text


def test_it_prints_when_the_record_was_sealed_last_and_the_root() -> None:
    play = Play()
    play.hand_in(city.imagine())
    asked = (play.state, play.events, play.organisation)
    for language, title in (("ja", "記録全体の封印"), ("en", "Seal of the whole record")):
        sealed = decision_sheet(*asked, Speech(language, 540), seal=(AT, "ab" * 32)).sections[-1]
        assert (sealed.title, sealed.lines[-1].text) == (title, "ab" * 32)
        assert drawn(play, language).sections[-1].title != title


def test_a_proxy_is_marked_and_the_absent_holder_named() -> None:
    play = Play(organisation=city.organisation(away(city.UNIT_CHIEF, city.PROXY)))
    play.hand_in(city.imagine())
    play.decide(by=city.PROXY)
    text = text_of(drawn(play))
    assert "proxy[代](chiefの代決)" in text
    assert "後閲" in text


def test_a_decision_that_was_taken_back_stays_on_the_sheet_with_when_and_why() -> None:
    play = Play()
    play.hand_in(city.imagine())
    play.decide(reason="急ぎ")
    number = play.state.decisions[-1].round
    play.give(city.UNIT_CHIEF, c.Retract(round=number, reason="押し間違い"))
    japanese = text_of(drawn(play))
    assert "(決裁)" in japanese
    assert "急ぎ取消令和8年11月24日" in japanese
    assert "押し間違い" in japanese
    assert "takenback" in text_of(drawn(play, "en"))
    play.decide()
    assert text_of(drawn(play)).count("chief") == 2


def test_conditions_stand_on_the_sheet_and_english_is_english() -> None:
    play = Play()
    play.hand_in(city.imagine())
    condition = {"text": "様式を見直す", "due": "2027-01-15"}
    play.decide(Action.APPROVE_WITH_CONDITIONS, conditions=(condition,))
    text = text_of(drawn(play, "en"))
    for said in (
        "Decisionsheet",
        "Conditions",
        "様式を見直す",
        "2027-01-15",
        "approvewithconditions",
        "headofCounter",
    ):
        assert said in text


def test_every_submission_has_its_own_sheet_and_an_unknown_one_is_refused() -> None:
    play = Play()
    with pytest.raises(DomainError, match="unknown_version"):
        drawn(play)
    play.hand_in(city.imagine())
    assert "未" in text_of(drawn(play))
    play.decide(Action.RETURN, reason="もう少し")
    play.hand_in(city.imagine())
    play.decide()
    assert "もう少し" in text_of(drawn(play, number=1))
    assert "もう少し" not in text_of(drawn(play))
    with pytest.raises(DomainError, match="unknown_version"):
        drawn(play, number=3)


def test_a_case_sheet_shows_before_and_after_and_says_unmeasured() -> None:
    play = Play()
    play.turn()
    text = text_of(case_sheet(play.state, play.organisation, Speech("ja", 540)))
    for said in ("事例シート", "転記をやめた", "処理時間", "分/件", "300", "うまくいかなかったこと", "未測定"):
        assert said in text


def test_long_texts_break_over_pages_with_numbers_and_strange_signs_are_shown_as_missing() -> None:
    play = Play()
    long = "長い文章です。" * 140
    given = city.imagine().model_copy(update={"ideal_statement": long, "beneficiaries": ("🦆" * 3,) * 60})
    play.hand_in(given)
    read = PdfReader(io.BytesIO(pdf(drawn(play), AT)))
    count = len(read.pages)
    assert count > 1
    assert all(f"{n} / {count}" in page.extract_text() for n, page in enumerate(read.pages, start=1))
    text = "".join("".join(page.extract_text().split()) for page in read.pages)
    assert "〓〓〓" in text
    assert text.count("長い文章です") == 140


def test_the_font_is_embedded_as_a_subset_and_no_charting_library_is_imported() -> None:
    play = Play()
    play.hand_in(city.imagine())
    assert len(pdf(drawn(play), AT)) < 300_000
    assert "matplotlib_fontja" not in sys.modules
