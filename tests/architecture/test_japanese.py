"""The Japanese texts say one thing with one word, as an office writes it; what was mended once stays mended."""

import csv
import re
from pathlib import Path

import pytest

TEXTS = (
    "engine/language/locale/ja/**/*.po", "engine/language/*.py", "engine/data/sample-city/README.md",
    "api/cli/**/*.py", "api/web/templates/**/*.html", "README.ja.md", "docs/guides/*.ja.md",
)  # fmt: skip
SAID_INSTEAD = {
    "申し出": "提案", "この提供": "提案", "提供 {offer}": "提案", "提供した": "提案した", "提供が": "提案が",
    "空席": "欠員", "部署": "所属", "組織コード": "所属コード", "上申": "上位者の決裁", "未計測": "未測定",
    "条件付き承認": "条件付承認", "引戻しする": "引き戻す", "取下げする": "取り下げる", "差戻しする": "差し戻す",
    "第%(number)s周回": "第…周", "はじめる": "始める", "わかる": "分かる", "わかり": "分かり", "くらべ": "比べ",
    "指令": "操作", "その日まで保留": "指定した日まで", "範囲の外です": "範囲外です", "よい向き": "望ましい方向",
    "なってから：": "…から", "errors の": "次の項目", "大丈夫": "問題ありません", "ひとりでに": "自動で",
}  # fmt: skip


def _texts(root: Path) -> list[Path]:
    return sorted({page for pattern in TEXTS for page in root.glob(pattern)})


@pytest.mark.parametrize(("word", "standard"), SAID_INSTEAD.items())
def test_no_text_uses_another_word_than_the_office(root: Path, word: str, standard: str) -> None:
    found = [page.name for page in _texts(root) if word in page.read_text(encoding="utf-8")]
    assert found == [], f"write {standard}"


def test_the_texts_are_found(root: Path) -> None:
    """A pattern that matches nothing would let every word pass."""
    for pattern in TEXTS:
        assert list(root.glob(pattern)), pattern


def test_the_guide_names_buttons_and_pages_as_the_screen_does(root: Path) -> None:
    shown = "".join(
        page.read_text(encoding="utf-8") for page in (root / "engine/language/locale/ja/pages").glob("*.po")
    )
    guide = (root / "docs/guides/pages.ja.md").read_text(encoding="utf-8")
    named = [quoted or bold for quoted, bold in re.findall(r"「([^」]+)」|\*\*([^*]+)\*\*", guide)]
    assert len(named) > len(SAID_INSTEAD)
    assert [name for name in named if f'"{name}"' not in shown] == []


def test_who_is_who_says_what_the_organisation_does(root: Path) -> None:
    folder = root / "engine/data/sample-city"
    people = {row["person_id"]: row["name"] for row in csv.DictReader((folder / "people.csv").open(encoding="utf-8"))}
    titles: dict[str, list[str]] = {}
    for row in csv.DictReader((folder / "posts.csv").open(encoding="utf-8")):
        titles.setdefault(row["person_id"], []).append(row["title"])
    listed = re.findall(
        r"^\| (p\d+) \| ([^|]+) \| ([^|/]+) /", (folder / "README.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert len(listed) == 9
    assert [who for who, name, _ in listed if people[who] != name] == []
    assert [who for who, _, post in listed if not any(title in post for title in titles[who])] == []
