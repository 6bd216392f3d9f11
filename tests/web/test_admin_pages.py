"""Administration: who may, files that are checked and put in force, webhooks, tokens."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.web.conftest import ADMIN, OWNER, Site

PAGES = ("/admin", "/admin/organisation", "/admin/policy", "/admin/webhooks", "/admin/notices")
POLICY = "id: slow\ntitle_ja: ゆっくり\ntitle_en: Slow\ndue: {business_days: 7}\n"


async def test_only_an_administrator_sees_it(site: Site) -> None:
    async with site.visitor(OWNER) as page:
        await page.goto("/")
        await expect(page.get_by_role("link", name="Administration")).to_have_count(0)
        for path in PAGES:
            answer = await page.goto(path)
            assert answer is not None
            assert answer.status == 403


@pytest.mark.parametrize("script", [True, False])
async def test_a_policy_with_an_error_is_named_by_line_and_a_good_one_is_checked_before_it_counts(
    site: Site, tmp_path: Path, script: bool
) -> None:
    bad, good = tmp_path / "bad.yaml", tmp_path / "good.yaml"
    bad.write_text(POLICY + "holidays: JP\n", encoding="utf-8")
    good.write_text(POLICY, encoding="utf-8")
    async with site.visitor(ADMIN, script=script) as page:
        await page.goto("/admin")
        await page.get_by_label("What it is").select_option("policy")
        await page.get_by_label("File", exact=True).set_input_files(bad)
        await page.get_by_role("button", name="Check it and put it in force").click()
        await expect(page.get_by_role("alert")).to_contain_text("bad.yaml:5")
        assert "/tmp" not in await page.locator("main").inner_text()
        await page.goto("/admin")
        await page.get_by_label("What it is").select_option("policy")
        await page.get_by_label("File", exact=True).set_input_files(good)
        await page.get_by_role("button", name="Only check it").click()
        await expect(page.get_by_text("nothing was changed")).to_be_visible()
    assert site.office.directory.facts().policy.id != "slow"


async def test_a_webhook_is_registered_its_secret_shown_once_and_it_is_paused_and_forgotten(site: Site) -> None:
    async with site.visitor(ADMIN, script=False) as page:
        await page.goto("/admin/webhooks")
        await page.get_by_label("Address").fill("http://127.0.0.1:9/hook")
        await page.get_by_role("button", name="Register").click()
        await expect(page.locator("code").first).to_contain_text("whsec_")
        await page.goto("/admin/webhooks")
        assert "whsec_" not in await page.content()
        card = page.locator("li.card", has=page.get_by_role("heading", name="http://127.0.0.1:9/hook"))
        await card.get_by_role("button", name="Pause").click()
        await card.get_by_role("link", name="Log").click()
        await card.get_by_role("button", name="Forget").click()
        await expect(page.get_by_text("http://127.0.0.1:9/hook")).to_have_count(0)


async def test_a_token_is_made_for_a_person_that_is_there(site: Site) -> None:
    async with site.visitor(ADMIN, script=False) as page:
        await page.goto("/admin")
        await page.get_by_label("Person it acts for").fill("p093")
        await page.get_by_role("button", name="Make a token").click()
        token = await page.locator("code").inner_text()
        answer = await page.request.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
        assert (await answer.json())["person_id"] == "p093"
        await page.goto("/admin")
        made = page.get_by_role("table", name="Tokens that were made").get_by_role("row").filter(has_text="p093")
        await expect(made).to_contain_text(ADMIN)
        await page.get_by_label("Person it acts for").fill("nobody")
        await page.get_by_role("button", name="Make a token").click()
        await expect(page.get_by_role("heading", level=1)).not_to_have_text("A token for a program")
