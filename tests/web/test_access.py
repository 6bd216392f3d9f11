"""Tokens and visits in the pages: made, seen, revoked, and ended everywhere."""

import pytest
from playwright.async_api import expect

from engine.domain.access.log import AccessAct, AccessAsked
from engine.store.registers.access_log import AccessLog
from tests.web.site import ADMIN, CHIEF, OWNER, Site
from tests.web.stock import begin


@pytest.mark.slow
async def test_a_token_of_my_own_works_is_listed_and_ends_at_once_when_revoked(site: Site) -> None:
    async with site.visitor(OWNER, script=False, width=390) as page:
        await page.goto("/access")
        await page.get_by_label("What it is for").fill("夜間の集計")
        await page.get_by_label("It may only read").check()
        await page.get_by_role("button", name="Make a token").click()
        bearer = {"Authorization": f"Bearer {await page.locator('code').inner_text()}"}
        assert (await (await page.request.get("/api/v1/me", headers=bearer)).json())["person_id"] == OWNER
        refused = await page.request.post("/api/v1/initiatives", headers=bearer, data={})
        assert (refused.status, (await refused.json())["code"]) == (403, "read_only_token")
        await page.goto("/access")
        row = page.get_by_role("listitem").filter(has_text="夜間の集計")
        await expect(row).to_contain_text("reads only")
        await row.get_by_role("button", name="Revoke").click()
        await expect(page.get_by_text("The token counts no more.")).to_be_visible()
        gone = await page.request.get("/api/v1/me", headers=bearer)
        assert (gone.status, (await gone.json())["code"]) == (401, "token_revoked")


@pytest.mark.slow
async def test_an_administrator_makes_one_for_a_program_that_decides_nothing_and_sees_everybodys(site: Site) -> None:
    async with site.visitor(ADMIN, script=False) as page:
        await page.goto("/access")
        await page.get_by_label("Or the name of a program").fill("nightly-report")
        await page.get_by_label("Duties of that program").fill("viewer")
        await page.get_by_role("button", name="Make a token").click()
        bearer = {"Authorization": f"Bearer {await page.locator('code').inner_text()}"}
        me = await (await page.request.get("/api/v1/me", headers=bearer)).json()
        assert (me["person_id"], me["duties"], me["posts"]) == ("service:nightly-report", ["viewer"], [])
        await page.goto("/access")
        await expect(page.get_by_role("listitem").filter(has_text="nightly-report")).to_be_visible()
        await page.get_by_label("Person it acts for").fill("nobody")
        await page.get_by_role("button", name="Make a token").click()
        await expect(page.get_by_label("Person it acts for")).to_have_attribute("aria-invalid", "true")
        await expect(page.get_by_label("Person it acts for")).to_have_value("nobody")


@pytest.mark.parametrize("days", ["0", "91", "many"])
async def test_days_that_cannot_be_are_told_at_their_place_and_nothing_is_made(site: Site, days: str) -> None:
    before = len(site.office.journal.events("none"))
    answer = await site.send(OWNER, "/access", "/access/tokens", {"name": "長い", "days": days})
    assert answer.status_code == 422
    assert 'id="f-days-error"' in answer.text or "aria-invalid" in answer.text
    assert len(site.office.journal.events("none")) == before


async def test_nobody_ends_the_token_of_somebody_else(site: Site) -> None:
    answer = await site.send(CHIEF, "/access", "/access/tokens/no-such/revoke")
    assert answer.status_code == 404


async def test_signing_out_ends_the_visit_itself_and_not_only_the_cookie(site: Site) -> None:
    async with site.visitor(None) as page:
        await page.goto("/sign-in")
        await page.get_by_role("button", name="辻 千尋").click()
        await expect(page.get_by_role("heading", name="My work", level=1)).to_be_visible()
        kept = await page.context.cookies()
        await page.locator("details.menu summary").click()
        await page.get_by_role("button", name="Sign out").click()
        await expect(page).to_have_url(f"{site.url}/sign-in")
        await page.context.add_cookies([one for one in kept if one["name"] == "spiral_session"])  # type: ignore[misc]
        await page.goto("/")
        await expect(page).to_have_url(f"{site.url}/sign-in")


@pytest.mark.slow
async def test_every_visit_ends_everywhere_when_its_person_wishes_so(site: Site) -> None:
    async with site.visitor(None) as first, site.visitor(None) as second:
        for page in (first, second):
            await page.goto("/sign-in")
            await page.get_by_role("button", name="辻 千尋").click()
            await expect(page.get_by_role("heading", name="My work", level=1)).to_be_visible()
        await second.wait_for_timeout(1100)  # visits are told apart by the second
        await first.goto("/access")
        await first.get_by_role("button", name="Sign out everywhere").click()
        await expect(first.get_by_text("You are signed out everywhere.")).to_be_visible()
        await second.goto("/")
        await expect(second).to_have_url(f"{site.url}/sign-in")


@pytest.mark.slow
@pytest.mark.parametrize("script", [True, False])
async def test_what_is_sent_after_the_visit_has_ended_is_shown_to_be_copied_and_does_nothing(
    site: Site, script: bool
) -> None:
    cycle = await begin(site, f"Ended while typing {script}")
    before = len(site.office.journal.events(cycle))
    async with site.visitor(OWNER, script=script) as page:
        await page.goto(f"/cycles/{cycle}")
        await page.get_by_label("Say something").fill("長い考えを書いていた")
        await page.context.clear_cookies(name="spiral_session")
        await page.get_by_role("button", name="Comment", exact=True).click()
        await expect(page.locator("dl.typed")).to_contain_text("長い考えを書いていた")
        again = page.get_by_role("link", name="Sign in again, in a new window")
        await expect(again).to_have_attribute("href", f"/sign-in?next=/cycles/{cycle}")
    assert len(site.office.journal.events(cycle)) == before


@pytest.mark.slow
async def test_an_administrator_ends_every_visit_of_somebody_else_and_nobody_else_does(site: Site) -> None:
    async with site.visitor(None) as theirs:
        await theirs.goto("/sign-in")
        await theirs.get_by_role("button", name="辻 千尋").click()
        await expect(theirs.get_by_role("heading", name="My work", level=1)).to_be_visible()
        await theirs.wait_for_timeout(1100)  # visits are told apart by the second
        refused = await site.send(CHIEF, "/access", "/access/visits/end-of", {"of": OWNER})
        assert refused.status_code == 403
        unknown = await site.send(ADMIN, "/access", "/access/visits/end-of", {"of": "nobody"})
        assert (unknown.status_code, "職員 nobody はいません。" in unknown.text) == (422, True)
        await theirs.reload()
        await expect(theirs.get_by_role("heading", name="My work", level=1)).to_be_visible()
        async with site.visitor(ADMIN, script=False) as page:
            await page.goto("/access")
            await page.get_by_label("Sign somebody else out everywhere").fill(OWNER)
            await page.get_by_role("button", name="Sign them out").click()
            await expect(page.get_by_text("They are signed out everywhere.")).to_be_visible()
        await theirs.goto("/")
        await expect(theirs).to_have_url(f"{site.url}/sign-in")
    (told,) = AccessLog(site.office.database, 365).found(AccessAsked(act=AccessAct.VISITS_ENDED), 1)
    assert (told.person, told.subject) == (ADMIN, OWNER)
