"""The pages that are printed for the council, as PDF; what every page is on paper is measured in `inspecting.py`."""

import io
import re
import unicodedata

import pytest
from pypdf import PdfReader

from tests.web.measures import LANGUAGES
from tests.web.places import PLACES, Place
from tests.web.site import Site
from tests.web.stock import Stock

COUNCIL = {
    "/city": ("市の状況", "どこで止まっているか", "市のスパイラル", "令和8年", "注意が必要なこと"),
    "/roadmap": ("ロードマップ", "SL-07", "CA-01"),
    "/initiatives/{spiral}": ("届かせる窓口", "周回", "第2周", "担当者"),
    "/cycles/{case}": ("届かせる窓口", "想像する", "取り組む", "実感する", "共有する", "これまでの決裁", "吉川"),
    "/decisions/{waiting}": ("確認すること", "数字", "決裁経路", "理想的な姿"),
    "/library/{case}": ("届かせる窓口", "数字", "処理時間"),
}
"""The pages that are printed for the council, and words that must stand in them."""
LEFT_OUT = ("自分の仕事", "サインアウト", "本文へ", "文字の大きさ", "表示する", "API")


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("place", [one for one in PLACES if one.path in COUNCIL], ids=str)
async def test_the_councils_pages_are_a4_with_date_and_page_numbers(
    site: Site, stock: Stock, place: Place, language: str
) -> None:
    page = await site.look(place.who(stock), language=language, theme="dark")
    await page.goto(place.of(stock))
    reader = PdfReader(io.BytesIO(await page.pdf(prefer_css_page_size=True)))
    sizes = {tuple(sorted(round(float(side) / 72 * 25.4) for side in one.mediabox[2:])) for one in reader.pages}
    assert sizes == {(210, 297)}
    texts = [unicodedata.normalize("NFKC", one.extract_text()) for one in reader.pages]
    assert len(texts) <= 4
    for number, text in enumerate(texts, start=1):
        assert f"{number} / {len(texts)}" in text
        assert len(text) > 40, "an empty sheet"
    whole = re.sub(r"\s+", "", "".join(texts))
    assert "DXSpiral" in whole
    now = site.office.directory.now()
    assert str(now.year) in whole
    if language == "ja":
        missing = [word for word in COUNCIL[place.path] if word.replace(" ", "") not in whole]
        assert not missing, (missing, whole)
        assert not [word for word in LEFT_OUT if word in whole]
