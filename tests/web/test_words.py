"""The Japanese catalogues: every text is in them, once, with the same places to fill in."""

import re

from engine.language.catalogues import LOCALE
from tests.web.words import catalogues, keyed_catalogues, line_catalogues, lines, said

PLACE = re.compile(r"%\((\w+)\)s")
BRACES = re.compile(r"\{(\w+)[!:}]")


def test_every_text_of_the_pages_is_in_the_japanese_catalogue() -> None:
    known = {
        message.id[0] if isinstance(message.id, tuple) else message.id
        for catalogue in catalogues().values()
        for message in catalogue
        if message.string and "".join(message.string)
    }
    missing = {text: place for text, place in said() if text not in known}
    assert not missing, "\n".join(f"{place}  {text}" for text, place in missing.items())


def test_every_japanese_text_fills_in_what_the_english_one_does() -> None:
    for name, catalogue in catalogues().items():
        for message in catalogue:
            if not message.id:
                continue
            english = message.id[-1] if isinstance(message.id, tuple) else message.id
            japanese = message.string[-1] if isinstance(message.string, tuple) else message.string
            assert set(PLACE.findall(japanese)) == set(PLACE.findall(english)), (name, english)


def test_no_text_stands_twice_in_different_words() -> None:
    seen: dict[str, tuple[str, str]] = {}
    for name, catalogue in catalogues().items():
        for message in catalogue:
            text, japanese = str(message.id), str(message.string)
            if not message.id:
                continue
            assert seen.get(text, ("", japanese))[1] == japanese, (text, name, seen[text][0])
            seen[text] = name, japanese


def test_nothing_stands_in_the_catalogue_that_no_page_says() -> None:
    wanted = {text for text, _ in said()}
    for name, catalogue in catalogues().items():
        for message in catalogue:
            text = message.id[0] if isinstance(message.id, tuple) else message.id
            assert not text or text in wanted, (name, text)


def test_every_line_in_both_languages_is_in_one_catalogue_and_every_entry_is_said() -> None:
    known = [str(message.id) for one in line_catalogues().values() for message in one if message.id]
    assert len(known) == len(set(known))
    wanted = dict(lines())
    assert len(wanted) > 100
    assert {text: place for text, place in wanted.items() if text not in known} == {}
    assert set(known) - set(wanted) == set()


def test_no_message_is_without_japanese_or_english() -> None:
    everything = catalogues() | line_catalogues() | keyed_catalogues()
    empty = [
        (name, message.context or message.id)
        for name, one in everything.items()
        for message in one
        if (message.id or message.context) and not (message.id and message.string and all(message.string))
    ]
    assert len(everything) > 20
    assert empty == []


def test_a_line_and_a_word_never_fill_in_in_japanese_what_english_does_not_know() -> None:
    """Fewer are allowed: Japanese may leave out what English says, a library's own words among them."""
    for name, one in (line_catalogues() | keyed_catalogues()).items():
        for message in one:
            english, japanese = (set(BRACES.findall(str(text))) for text in (message.id, message.string))
            assert japanese <= english | ({"ja"} if "en" in english else set()), (name, message.id)


def test_a_key_stands_once_among_the_words_of_one_kind() -> None:
    for name, one in keyed_catalogues().items():
        file = (LOCALE / name).read_text(encoding="utf-8")
        keys = re.findall(r'^msgctxt "(.*)"$', file, re.MULTILINE)
        assert len(keys) == len(set(keys)) == sum(1 for message in one if message.id), name
