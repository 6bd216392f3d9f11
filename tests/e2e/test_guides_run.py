"""Whoever types what README and the guides show, page after page, gets what they promise: one city, whole turns."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import warm
from tests.support.guides import KINDS, NEEDS_A_REASON, Block, Reader, blocks_of
from tests.support.whole import Whole

ROOT = Path(__file__).parents[2]
GUIDES = ROOT / "docs" / "guides"
FIRST = ("README.md", "docs/guides/one-turn.md", "README.ja.md")
"""As a newcomer reads; the rest follows by name."""
PAGES = (
    *FIRST,
    *(name for page in sorted(GUIDES.glob("*.md")) if (name := page.relative_to(ROOT).as_posix()) not in FIRST),
)


def _blocks(page: str) -> list[Block]:
    return blocks_of(page, (ROOT / page).read_text(encoding="utf-8"))


WITH_BLOCKS = [page for page in PAGES if _blocks(page)]


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """A directory that looks like a fresh clone to whoever types there, with `make up` running in it."""
    folder = tmp_path_factory.mktemp("clone")
    for name in ("engine", "docs"):
        (folder / name).symlink_to(ROOT / name)
    (folder / ".venv/bin").mkdir(parents=True)
    (folder / ".venv/bin/spiral").symlink_to(Path(sys.executable).parent / "spiral")
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    city = Whole(folder / ".spiral", loads=True)
    city.up("--sample", "--no-sample-work")
    yield Reader(folder, city.url, {"http://127.0.0.1:8000": city.url, "/mnt/elsewhere": str(elsewhere)})
    assert city.stop() == 0
    shutil.rmtree(folder)


@pytest.mark.slow
def test_what_the_city_keeps_is_its_accounts_alone(reader: Reader) -> None:
    kept = [path for path in (reader.folder / ".spiral").rglob("*") if path.is_file()]
    assert any(path.name == "spiral.db" for path in kept)
    assert [path.name for path in kept if path.stat().st_mode & 0o077] == []


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("page", WITH_BLOCKS)
def test_what_a_page_shows_runs(page: str, reader: Reader) -> None:
    blocks = [block for block in _blocks(page) if not any(block.mark(name) for name in NEEDS_A_REASON)]
    if page != FIRST[0]:
        typed = reader.folder / ".venv/bin/spiral"
        typed.unlink()
        warm.program(typed)
    assert [reader.follow(block) for block in blocks] == [block.place for block in blocks]


@pytest.mark.long
@pytest.mark.timeout(900)
def test_all_that_the_pages_show_runs(reader: Reader) -> None:
    blocks = [block for page in WITH_BLOCKS for block in _blocks(page) if not block.mark("not run")]
    assert [reader.follow(block) for block in blocks] == [block.place for block in blocks]


def test_what_does_not_run_says_why() -> None:
    silent = [
        block.place
        for page in WITH_BLOCKS
        for block in _blocks(page)
        for name, reason in block.marks
        if name in NEEDS_A_REASON and len(reason) < len("a reason")
    ]
    assert silent == []


def test_every_block_of_such_a_kind_is_seen() -> None:
    """The marks stand right above a block: a pattern that overlooks one would run nothing and find nothing."""
    for page in PAGES:
        text = (ROOT / page).read_text(encoding="utf-8")
        opened = sum(line.strip() in {f"```{kind}" for kind in KINDS} for line in text.splitlines())
        assert len(_blocks(page)) == opened, page
