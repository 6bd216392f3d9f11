"""The page of words: what the practice's words mean."""

from starlette.responses import Response

from api.web.format.glossary_terms import TERMS
from api.web.frame.page import Context, Guest, pages_router

router = pages_router()


class GlossaryEntry(Context):
    """A word in the reader's language, with the address of its place on the page."""

    key: str
    word: str
    meaning: str


class WordsContext(Context):
    """The words under their headings."""

    groups: tuple[tuple[str, tuple[GlossaryEntry, ...]], ...]


@router.get("/words")
def words(visit: Guest) -> Response:
    """Every word with its meaning."""
    groups: dict[str, list[GlossaryEntry]] = {}
    for key, one in TERMS.items():
        entry = GlossaryEntry(key=key, word=visit.say(one.word), meaning=visit.say(one.meaning))
        groups.setdefault(visit.say(one.group), []).append(entry)
    found = tuple((heading, tuple(entries)) for heading, entries in groups.items())
    return visit.page("words.html", WordsContext(groups=found))
