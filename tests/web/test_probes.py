"""The measures find what they are there to find: each on a page that has just that fault."""

import pytest
from playwright.async_api import Page

from tests.web.measures import SHIFTS, axe, in_every_colour, probe
from tests.web.reading import faults, heard
from tests.web.site import Site

SOUND = """<!doctype html><html lang="en" data-theme="light"><head><title>x</title>
<meta name="viewport" content="width=device-width"><style>:focus {{ outline: 3px solid blue }}
a, button {{ display: inline-block; min-height: 30px; min-width: 30px }} {style}</style></head>
<body><header>DX</header><main><h1>Title</h1>{body}</main><footer>end</footer></body></html>"""
BUTTONS = '<p><button>one</button></p><p><button id="two">two</button></p>'


async def shown(site: Site, body: str, style: str = "", *, width: int = 640) -> Page:
    page = await site.look(None, width=width)
    await page.goto("about:blank")
    await page.set_content(SOUND.format(body=body, style=style))
    return page


@pytest.mark.parametrize("name", ["sideways", "overlapping", "order", "focus", "targets", "described"])
async def test_a_sound_page_has_no_faults(site: Site, name: str) -> None:
    page = await shown(site, BUTTONS + '<p class="field"><label>a <input name="a"></label></p>')
    assert await probe(page, name) == []
    assert faults(await heard(page)) == []


@pytest.mark.parametrize(
    ("name", "body", "style", "said"),
    [
        ("sideways", '<p id="a">x</p>', "#a { width: 900px }", "sticks out"),
        ("sideways", '<p id="a"><b>x</b></p>', "#a { overflow: auto } b { display: block; width: 900px }", "scrolls"),
        ("sideways", '<p id="a">xxxxxxxxxxxx</p>', "#a { overflow: hidden; width: 20px }", "cut off"),
        ("sideways", '<p id="a">x<br>y<br>z</p>', "#a { overflow: hidden; height: 20px }", "cut off below"),
        ("overlapping", '<p>under</p><p id="a">over it</p>', "#a { margin-top: -2em }", "over"),
        ("order", BUTTONS, "main { display: flex; flex-direction: column-reverse }", "stands above"),
        ("order", BUTTONS, "main { display: flex; flex-direction: row-reverse }", "stands before"),
        ("focus", BUTTONS, "#two:focus { outline: none }", "focus not seen"),
        ("focus", BUTTONS + '<div id="a"></div>', "#a { position: fixed; inset: 0; background: red }", "hidden"),
        ("targets", BUTTONS, "button { all: unset } p { margin: 0; line-height: 1; font-size: 8px }", "px: <button"),
        (
            "described",
            '<div class="field"><label>a <input name="a"></label><p class="help">b</p></div>',
            "",
            "not told",
        ),
        ("drawn", '<svg width="20" height="20"><text x="5" y="9">far away</text></svg>', "", "cut off in a drawing"),
        ("still", "<p>x</p>", "p { transition: color 2s }", "moves"),
        (
            "forced",
            '<p class="segments"><b aria-pressed="true">a</b><b aria-pressed="false">b</b></p>',
            "",
            "any other",
        ),
        (
            "forced",
            '<svg width="9" height="9"><path class="q-fill" d="M0 0h9v9z"/></svg>',
            "body { background: #fff } path { fill: #eee; stroke: #ddd }",
            "not seen",
        ),
        ("onPaper", "<p>faint</p>", "p { color: #aaa }", "pale on paper"),
        ("onPaper", BUTTONS, "", "of no use on paper"),
        ("onPaper", "<table><tr><td>a</td></tr></table>", "", "may be cut"),
        ("described", '<input name="a">', "", "no label"),
        ("described", "<fieldset><label>a <input></label></fieldset>", "", "no legend"),
        ("described", '<p aria-labelledby="gone">x</p>', "", "#gone"),
    ],
)
async def test_a_fault_is_found(site: Site, name: str, body: str, style: str, said: str) -> None:
    page = await shown(site, body, style)
    found = await probe(page, name)
    assert any(said in one for one in found), found


async def test_a_key_that_leads_elsewhere_is_found(site: Site) -> None:
    page = await shown(site, BUTTONS + '<a href="#x" tabindex="3">first</a>')
    await probe(page, "watch")
    for _ in range(await probe(page, "presses")):
        await page.keyboard.press("Tab")
    assert "key 1 of 3" in (await probe(page, "walked"))[0]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("<h3>too deep</h3>", "jumps from level 1 to 3"),
        ("<h1>again</h1>", "2 headings of level 1"),
        ("<nav>a</nav><nav>b</nav>", "2 × navigation"),
        ("<button></button>", "button without a name"),
        ("<table><caption>t</caption><tr><td>a</td></tr><tr><td>b</td></tr></table>", "without column headers"),
        ('<svg role="img"><path d="M0 0h9v9z"/></svg>', "without a name"),
        ("<main>two</main>", "not one main"),
    ],
)
async def test_what_a_listener_stumbles_over_is_found(site: Site, body: str, said: str) -> None:
    page = await shown(site, body)
    assert any(said in one for one in faults(await heard(page)))


async def test_axe_is_asked_in_both_themes_and_a_movement_is_seen(site: Site) -> None:
    faint = '[data-theme="dark"] main { color: #333; background: #222 }'
    page = await shown(site, "<p>text</p>", f"main {{ color: #000; background: #fff }} {faint}")
    assert await axe(page) == []
    assert any("color-contrast" in one for one in await in_every_colour(page))
    page = await shown(site, "<p>text</p>")
    await page.evaluate(
        "requestAnimationFrame(() => requestAnimationFrame(() => document.querySelector('h1').before("
        "Object.assign(document.createElement('div'), {innerHTML: '<br>'.repeat(9)}))))"
    )
    moved: list[str] = []
    while not moved:
        moved = await page.evaluate(SHIFTS)
    assert "moved by" in moved[0]
