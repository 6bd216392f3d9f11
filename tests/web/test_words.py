"""The Japanese catalogue: every text is in it, once, with the same places to fill in."""

import re

from tests.web.words import catalogues, said

PLACE = re.compile(r"%\((\w+)\)s")


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
