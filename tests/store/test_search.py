import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from engine.contracts.lists import CaseFilter
from engine.domain.access.reading import EVERYTHING
from engine.store.database import reading, writing
from engine.store.projections import search_index as search
from engine.store.projections.library import Library
from engine.store.projections.search_index import expression, index, matching, number_of, phrases, snippet, tokens

TEXTS = {
    "a": ("市民窓口課の転記をやめた", "住民票が、来なくても届く"),
    "b": ("オンライン申請", "Online applications for ＤＸ推進 2026年"),
    "c": ("窓のふき方", "口頭で伝える。ｶﾞｲﾄﾞﾌﾞｯｸ"),
}


@pytest.fixture
def indexed(database: Engine) -> Engine:
    with writing(database) as session:
        for name, (title, body) in TEXTS.items():
            index(session, name, title, body)
    return database


def found(session: Session, q: str) -> str:
    wanted = phrases(q)
    if not wanted:
        return ""
    from sqlalchemy import text

    rows = session.execute(text(matching(session)), {"match": expression(session, wanted)}).all()
    numbers = {number_of(name): name for name in TEXTS}
    return "".join(sorted(numbers[number] for number, _ in rows))


def test_a_run_of_japanese_becomes_pairs_and_its_last_character() -> None:
    assert tokens("市民窓口") == ["市民", "民窓", "窓口", "口"]
    assert tokens("ＤＸ推進 Online-2026") == ["dx", "推進", "進", "online", "2026"]


@pytest.mark.parametrize(
    ("q", "names"),
    [
        ("窓口", "a"), ("市民窓口課", "a"), ("窓", "ac"), ("口", "ac"), ("課", "a"), ("窓 口頭", "c"), ("民口", ""),
        ("online", "b"), ("ONL", "b"), ("nline", ""), ("ｄｘ推進", "b"), ("dx", "b"), ("ガイド", "c"), ("ｶﾞｲﾄﾞ", "c"),
        ("2026年", "b"), ("オンライン申請", "b"), ("届く 転記", "a"), ("届く 申請", ""), ("やめた住民", ""),
    ],
)  # fmt: skip
def test_words_are_found_inside_words_and_all_must_be_there(indexed: Engine, q: str, names: str) -> None:
    with reading(indexed) as session:
        assert found(session, q) == names


@pytest.mark.parametrize(
    "q",
    [
        '"', "'", "''; DROP TABLE case_sheet --", "窓口 OR online", "NOT a", "NEAR(a b)", "title:窓", "a*", "^a",
        "-a",
        "(", ")", "a & b", "!a", "<->", ":*", "\\", "%", "_", "😀", "窓😀口", "\x00", "a\x00b", "{a}",
        "𠮷野家", "ｱ" * 10_000,
        "窓" * 10_000, "a " * 5_000, "\u202e窓", "AND", "॥", "ﷺ", "é", "e\u0301",
    ],
)  # fmt: skip
def test_no_query_is_an_error_or_a_command(indexed: Engine, q: str) -> None:
    assert Library(indexed).matching(q, CaseFilter(), 10, EVERYTHING) == []
    with reading(indexed) as session:
        assert set(found(session, q)) <= set(TEXTS)
        assert search.size(session) == 3


def test_a_better_match_comes_first_and_the_title_counts_most(database: Engine) -> None:
    from sqlalchemy import text

    with writing(database) as session:
        index(session, "title", "窓口", "別の話 " * 5)
        index(session, "body", "別の話", "窓口 " + "別の話 " * 5)
    with reading(database) as session:
        rows = session.execute(text(matching(session)), {"match": expression(session, phrases("窓口"))}).all()
    best = max(rows, key=lambda row: row[1])
    assert (len(rows), best[0]) == (2, number_of("title"))


def test_a_snippet_marks_what_was_found() -> None:
    pieces = snippet("市民ﾏﾄﾞ口課、ようこそ", phrases("マド口"), around=3)
    assert [(piece.text, piece.hit) for piece in pieces] == [("市民", False), ("マド口", True), ("課、よ", False)]
    assert snippet("何もない", phrases("窓口")) == ()


def test_how_often_a_token_occurs_is_known(indexed: Engine) -> None:
    with reading(indexed) as session:
        assert search.frequencies(session, ["窓口", "口", "dx", "無い"]) == {"窓口": 1, "口": 0, "dx": 1, "無い": 0}
