"""The measures: axe finds nothing, nothing leaves the origin, the console is quiet, pages are small and still."""

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

from tests.web.conftest import CHIEF, OWNER, Site
from tests.web.test_manager import handed_in

RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }
}
SHIFTS = """() => new Promise((done) => {
  let sum = 0;
  new PerformanceObserver((list) => { for (const one of list.getEntries()) sum += one.value; })
    .observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done(sum), 100);
})"""
LOOKS = [("ja", 320, "light"), ("ja", 1280, "dark"), ("en", 320, "dark"), ("en", 1280, "light")]


async def paths(site: Site) -> list[tuple[str | None, str]]:
    """Who looks at which page: each one there is for owner and manager."""
    waiting = await handed_in(site, "住民票が届く窓口")
    draft = await handed_in(site, "おくやみ手続きを一枚で")
    await site.office.decide(draft.cycle_id)
    return [
        (None, "/sign-in"),
        (OWNER, "/"),
        (OWNER, "/start"),
        (OWNER, f"/cycles/{draft.cycle_id}"),
        (OWNER, f"/cycles/{waiting.cycle_id}"),
        (CHIEF, "/decisions"),
        (CHIEF, f"/decisions/{waiting.cycle_id}"),
        (CHIEF, "/absences"),
        (CHIEF, "/history"),
    ]


@pytest.mark.parametrize(("language", "width", "theme"), LOOKS)
async def test_every_page_is_usable_by_everybody_quiet_small_and_still(
    site: Site, language: str, width: int, theme: str
) -> None:
    site.console.clear()
    site.elsewhere.clear()
    found: list[str] = []
    for person, path in await paths(site):
        async with site.visitor(person, language=language, width=width, theme=theme) as page:
            sizes: list[int] = []
            page.on(
                "response", lambda answer, sizes=sizes: sizes.append(int(answer.headers.get("content-length", 0)))
            )
            await page.goto(path)
            found += [f"{path}: {one}" for one in await _faults(page)]
            if sum(sizes) >= 100_000:
                found.append(f"{path}: {sum(sizes)} bytes")
    assert not found, "\n".join(found)
    assert not site.console
    assert not site.elsewhere


async def _faults(page: Page) -> list[str]:
    shift = await page.evaluate(SHIFTS)
    for details in await page.locator("details").all():
        await details.evaluate("one => { if (!one.classList.contains('menu')) one.open = true; }")
    wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    results = await Axe().run(page, options=RULES)
    said = [
        f"{one['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:200]}"
        for one in results.response["violations"]
        for node in one["nodes"][:2]
    ]
    return said + ([f"layout shift {shift}"] if shift else []) + ([f"{wide} px too wide"] if wide > 0 else [])
