"""One page under every measure, with as few visits as that takes: one for each language.

Each language arrives at one width (`FIRST`), where axe reads it in each theme, and is made as wide as the other then.
To arrive, and to be read by axe, in every combination of language and width belongs to the long run.
"""

import asyncio

from playwright.async_api import Page

from tests.web.measures import FIRST, WIDTHS, arrived, in_every_colour, probe, probes, resized, themed
from tests.web.places import Place
from tests.web.reading import faults, heard
from tests.web.site import Site
from tests.web.stock import Stock

MM = 96 / 25.4
UPRIGHT, LYING = round((210 - 28) * MM), round((297 - 24) * MM)
"""CSS pixels between the margins of an A4 sheet."""
ROOMS = "[...document.querySelectorAll('.scroll, .drawing-room')]"
WIDER = f"{ROOMS}.filter((one) => one.scrollWidth > one.clientWidth + 1)"
SKIPS = "document.activeElement?.classList.contains('skip')"
IN_MAIN = "document.activeElement?.id === 'main'"


async def inspected(site: Site, stock: Stock, place: Place, *, everywhere: bool = False) -> list[str]:
    """Everything that is wrong with a page, in words; empty: nothing.

    Args:
        everywhere: whether axe reads every combination of language and width in every theme.
    """
    site.console.clear()
    site.elsewhere.clear()
    found: list[str] = []
    for language, first in FIRST.items():
        for width in (first, *(one for one in WIDTHS if one != first)):
            if everywhere or width == first:
                page, said = await arrived(
                    site, place.of(stock), place.who(stock), status=place.status, language=language, width=width
                )
            else:
                said = await resized(page, width)
            if everywhere or width == first:
                said += await in_every_colour(page, None if everywhere else site.sound)
            if language == "ja":
                said += await _by_keyboard(page, width)
            if width == WIDTHS[0]:
                said += [*faults(await heard(page)), *await probes(page, "described")]
                said += await _enlarged(page)
                said += await _other_modes(page) if language == "en" else await _on_paper(page, place)
            elif language == "en":
                said += await _skipping(page)
            found += [f"{language} {width}: {one}" for one in said]
    found += [one for one in site.console if f"status of {place.status}" not in one]
    return found + [f"asks {one}" for one in site.elsewhere]


async def _by_keyboard(page: Page, width: int) -> list[str]:
    """What the Tab key reaches, in which order, whether it is seen there, and how large it is."""
    said: list[str] = []
    if width == WIDTHS[0]:
        await probe(page, "watch")
        presses = await probe(page, "presses")
        await asyncio.gather(*(page.keyboard.press("Tab") for _ in range(presses)))
        said += await probes(page, "walked")
    await page.set_viewport_size({"width": width, "height": 640})
    return said + await probes(page, "focus", "targets", "order")


async def _skipping(page: Page) -> list[str]:
    """The first key leads past the header."""
    await page.keyboard.press("Tab")
    first = await page.evaluate(SKIPS)
    await page.keyboard.press("Enter")
    return [] if first and await page.evaluate(IN_MAIN) else ["the first key does not lead to the content"]


async def _enlarged(page: Page) -> list[str]:
    """A window of 1280 px zoomed to 200 %, also with wider spacing and with text of twice the size; then unzoomed."""
    line = await page.context.new_cdp_session(page)
    zoomed = {"width": 640, "height": 450, "deviceScaleFactor": 2, "mobile": False}
    await line.send("Emulation.setDeviceMetricsOverride", zoomed)
    shown = await page.evaluate("[innerWidth, devicePixelRatio]")
    said = [] if shown == [640, 2] else [f"not zoomed: {shown}"]
    said += [f"at 200 %: {one}" for one in await probes(page, *TEXT)]
    said += [f"at 200 %, spaced: {one}" for one in await probes(page, "spaced", *TEXT, "unspaced")]
    said += [f"at 200 %, largest text: {one}" for one in await probes(page, "largest", *TEXT)]
    await line.send("Emulation.clearDeviceMetricsOverride")
    await line.detach()
    await page.set_viewport_size({"width": 1279, "height": 900})
    return said + [f"largest text: {one}" for one in await probes(page, *TEXT, "usual")]


TEXT = ("sideways", "overlapping")


async def _on_paper(page: Page, place: Place) -> list[str]:
    """A4 from a dark screen: nothing cut, nothing pale, nothing to press."""
    await themed(page, "dark")
    await page.set_viewport_size({"width": LYING if place.route == "/roadmap" else UPRIGHT, "height": 900})
    await page.emulate_media(media="print")
    said = await probes(page, *TEXT, "drawn", "onPaper")
    said += await page.evaluate(f"{WIDER}.map((one) => `wider than the sheet: ${{one.ariaLabel}}`)")
    await page.emulate_media(media="null")
    await themed(page, "light")
    return [f"on paper: {one}" for one in said]


async def _other_modes(page: Page) -> list[str]:
    """Few colours of the reader's own, as Windows' contrast themes give them; and no movement for who wants none."""
    said = await probes(page, "still")
    await page.emulate_media(forced_colors="active")
    for scheme in ("light", "dark"):
        await themed(page, scheme)
        said += [f"forced colours, {scheme}: {one}" for one in await probes(page, "forced")]
    await page.emulate_media(forced_colors="none")
    await themed(page, "light")
    return said
