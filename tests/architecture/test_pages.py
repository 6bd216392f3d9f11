"""What the pages show must work: links, settings, and the form in the first five minutes."""

import re
from pathlib import Path

from engine.domain.deliverables import Imagine
from engine.domain.deliverables.required import Profile, missing
from engine.runtime.settings import Settings

LINK = re.compile(r"\]\(([^)\s]+)\)|src=\"([^\"]+)\"")


def _pages(root: Path) -> list[Path]:
    return [*root.glob("*.md"), *(root / "docs").rglob("*.md")]


def test_every_link_between_our_pages_leads_somewhere(root: Path) -> None:
    broken = []
    for page in _pages(root):
        for pair in LINK.findall(page.read_text(encoding="utf-8")):
            target = "".join(pair).partition("#")[0]
            if target and "://" not in target and not (page.parent / target).exists():
                broken.append(f"{page.name}: {target}")
    assert broken == []


def test_the_form_in_the_first_five_minutes_is_ready_to_submit(root: Path) -> None:
    form = re.search(r"```json\n(.+?)```", (root / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert form is not None
    assert list(missing(Imagine.model_validate_json(form[1]), Profile.LIGHT)) == []


def test_every_setting_stands_in_the_operators_guide(root: Path) -> None:
    guide = (root / "docs/guides/operate.md").read_text(encoding="utf-8")
    said = set(re.findall(r"`(SPIRAL_[A-Z_]+)`", guide))
    assert said == {f"SPIRAL_{name.upper()}" for name in Settings.model_fields}


def test_every_decision_is_numbered_once_and_listed(root: Path) -> None:
    folder = root / "docs" / "adr"
    pages = sorted(page.name for page in folder.glob("[0-9]*.md"))
    listed = re.findall(r"\((\d{4}-[a-z-]+\.md)\)", (folder / "README.md").read_text(encoding="utf-8"))
    assert listed == pages
    assert [name[:4] for name in pages] == [f"{number:04}" for number in range(1, len(pages) + 1)]
