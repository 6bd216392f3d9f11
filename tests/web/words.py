"""Every text of the pages, as Babel finds it."""

from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

WEB = Path(__file__).resolve().parents[2] / "api" / "web"
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2.ext:babel_extract")]
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None, "gettext": None, "N_": None, "ngettext": (1, 2), "say": None,
}  # fmt: skip


def said() -> Iterator[tuple[str, str]]:
    """Each text and where it stands."""
    options = {"templates/**.html": {"silent": "false", "trimmed": "true", "extensions": "jinja2.ext.do"}}
    for file, line, text, _, _ in extract_from_dir(str(WEB), METHODS, options, keywords=KEYWORDS):
        for one in (text if isinstance(text, tuple) else (text,))[:1]:
            yield one, f"{file}:{line}"


def catalogues() -> dict[str, Catalog]:
    """The Japanese files by name."""
    found = {}
    for file in sorted((WEB / "locale" / "ja").glob("*.po")):
        with file.open("rb") as source:
            found[file.name] = read_po(source, locale="ja")
    return found
