"""Every text, as Babel finds it in the code, and the catalogues that hold it."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir

from engine.language.catalogues import LOCALE, catalogue

ROOT = Path(__file__).resolve().parents[2]
WEB = ROOT / "api" / "web"
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2.ext:babel_extract")]
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None, "gettext": None, "N_": None, "ngettext": (1, 2), "say": None,
}  # fmt: skip


@cache
def said() -> tuple[tuple[str, str], ...]:
    """Each text and where it stands."""
    return tuple(_said())


def _said() -> Iterator[tuple[str, str]]:
    options = {"templates/**.html": {"silent": "false", "trimmed": "true", "extensions": "jinja2.ext.do"}}
    for file, line, text, _, _ in extract_from_dir(str(WEB), METHODS, options, keywords=KEYWORDS):
        for one in (text if isinstance(text, tuple) else (text,))[:1]:
            yield one, f"{file}:{line}"


def catalogues() -> dict[str, Catalog]:
    """The Japanese of the pages by file."""
    return {file.name: catalogue(file) for file in sorted((LOCALE / "pages").glob("*.po"))}


def lines() -> Iterator[tuple[str, str]]:
    """Each text that is said in both languages at once, and where."""
    for room in ("engine", "api", "workflows", "activities"):
        for file, line, text, _, _ in extract_from_dir(str(ROOT / room), METHODS[:1], {}, keywords={"both": None}):
            yield str(text), f"{room}/{file}:{line}"


def line_catalogues() -> dict[str, Catalog]:
    """The Japanese of those by file."""
    return {file.name: catalogue(file) for file in sorted((LOCALE / "lines").glob("*.po"))}


def keyed_catalogues() -> dict[str, Catalog]:
    """Words with a key, by file."""
    return {file.name: catalogue(file) for file in sorted(LOCALE.glob("*.po"))}
