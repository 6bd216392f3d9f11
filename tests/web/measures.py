"""What every page is measured by: axe finds nothing, nothing sticks out sideways, all of it fits the phone."""

from collections.abc import Iterable

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

from tests.web.conftest import OWNER, Site

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
LOOKS = (("ja", "light", 1280), ("en", "dark", 1280), ("ja", "dark", 320), ("en", "light", 320))
"""Every language, theme and width, each seen twice."""


async def faults(page: Page) -> list[str]:
    """What axe finds, and whether the page is wider than its window."""
    found = await Axe().run(page, options=RULES)
    said = [
        f"{one['id']}: {one['help']} {[node['target'] for node in one['nodes']][:3]}"
        for one in found.response["violations"]
    ]
    wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return said + ([f"sticks out by {wide} px"] if wide > 1 else [])


async def faults_of(site: Site, paths: Iterable[str], person: str = OWNER) -> dict[str, list[str]]:
    """The faults of pages in every look; empty when there are none."""
    found: dict[str, list[str]] = {}
    for language, theme, width in LOOKS:
        async with site.visitor(person, language=language, theme=theme, width=width) as page:
            for path in paths:
                answer = await page.goto(path)
                status = answer.status if answer else 0
                said = await faults(page) if status == 200 else [f"answered {status}"]
                if said:
                    found[f"{path} {language} {theme} {width}"] = said
    return found
