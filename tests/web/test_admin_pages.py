"""Administration: who may, files that are checked and put in force, webhooks, tokens."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from api.web.admin.policy import MEANINGS, NAMES
from engine.contracts.differences import DifferenceKind
from engine.contracts.documents import POLICY as POLICIES
from engine.domain.organisation.organisation import PostRef
from engine.domain.review.policy import Policy
from engine.store.registers.differences import Differences
from tests.web.conftest import ADMIN, OWNER, Site
from tests.web.site import MAYOR
from tests.web.stock import Stock

PAGES = ("/admin", "/admin/organisation", "/admin/policy", "/admin/webhooks", "/admin/notices")
POLICY = "id: slow\ntitle_ja: ゆっくり\ntitle_en: Slow\ndue: {business_days: 7}\n"


@pytest.mark.slow
async def test_only_an_administrator_sees_it(site: Site) -> None:
    async with site.visitor(OWNER) as page:
        await page.goto("/")
        await expect(page.get_by_role("link", name="Administration")).to_have_count(0)
        for path in PAGES:
            answer = await page.goto(path)
            assert answer is not None
            assert answer.status == 403


@pytest.mark.slow
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
        await page.get_by_text("It cannot wait", exact=True).click()
        await page.get_by_label("Why it cannot wait").fill("災害")
        await page.get_by_role("button", name="Check it and put it in force").click()
        await expect(page.get_by_role("alert")).to_contain_text("bad.yaml:5")
        await expect(page.get_by_label("Why it cannot wait")).to_have_value("災害")
        assert "/tmp" not in await page.locator("main").inner_text()
        await page.goto("/admin")
        await page.get_by_label("What it is").select_option("policy")
        await page.get_by_label("File", exact=True).set_input_files(good)
        await page.get_by_role("button", name="Only check it").click()
        await expect(page.get_by_text("nothing was changed")).to_be_visible()
    assert site.office.directory.facts().policy.id != "slow"


@pytest.mark.slow
@pytest.mark.parametrize("script", [True, False])
async def test_a_policy_that_changes_who_decides_waits_and_only_the_head_whom_it_names_agrees(
    site: Site, tmp_path: Path, script: bool
) -> None:
    directory, file = site.office.directory, tmp_path / "own.yaml"
    before = Policy(id="own", agreed_by=PostRef(kind="head", unit=directory.facts().organisation.citywide().code))
    put_back = directory.facts().policy
    directory.import_document(POLICIES, "own", before, ADMIN)
    file.write_text(
        "id: own\ntitle_ja: 引上げなし\ntitle_en: None\npull_up: false\nagreed_by: head@1000\n", encoding="utf-8"
    )
    async with site.visitor(ADMIN, script=script) as page:
        for button in ("Only check it", "Check it and put it in force"):
            await page.goto("/admin")
            await page.get_by_label("What it is").select_option("policy")
            await page.get_by_label("File", exact=True).set_input_files(file)
            await page.get_by_role("button", name=button).click()
            await expect(page.get_by_text("setting Pull-up")).to_be_visible()
        assert page.url.endswith("/changes")
        await expect(page.get_by_role("button", name="Agree")).to_have_count(0)
        await expect(page.get_by_role("button", name="Withdraw it")).to_be_visible()
    assert directory.facts().policy.pull_up
    async with site.visitor(MAYOR, script=script) as page:
        await page.goto("/notices")
        await page.get_by_role("link", name="changes who decides").first.click()
        await page.get_by_role("button", name="Agree").click()
        await expect(page.get_by_text("It is in force.")).to_be_visible()
        await expect(page.get_by_text("Agreed to", exact=True).first).to_be_visible()
    assert not directory.facts().policy.pull_up
    directory.import_document(POLICIES, "before", put_back, ADMIN)


@pytest.mark.slow
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


async def test_the_first_page_says_how_it_is_and_what_to_do_next(site: Site, stock: Stock) -> None:
    async with site.visitor(ADMIN) as page:
        await page.goto("/admin")
        health = page.locator("section", has=page.get_by_role("heading", name="Health"))
        await expect(health).to_contain_text("Everything answers. The journal holds")
        await expect(health).to_contain_text("Neither mail nor chat is set up")
        await health.get_by_role("link", name="stopped").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Webhooks")


async def test_a_webhook_shows_its_last_deliveries(site: Site, stock: Stock) -> None:
    async with site.visitor(ADMIN) as page:
        await page.goto("/admin/webhooks")
        card = page.locator("li.card", has_text="127.0.0.1:9/far/")
        await expect(card.get_by_role("heading", name="Last deliveries")).to_be_visible()


@pytest.mark.slow
async def test_the_organisation_is_a_tree_that_can_be_searched_and_seen_on_another_day(site: Site) -> None:
    async with site.visitor(ADMIN, script=False) as page:
        await page.goto("/admin/organisation")
        unit = page.locator(".tree p", has_text="3110")
        await expect(unit).to_be_hidden()
        await page.locator(".tree summary", has_text="Citizens Department").click()
        await page.locator(".tree summary", has_text="Resident Registry Section").click()
        await expect(unit).to_contain_text("吉川 由紀")
        await page.get_by_label("Office or person").fill("小池 心")
        await page.get_by_role("button", name="Show").click()
        await expect(page.locator("#found + ul")).to_contain_text("Resident Registry Section 課長")
        await page.goto("/admin/organisation?on=2027-04-02")
        await expect(page.get_by_role("heading", name="Offices on 2 April 2027")).to_be_visible()
        transfers = page.locator("section", has=page.get_by_role("heading", name="Transfers until 2 April 2027"))
        await expect(transfers.locator("li", has_text="小池 心").first).to_contain_text("ends")
        section = page.locator(".tree summary", has_text="Resident Registry Section")
        await expect(section).not_to_contain_text("小池 心")
        answer = await page.goto("/admin/organisation?on=never")
        assert answer is not None
        assert answer.status == 422


async def test_each_setting_of_the_policy_says_what_it_is_for_and_whether_it_is_the_city_s_own(site: Site) -> None:
    own = Policy(id="own", title_ja="市の規程", title_en="Our own", observation_days=45, hourly_rate_yen=3000)
    before = site.office.directory.facts().policy
    site.office.directory.import_document(POLICIES, "own", own, ADMIN)
    try:
        async with site.visitor(ADMIN) as page:
            await page.goto("/admin/policy")
            row = page.get_by_role("row", name="Days to observe")
            await expect(row).to_contain_text("45 days")
            await expect(row).to_contain_text("the city's own")
            await expect(row).to_contain_text("How long a result is watched")
            await expect(page.get_by_role("row", name="An hour in yen")).to_contain_text("3,000 yen")
            await expect(page.locator("li", has_text="Human resources:")).to_contain_text("change of staffing")
            await expect(page.get_by_role("row", name="Pull-up")).not_to_contain_text("the city's own")
            await expect(page.locator("#policies + ul li").first).to_contain_text("片山 響")
    finally:
        site.office.directory.import_document(POLICIES, before.id, before, "test")


def test_every_setting_that_a_policy_file_may_have_is_explained() -> None:
    elsewhere = {"id", "title_ja", "title_en", "rules", "concurrence", "utc_offset_minutes"}
    assert set(MEANINGS) == set(Policy.model_fields) - elsewhere
    assert set(NAMES) == set(MEANINGS)


@pytest.mark.parametrize(("language", "says"), [("en", "its run has ended"), ("ja", "エンジンでは終わっています")])
async def test_a_difference_between_record_and_engine_is_said_with_what_to_do(
    site: Site, language: str, says: str
) -> None:
    differences = Differences(site.office.database)
    differences.replace([(DifferenceKind.NOT_RUNNING, "i123-1")])
    try:
        async with site.visitor(ADMIN, language=language) as page:
            await page.goto("/admin")
            item = page.get_by_role("listitem").filter(has_text="i123-1")
            await expect(item).to_contain_text(says)
            await expect(item).to_contain_text("spiral readopt")
    finally:
        differences.replace([])
