"""What every page is measured by: axe finds nothing, nothing sticks out or visibly shifts, it is small."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Page

from tests.web.colours import OF_COLOUR, of_colours
from tests.web.site import OWNER, Site

PROBES = Path(__file__).with_name("probes.js").read_text(encoding="utf-8")
EACH = "((all, names) => names.flatMap((name) => all[name]() ?? []))"
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
    "reporter": "no-passes",
}
IN_ANY_COLOUR = RULES | {"rules": {name: {"enabled": False} for name in OF_COLOUR}}
"""All but the rules that read colours: they say the same in every theme."""
AXE = """async (rules) => (await axe.run(rules)).violations.flatMap((one) => one.nodes.slice(0, 3)
  .map((node) => `${one.id}: ${node.html.slice(0, 160)} ${(node.failureSummary ?? "").slice(0, 240)}`))"""
SEEN = 0.01
"""Layout shift of one page that a person could notice; a tenth of what is commonly called good (0.1)."""
SHIFTS = f"""() => new Promise((done) => {{
  const moved = [];
  let sum = 0;
  new PerformanceObserver((list) => {{
    for (const {{ value, sources }} of list.getEntries()) {{
      sum += value;
      moved.push(`moved by ${{value.toFixed(4)}}: ${{sources.map(({{ node }}) => node?.outerHTML?.slice(0, 120))}}`);
    }}
  }}).observe({{ type: "layout-shift", buffered: true }});
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(sum < {SEEN} ? [] : moved))));
}})"""
LANGUAGES, WIDTHS = ("ja", "en"), (1280, 320)
FIRST = dict(zip(LANGUAGES, WIDTHS, strict=True))
"""The width at which each language arrives."""
HEAVIEST = 100_000
"""Bytes of a page that comes for the first time, with everything it needs."""
DRAWN = ("sideways", "drawn")

Arrival = tuple[Page, list[str]]


async def probe(page: Page, name: str) -> Any:
    """What one of `probes.js` says."""
    return await page.evaluate(f"(window.probes ??= {PROBES}).{name}()")


async def probes(page: Page, *names: str) -> list[str]:
    """What several of them say, in one breath: the page is not drawn anew between them."""
    said: list[str] = await page.evaluate(f"{EACH}(window.probes ??= {PROBES}, {list(names)})")
    return said


async def axe(page: Page, rules: Mapping[str, object] = RULES) -> list[str]:
    """What axe finds on a page that is kept: its source is there already."""
    found: list[str] = await page.evaluate(AXE, rules)
    return found


@asynccontextmanager
async def weighed(page: Page) -> AsyncIterator[list[int]]:
    """The bytes that come over the line meanwhile, nothing taken from the cache."""
    line = await page.context.new_cdp_session(page)
    sizes: list[int] = []
    line.on("Network.loadingFinished", lambda one: sizes.append(int(one["encodedDataLength"])))
    await line.send("Network.enable")
    await line.send("Network.setCacheDisabled", {"cacheDisabled": True})
    try:
        yield sizes
    finally:
        await line.detach()


async def themed(page: Page, theme: str) -> None:
    """A theme is an attribute, so that no page has to come again for it."""
    await page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)


async def in_every_colour(page: Page, sound: set[str] | None = None) -> list[str]:
    """What axe finds in light and in dark.

    Args:
        sound: the ways of looking that `of_colours` need not judge again; None: everything is judged.
    """
    sound = set() if sound is None else sound
    said = [*await of_colours(page, sound, "light"), *await axe(page, IN_ANY_COLOUR)]
    said += [f"dark: {one}" for one in await of_colours(page, sound, "dark")]
    await themed(page, "light")
    return said


async def arrived(site: Site, path: str, person: str | None, *, status: int, language: str, width: int) -> Arrival:
    """A page that has come, and what its coming was like; everything folded away is open."""
    page = await site.look(person, language=language, width=width)
    async with weighed(page) as sizes:
        answer = await page.goto(path)
    said = [] if answer and answer.status == status else [f"answered {answer and answer.status}"]
    said += await page.evaluate(SHIFTS)
    said += [f"{sum(sizes)} bytes"] if sum(sizes) >= HEAVIEST else []
    return page, said + await probes(page, "open", *DRAWN)


async def resized(page: Page, width: int) -> list[str]:
    """What a page that is there already is like in a window of another width."""
    await page.set_viewport_size({"width": width, "height": 900})
    return await probes(page, "unsettled", *DRAWN)


async def faults_of(
    site: Site, paths: Iterable[str], person: str | None = OWNER, status: int = 200
) -> dict[str, list[str]]:
    """The faults of pages in every language, width and theme; axe reads each language at one width. Empty: none."""
    found: dict[str, list[str]] = {}
    for path in paths:
        for language, first in FIRST.items():
            page, said = await arrived(site, path, person, status=status, language=language, width=first)
            said += await in_every_colour(page, site.sound)
            for width in WIDTHS:
                said += await resized(page, width) if width != first else []
            if said:
                found[f"{path} {language}"] = said
    return found
