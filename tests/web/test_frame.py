"""The frame of the pages: signing in, looking around, errors; in a real browser."""

import httpx
import pytest
from playwright.async_api import expect

from tests.web.conftest import CDO, CHIEF, DX, MAYOR, OWNER, Site


@pytest.mark.parametrize("script", [True, False])
async def test_a_person_signs_in_as_somebody_of_the_sample_city_and_out_again(site: Site, script: bool) -> None:
    async with site.visitor(None, script=script) as page:
        await page.goto("/")
        await expect(page).to_have_url(f"{site.url}/sign-in")
        await page.get_by_role("button", name="辻 千尋").click()
        await expect(page.get_by_role("heading", name="My work", level=1)).to_be_visible()
        await page.locator("details.menu summary").click()
        await page.get_by_role("button", name="Sign out").click()
        await expect(page.get_by_role("status").first).to_have_text("You are signed out.")


@pytest.mark.slow
@pytest.mark.parametrize("script", [True, False])
async def test_language_text_size_and_colours_stay_on_the_page_and_stay_chosen(site: Site, script: bool) -> None:
    async with site.visitor(OWNER, script=script) as page:
        await page.goto("/?from=here")
        for button, attribute, value in (
            ("日本語", "lang", "ja"),
            ("特大", "data-text", "largest"),
            ("暗い", "data-theme", "dark"),
        ):
            await page.locator("details.menu summary").click()
            await page.get_by_role("button", name=button).click()
            await expect(page.locator("html")).to_have_attribute(attribute, value)
            await expect(page).to_have_url(f"{site.url}/?from=here")
        await page.goto("/")
        await expect(page.get_by_role("heading", name="自分の仕事", level=1)).to_be_visible()


async def test_the_first_key_leads_past_the_header(site: Site) -> None:
    async with site.visitor() as page:
        await page.goto("/")
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
        await page.keyboard.press("Enter")
        assert await page.evaluate("document.activeElement.id") == "main"


async def test_a_missing_page_says_so_in_the_reader_s_language(site: Site) -> None:
    answer = await _get(site, "/no-such-page", accept="text/html", language="ja")
    assert answer.status_code == 404
    assert "ページが見つかりません" in answer.text


async def test_a_program_still_gets_a_problem(site: Site) -> None:
    answer = await _get(site, "/no-such-page", accept="application/json")
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_form_without_its_token_changes_nothing_and_keeps_what_was_typed(site: Site) -> None:
    async with httpx.AsyncClient(base_url=site.url) as client:
        answer = await client.post(
            "/look", data={"theme": "dark", "csrf": "wrong", "note": "長い文章"}, headers={"Accept": "text/html"}
        )
    assert answer.status_code == 403
    assert "長い文章" in answer.text
    assert "spiral_look" not in answer.cookies


@pytest.mark.parametrize("cookie", ["", "nonsense", "e30.aa.bb"])
async def test_a_cookie_that_is_not_ours_is_nobody(site: Site, cookie: str) -> None:
    async with httpx.AsyncClient(base_url=site.url, cookies={"spiral_session": cookie}) as client:
        answer = await client.get("/", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


@pytest.mark.parametrize(
    "place", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
async def test_signing_in_never_leads_away(site: Site, place: str) -> None:
    async with httpx.AsyncClient(base_url=site.url, cookies={"spiral_session": site.session(CHIEF)}) as client:
        answer = await client.get("/sign-in", params={"next": place})
    assert answer.headers["location"] == "/"


@pytest.mark.parametrize(
    ("person", "following", "place"),
    [
        (MAYOR, "/", "/city"),
        (DX, "/", "/city"),
        (CDO, "/", "/"),
        (CHIEF, "/", "/"),
        (MAYOR, "/roadmap", "/roadmap"),
    ],
)
async def test_who_steers_the_city_lands_on_the_city_and_everybody_else_on_their_work(
    site: Site, person: str, following: str, place: str
) -> None:
    async with httpx.AsyncClient(base_url=site.url, headers={"Accept": "text/html"}) as client:
        token = (await client.get("/sign-in")).text.split('name="csrf" value="')[1].split('"')[0]
        answer = await client.post("/sign-in/sample", data={"person": person, "next": following, "csrf": token})
        assert (answer.status_code, answer.headers["location"]) == (303, place)
        assert (await client.get("/")).status_code == 200


async def test_every_page_forbids_what_does_not_come_from_here(site: Site) -> None:
    answer = await _get(site, "/sign-in", accept="text/html")
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert policy.startswith("default-src 'none'")
    assert "style=" not in answer.text
    assert answer.headers["set-cookie"].lower().count("httponly") == 1
    assert "samesite=lax" in answer.headers["set-cookie"].lower()


async def _get(site: Site, path: str, *, accept: str, language: str = "en") -> httpx.Response:
    async with httpx.AsyncClient(base_url=site.url) as client:
        return await client.get(path, headers={"Accept": accept, "Accept-Language": language})


async def test_the_largest_text_is_twice_the_normal_one(site: Site) -> None:
    page = await site.look(None)
    await page.goto("/sign-in")
    size = "parseFloat(getComputedStyle(document.body).fontSize)"
    normal = await page.evaluate(size)
    await page.evaluate("document.documentElement.dataset.text = 'largest'")
    assert await page.evaluate(size) == 2 * normal


async def test_a_header_that_comes_in_pieces_is_shown_when_it_is_whole(site: Site) -> None:
    """Half of it (the browser's own word where the name will be) would stand elsewhere a moment later."""
    whole = (await site.get(OWNER, "/")).text
    cut = whole.index('<span class="menu-name">')
    async with site.visitor(OWNER) as page:
        await page.goto("/")
        await page.evaluate("(part) => { document.open(); document.write(part); }", whole[:cut])
        await page.wait_for_function("document.styleSheets.length > 1")
        await expect(page.locator("header.top")).to_be_hidden()
        await page.evaluate("(part) => { document.write(part); document.close(); }", whole[cut:])
        await expect(page.locator("header.top")).to_be_visible()


async def test_a_page_that_comes_in_pieces_is_shown_when_it_is_whole(site: Site) -> None:
    """The columns of a table would move with every row that comes."""
    whole = (await site.get(CHIEF, "/history")).text
    cut = whole.index("</main>")
    async with site.visitor(CHIEF) as page:
        await page.goto("/history")
        await page.evaluate("(part) => { document.open(); document.write(part); }", whole[:cut])
        await page.wait_for_function("document.styleSheets.length > 1")
        await expect(page.locator("main")).to_have_css("opacity", "0")
        await page.evaluate("(part) => { document.write(part); document.close(); }", whole[cut:])
        await expect(page.locator("main")).to_have_css("opacity", "1")
