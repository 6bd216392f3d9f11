"""Which cases are like what is being imagined, and which of them are shown."""

from itertools import count

from engine.domain.cycle.state import CycleState
from engine.domain.roadmap import Pillar
from engine.domain.spread.similar_cases import MOST_WORDS, SHOWN, Rarity, similar, words_asked
from tests.domain.plays import Play
from tests.support import city

NUMBERS = count(1)
COMMON = Rarity(seen_in={}, cases=10)


def case(title: str, *, initiative: str | None = None, unit: str = "U", **more: object) -> CycleState:
    number = next(NUMBERS)
    named = {"cycle_id": f"c{number:03}", "initiative_id": initiative or f"i{number}", "org_unit": unit}
    return imagined(title).model_copy(update=named | more)


def imagined(title: str = "住民票 窓口 発行") -> CycleState:
    return Play().state.model_copy(update={"title": title, "initiative_id": "mine"})


def shown(cycle: CycleState, *cases: CycleState, rarity: Rarity = COMMON) -> list[str]:
    asked = words_asked(cycle, str.split)
    return [one.title for one, _ in similar(cycle, cases, asked, str.split, rarity)]


def test_the_case_that_shares_most_comes_first_and_what_shares_nothing_not_at_all() -> None:
    cycle = imagined()
    assert shown(cycle, case("住民票"), case("住民票 窓口"), case("水道 料金", pillar=Pillar.P1)) == [
        "住民票 窓口", "住民票",
    ]  # fmt: skip


def test_a_rare_word_says_more_than_one_that_every_case_has() -> None:
    rarity = Rarity(seen_in={"窓口": 9, "発行": 0}, cases=10)
    assert shown(imagined(), case("窓口"), case("発行"), rarity=rarity) == ["発行", "窓口"]


def test_one_of_each_initiative_and_none_of_the_cycles_own_is_shown() -> None:
    one, other = case("住民票 窓口", initiative="a"), case("住民票", initiative="a")
    assert shown(imagined(), one, other, case("住民票", initiative="mine")) == ["住民票 窓口"]


def test_one_of_each_title_and_office_is_shown() -> None:
    assert shown(imagined(), case("住民票"), case("住民票"), case("住民票", unit="S")) == ["住民票", "住民票"]


def test_no_more_are_shown_than_a_person_looks_at() -> None:
    assert len(shown(imagined(), *(case(f"住民票 {number}") for number in range(9)))) == SHOWN


def test_grammar_single_signs_and_doubles_are_not_asked_for() -> None:
    cycle = imagined("した 票 住民票 住民票 " + " ".join(f"w{number}" for number in range(99)))
    asked = words_asked(cycle, str.split)
    assert asked[:2] == ("住民票", "w0")
    assert len(asked) == MOST_WORDS


def test_the_same_metric_makes_a_case_alike_without_a_common_word() -> None:
    measured = Play()
    measured.hand_in(city.imagine())
    other = case("水道 料金", deliverables=measured.state.deliverables)
    cycle = measured.state.model_copy(update={"title": "住民票", "initiative_id": "mine"})
    ((found, why),) = similar(cycle, [other], ["住民票"], str.split, COMMON)
    assert found is other
    assert why.metrics
    assert why.words == ()
