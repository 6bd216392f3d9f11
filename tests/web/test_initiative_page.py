"""The spiral's page: drawn, in words, as a picture to print."""

from xml.etree import ElementTree as ET

import httpx
import pytest
from playwright.async_api import expect

from engine.domain.scope import OrgScope, WorkScope
from tests.support import city
from tests.support.office import expand
from tests.web.conftest import Site


@pytest.fixture(scope="session")
async def spiral(site: Site) -> str:
    """A spiral of two turns, the second one waiting for its owner; its initiative's id."""
    first = await site.office.start(org_unit="3110", owner="p093")
    await site.office.turn(first, city.share(expand(OrgScope.UNIT, WorkScope.TASK)))
    following = await site.office.there(f"{first}.1")
    return following.initiative_id


async def test_every_quarter_is_a_link_with_a_text_and_the_list_says_the_same(site: Site, spiral: str) -> None:
    async with site.visitor() as page:
        await page.goto(f"/initiatives/{spiral}")
        quarters = page.locator("svg.spiral-drawing a.q")
        assert await quarters.count() == 8
        names = [await quarters.nth(index).get_attribute("aria-label") for index in range(8)]
        assert names[0] == "Turn 1 · Individual · Task · Imagine: done"
        assert names[4] == "Turn 2 · Unit · Task · Imagine: with the owner"
        assert names[7] == "Turn 2 · Unit · Task · Share: still to come"
        await page.get_by_text("The same in words").click()
        words = page.locator("ol.spiral-list")
        await expect(words).to_contain_text("300 hours saved a year")
        await expect(words).to_contain_text("effect not measured yet")


async def test_a_ring_says_on_itself_what_it_is_and_what_it_brought(site: Site, spiral: str) -> None:
    async with site.visitor(language="ja") as page:
        await page.goto(f"/initiatives/{spiral}")
        turns = page.locator("svg.spiral-drawing .turn-of")
        first, second = turns.nth(0), turns.nth(1)
        await expect(first.locator("textPath").first).to_have_text("第1周 一人")
        await expect(first.locator("textPath").nth(1)).to_have_text("年300時間減")
        await expect(second.locator("textPath").first).to_have_text("第2周 · 係 · 業務")
        facts = second.locator(".ring-facts")
        await expect(facts).to_be_hidden()
        await second.locator("a.q").first.focus()
        await expect(facts).to_be_visible()
        await expect(facts).to_contain_text("効果は未測定")
        await page.get_by_text("色と模様の意味").click()
        await expect(page.get_by_role("list", name="色と模様の意味")).to_contain_text("決裁待ち")


@pytest.mark.slow
async def test_a_quarter_can_be_reached_and_followed_by_keyboard(site: Site, spiral: str) -> None:
    async with site.visitor() as page:
        await page.goto(f"/initiatives/{spiral}")
        first = page.locator("svg.spiral-drawing a.q").first
        await first.focus()
        await expect(first).to_be_focused()
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/cycles/*?step=imagine")


async def test_the_picture_alone_is_well_formed_and_names_whole_addresses(site: Site, spiral: str) -> None:
    async with httpx.AsyncClient(base_url=site.url, cookies={"spiral_session": site.session("p093")}) as client:
        answer = await client.get(f"/initiatives/{spiral}/spiral.svg")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    root = ET.fromstring(answer.text)
    links = root.findall(".//{http://www.w3.org/2000/svg}a")
    assert len(links) == 10
    assert all((one.get("href") or "").startswith(f"{site.url}/cycles/") for one in links)
    said = "".join(root.itertext())
    assert "年 300 時間の削減 · 令和" in said, "it says by itself what it is and of which day"
    assert "決裁の期限超過" in said, "and what its patterns mean"


async def test_an_unknown_initiative_is_not_found(site: Site) -> None:
    async with httpx.AsyncClient(base_url=site.url, cookies={"spiral_session": site.session("p093")}) as client:
        answer = await client.get("/initiatives/none", headers={"Accept": "text/html"})
    assert answer.status_code == 404
