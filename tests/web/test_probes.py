"""The measures find what they are there to find: each on a page that has just that fault."""

import pytest
from playwright.async_api import Error, Page

from tests.web.colours import of_colours
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


LOOKS = "main { color: #000; background: #fff } b { font-weight: normal }"


async def judged(site: Site, sound: set[str], body: str, style: str = LOOKS) -> list[str]:
    return await of_colours(await shown(site, body, style), sound, "light")


async def test_what_looks_like_what_axe_found_sound_is_not_judged_again(site: Site) -> None:
    sound: set[str] = set()
    assert await judged(site, sound, "<p><b>first</b></p><p><b>second</b></p>") == []
    page = await shown(site, "<p><b>third</b></p>", LOOKS)
    await page.evaluate("window.axe = undefined")
    assert await of_colours(page, sound, "light") == [], "axe is not asked"
    page = await shown(site, "<p><i>another</i></p>", LOOKS)
    await page.evaluate("window.axe = undefined")
    with pytest.raises(Error, match="run"):
        await of_colours(page, sound, "light")


@pytest.mark.parametrize(
    ("body", "style"),
    [
        ("<p><b>new</b></p>", "b { color: #bbb }"),
        ("<p><b>new</b></p>", "p { background: #111 }"),
        ("<p><b>new</b></p>", "main { opacity: .3 }"),
        ("<p><b>new</b></p><i></i>", "main { position: relative } b { position: relative; z-index: 2 } "
         "i { position: absolute; inset: 0; background: #111; z-index: 1 }"),
        ('<p><b style="color: #bbb">new</b></p>', ""),
        ('<p><b>new</b></p><p class="faint"><b>new</b></p>', ".faint b { color: #bbb }"),
        ('<p>words <a href="#x">new</a></p>', "a { display: inline; color: #222; text-decoration: none }"),
    ],
)  # fmt: skip
async def test_a_fault_of_colour_is_found_on_whichever_page_it_stands(site: Site, body: str, style: str) -> None:
    sound: set[str] = set()
    links = '<p><a href="#x">new</a></p>'
    assert await judged(site, sound, "<p><b>new</b></p>" + links) == []
    assert await judged(site, sound, body, f"{LOOKS} {style}")


async def test_a_look_that_axe_could_not_judge_is_judged_where_it_can(site: Site) -> None:
    sound: set[str] = set()
    faint = "b { color: #bbb; font-weight: normal }"
    assert await judged(site, sound, "<p><b>1</b></p>", faint) == [], "one sign may be a picture"
    for _ in range(2):
        assert await judged(site, sound, "<p><b>words</b></p>", faint), "also when it was found before"
