"""Full-text search in Japanese and English, the same on SQLite (FTS5) and PostgreSQL (tsvector, GIN).

The tokens are our own, made here at index and at query time, because neither database knows where a Japanese word
ends: text is NFKC and case-folded; a run of CJK characters becomes overlapping pairs and its last character alone;
any other run of letters and digits is one token. So 窓口 (a pair) is found inside 市民窓口課, and not in 窓…口.
"""

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import bindparam, text
from sqlmodel import Session

from engine.store.projections.cycles import folded

LONGEST_QUERY = 200
"""Characters of a query that are looked at."""
MOST_TOKENS = 16_000
"""Tokens of one text that are indexed: PostgreSQL counts positions up to 16,383."""
_CJK = (
    "\u3005-\u3007\u3040-\u30ff\u3100-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U000323af"
)
_RUN = re.compile(f"[{_CJK}]+|[^\\W_{_CJK}]+")
_IS_CJK = re.compile(f"[{_CJK}]")


def tokens(words: str) -> list[str]:
    """The tokens of a text, in order."""
    found: list[str] = []
    for run in _RUN.findall(folded(words)):
        found += _pairs(run) if _IS_CJK.match(run) else [run]
    return found[:MOST_TOKENS]


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run))]


class Phrase(tuple[str, ...]):
    """Tokens that must follow on one another; the last one is the beginning of a token."""

    __slots__ = ()


def phrases(query: str) -> list[Phrase]:
    """What a query asks for: every word, each as a phrase. Punctuation is no more than a space."""
    found: list[Phrase] = []
    for word in folded(query[:LONGEST_QUERY]).split():
        runs = _RUN.findall(word)
        parts: list[str] = []
        for index, run in enumerate(runs):
            pairs = _pairs(run) if _IS_CJK.match(run) else [run]
            is_last = index == len(runs) - 1
            parts += pairs[:-1] if is_last and len(pairs) > 1 else pairs
        if parts:
            found.append(Phrase(parts))
    return list(dict.fromkeys(found))


class Segment(NamedTuple):
    """A piece of text; `hit` when it is what was looked for."""

    text: str
    hit: bool


def snippet(words: str, wanted: Sequence[Phrase], around: int = 40) -> tuple[Segment, ...]:
    """The first match in a text with some characters around it; empty when nothing of it is there.

    The text comes back in NFKC, so that every width is shown as it is compared.
    """
    shown = unicodedata.normalize("NFKC", words)
    flat, places = "", []
    for place, character in enumerate(shown):
        for one in character.casefold():
            flat += one
            places.append(place)
    needles = [needle for one in wanted if (needle := _needle(one))]
    found = [(at, len(needle)) for needle in needles if (at := flat.find(needle)) >= 0]
    if not found:
        return ()
    at, length = min(found)
    first, last = places[at], places[at + length - 1] + 1
    start, end = max(first - around, 0), min(last + around, len(shown))
    pieces = ((shown[start:first], False), (shown[first:last], True), (shown[last:end], False))
    return tuple(Segment(piece, hit) for piece, hit in pieces if piece)


def _needle(phrase: Phrase) -> str:
    """The characters that a phrase stands for: pairs overlap by one."""
    found = phrase[0]
    for token in phrase[1:]:
        found += token[1:] if _IS_CJK.match(token) and found.endswith(token[0]) else token
    return found


def number_of(name: str) -> int:
    """The row number under which a text is indexed: 63 bits made from its name."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") >> 1


def index(session: Session, name: str, title: str, body: str) -> None:
    """Puts a text into the index, in place of what was there."""
    number = number_of(name)
    session.execute(text(_REMOVE[_dialect(session)]), {"n": number})
    session.execute(text(_INSERT[_dialect(session)]), {"n": number} | _content(session, title, body))


def forget(session: Session, name: str) -> None:
    """Takes a text out of the index."""
    session.execute(text(_REMOVE[_dialect(session)]), {"n": number_of(name)})


def empty(session: Session) -> None:
    """Throws the index away."""
    session.execute(text("DELETE FROM case_search"))


def fill(session: Session, texts: Mapping[str, tuple[str, str]]) -> None:
    """Puts texts, title and body by name, into an index that holds none of them."""
    if texts:
        rows = [{"n": number_of(name)} | _content(session, *both) for name, both in texts.items()]
        session.connection().execute(text(_INSERT[_dialect(session)]), rows)


def indexed(session: Session, texts: Mapping[str, tuple[str, str]]) -> set[str]:
    """The names of those texts, title and body, which the index holds exactly so."""
    wanted = {number_of(name): (name, _content(session, *both)) for name, both in texts.items()}
    if not wanted:
        return set()
    if _dialect(session) == "sqlite":
        held = text("SELECT rowid, title, body FROM case_search WHERE rowid IN :numbers")
        rows = session.execute(held.bindparams(bindparam("numbers", list(wanted), expanding=True)))
        return {
            wanted[number][0] for number, title, body in rows if wanted[number][1] == {"title": title, "body": body}
        }
    same = text(
        "SELECT held.number FROM case_search AS held "
        "JOIN unnest(CAST(:numbers AS bigint[]), CAST(:vectors AS text[])) AS wanted (number, vector) "
        "ON held.number = wanted.number AND held.vector = CAST(wanted.vector AS tsvector)"
    )
    vectors = [content["vector"] for _, content in wanted.values()]
    return {wanted[row.number][0] for row in session.execute(same, {"numbers": list(wanted), "vectors": vectors})}


def size(session: Session) -> int:
    """How many texts are indexed."""
    return int(session.execute(text("SELECT count(*) FROM case_search")).scalar() or 0)


def matching(session: Session) -> str:
    """SQL for `number` and `score` (the higher the better) of the texts that match `:match`."""
    return _MATCHING[_dialect(session)]


def expression(session: Session, wanted: Sequence[Phrase], *, all_of: bool = True) -> str:
    """`wanted` in the database's own query language; only letters and digits of ours stand in it."""
    if _dialect(session) == "sqlite":
        return (" AND " if all_of else " OR ").join(f'"{" ".join(one)}" *' for one in wanted)
    return (" & " if all_of else " | ").join(f"({' <-> '.join(_lexemes(one))})" for one in wanted)


def frequencies(session: Session, terms: Sequence[str]) -> dict[str, int]:
    """In how many texts each token occurs."""
    sqlite = _dialect(session) == "sqlite"
    return {
        term: int(
            session.execute(
                text(_COUNT[_dialect(session)]), {"match": f'"{term}"' if sqlite else f"'{term}'"}
            ).scalar()
            or 0
        )
        for term in dict.fromkeys(terms)
    }


def _lexemes(phrase: Phrase) -> list[str]:
    return [f"'{token}'" for token in phrase[:-1]] + [f"'{phrase[-1]}':*"]


def _dialect(session: Session) -> str:
    return session.get_bind().dialect.name


def _content(session: Session, title: str, body: str) -> dict[str, str]:
    heading, rest = tokens(title), tokens(body)
    if _dialect(session) == "sqlite":
        return {"title": " ".join(heading), "body": " ".join(rest)}
    places: dict[str, list[str]] = {}
    for position, token in enumerate(heading, start=1):
        places.setdefault(token, []).append(f"{position}A")
    for position, token in enumerate(rest, start=len(heading) + 3):  # a gap: no phrase from the title into the body
        if position < 16_383:
            places.setdefault(token, []).append(str(position))
    return {"vector": " ".join(f"'{token}':{','.join(at[:255])}" for token, at in places.items())}


_REMOVE = {
    "sqlite": "DELETE FROM case_search WHERE rowid = :n",
    "postgresql": "DELETE FROM case_search WHERE number = :n",
}
_INSERT = {
    "sqlite": "INSERT INTO case_search (rowid, title, body) VALUES (:n, :title, :body)",
    "postgresql": "INSERT INTO case_search (number, vector) VALUES (:n, CAST(:vector AS tsvector))",
}
_MATCHING = {
    "sqlite": (
        "SELECT rowid AS number, -bm25(case_search, 4.0, 1.0) AS score FROM case_search "
        "WHERE case_search MATCH :match"
    ),
    "postgresql": (
        "SELECT number, CAST(ts_rank(vector, CAST(:match AS tsquery)) AS double precision) AS score FROM case_search "
        "WHERE vector @@ CAST(:match AS tsquery)"
    ),
}
_COUNT = {
    "sqlite": "SELECT count(*) FROM case_search WHERE case_search MATCH :match",
    "postgresql": "SELECT count(*) FROM case_search WHERE vector @@ CAST(:match AS tsquery)",
}
