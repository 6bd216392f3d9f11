"""One page under every measure, with as few visits as that takes: one for each language and width.

axe reads the whole page in pairs: each language, each width and each theme once (`PAIRS`); every combination of them
belongs to the long run.
"""

from collections.abc import Sequence

from playwright.async_api import Page

from tests.web.measures import LANGUAGES, WIDTHS, arrived, in_every_colour, probe, themed
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


PAIRS = {("ja", WIDTHS[0]), ("en", WIDTHS[1])}


async def inspected(site: Site, stock: Stock, place: Place, *, everywhere: bool = False) -> list[str]:
    """Everything that is wrong with a page, in words; empty: nothing.

    Args:
        everywhere: whether axe reads every combination of language and width in every theme.
    """
    site.console.clear()
    site.elsewhere.clear()
    found: list[str] = []
    for language in LANGUAGES:
        for width in WIDTHS:
            page, said = await arrived(
                site, place.of(stock), place.who(stock), status=place.status, language=language, width=width
            )
            if everywhere or (language, width) in PAIRS:
                said += await in_every_colour(page)
            if language == "ja":
                said += await _by_keyboard(page, width)
            if width == WIDTHS[0]:
                said += [*faults(await heard(page)), *await probe(page, "described")]
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
        for _ in range(await probe(page, "presses")):
            await page.keyboard.press("Tab")
        said += await probe(page, "walked")
    await page.set_viewport_size({"width": width, "height": 640})
    return said + await _all_of(page, ("focus", "targets", "order"))


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
    said += [f"at 200 %: {one}" for one in await _all_of(page, TEXT)]
    await probe(page, "spaced")
    said += [f"at 200 %, spaced: {one}" for one in await _all_of(page, TEXT)]
    await page.evaluate("document.adoptedStyleSheets = []")
    await page.evaluate("document.documentElement.dataset.text = 'largest'")
    said += [f"at 200 %, largest text: {one}" for one in await _all_of(page, TEXT)]
    await line.send("Emulation.clearDeviceMetricsOverride")
    await line.detach()
    await page.set_viewport_size({"width": 1279, "height": 900})
    said += [f"largest text: {one}" for one in await _all_of(page, TEXT)]
    await page.evaluate("document.documentElement.dataset.text = 'normal'")
    return said


TEXT = ("sideways", "overlapping")


async def _on_paper(page: Page, place: Place) -> list[str]:
    """A4 from a dark screen: nothing cut, nothing pale, nothing to press."""
    await themed(page, "dark")
    await page.set_viewport_size({"width": LYING if place.route == "/roadmap" else UPRIGHT, "height": 900})
    await page.emulate_media(media="print")
    said = await _all_of(page, (*TEXT, "drawn", "onPaper"))
    said += await page.evaluate(f"{WIDER}.map((one) => `wider than the sheet: ${{one.ariaLabel}}`)")
    await page.emulate_media(media="null")
    return [f"on paper: {one}" for one in said]


async def _other_modes(page: Page) -> list[str]:
    """Few colours of the reader's own, as Windows' contrast themes give them; and no movement for who wants none."""
    said = await probe(page, "still")
    for scheme in ("light", "dark"):
        await themed(page, scheme)
        await page.emulate_media(forced_colors="active")
        said += [f"forced colours, {scheme}: {one}" for one in await probe(page, "forced")]
        await page.emulate_media(forced_colors="none")
    return said


async def _all_of(page: Page, names: Sequence[str]) -> list[str]:
    return [one for name in names for one in await probe(page, name)]
