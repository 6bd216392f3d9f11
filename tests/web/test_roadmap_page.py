"""The roadmap's wall in a real browser, starting something under a startup, and how two editions differ."""

from collections.abc import Iterator
from importlib.resources import as_file, files
from uuid import uuid4

import pytest
from playwright.async_api import expect

from engine.contracts.documents import ROADMAP
from engine.data.shipped import shipped_edition
from engine.domain.lineage.open_cycle import InitiativeAsked, open_initiative
from engine.domain.roadmap import Edition, Governance, Pillar, StartupMilestone
from engine.domain.scope import OrgScope, WorkScope
from engine.exchange.document_import import read_edition
from tests.support import city
from tests.web.conftest import DX, OWNER, Site
from tests.web.measures import faults_of


@pytest.fixture
def second(site: Site) -> Iterator[Edition]:
    """The sample's second edition in force; afterwards the shipped one is again."""
    with as_file(files("engine").joinpath("data/roadmap/sample-edition.yaml")) as path:
        edition = read_edition(path)
    site.office.directory.import_document(ROADMAP, edition.id, edition, "p003")
    yield edition
    site.office.directory.import_document(ROADMAP, shipped_edition().id, shipped_edition(), "test")


async def test_the_wall_shows_five_pillars_and_all_seventeen_startups(site: Site) -> None:
    async with site.visitor(OWNER) as page:
        await page.goto("/roadmap")
        await expect(page.locator(".wall .pillar")).to_have_count(5)
        await expect(page.locator(".wall .startup")).to_have_count(17)
        await expect(page.locator(".startup")).to_have_count(17)
        await expect(page.locator(".startup").first).to_contain_text("(name not obtained)")
        await expect(page.get_by_role("link", name="Start something here")).to_have_count(9)
        await expect(page.locator("nav.places a[aria-current]")).to_have_text("Roadmap")


@pytest.mark.slow
@pytest.mark.parametrize("script", [True, False])
async def test_what_is_begun_under_a_startup_hangs_on_the_wall(site: Site, script: bool) -> None:
    code = "SL-08" if script else "SL-09"
    async with site.visitor(OWNER, script=script) as page:
        await page.goto("/roadmap")
        await page.get_by_role("link", name=f"Start something here ({code})").click()
        await expect(page.get_by_label("Startup")).to_have_value(code)
        await page.get_by_label("What is it about?").fill(f"Under {code}")
        await page.get_by_role("button", name="Begin").click()
        await page.goto("/roadmap")
        card = page.locator(".startup", has_text=code)
        await expect(card.get_by_role("link", name=f"Under {code}")).to_be_visible()
        await expect(card.get_by_role("progressbar")).to_have_attribute("value", "0")
        await card.get_by_role("link", name=f"Under {code}").click()
        await expect(page.get_by_role("heading", name=f"Under {code}", level=1)).to_be_visible()


async def test_an_initiative_hangs_where_its_startup_and_its_pillar_meet_with_what_it_brought(site: Site) -> None:
    facts = site.office.directory.facts()
    asked = InitiativeAsked(
        title="交わるところ", org_scope=OrgScope.INDIVIDUAL, org_unit="3110", work_scope=WorkScope.TASK,
        pillar=Pillar.P4, startup="SL-03",
    )  # fmt: skip
    opened = open_initiative(
        asked, initiative_id=f"i{uuid4().hex[:10]}", owner=OWNER, organisation=facts.organisation,
        edition=facts.edition, on=facts.today,
    )  # fmt: skip
    await site.office.gateway.start(opened, actor=OWNER, command_id=uuid4().hex, fingerprint="start")
    await site.office.turn(opened.cycle_id, city.share())
    async with site.visitor(OWNER) as page:
        await page.goto("/roadmap")
        row = page.locator(".startup", has_text="SL-03")
        await expect(row).to_contain_text("300 hours saved a year")
        chip = row.get_by_role("list", name="Initiatives under SL-03: Support for people").get_by_role("link")
        chip_box, head_box = await chip.bounding_box(), await page.locator(".pillar.P4").bounding_box()
        assert chip_box is not None
        assert head_box is not None
        assert head_box["x"] <= chip_box["x"] <= head_box["x"] + head_box["width"]
        assert chip_box["y"] > head_box["y"]
        await expect(page.locator(".pillar.P4")).to_contain_text("1 initiative")


async def test_milestones_hang_under_their_startup_which_names_its_pillar(site: Site, second: Edition) -> None:
    async with site.visitor(OWNER) as page:
        await page.goto("/roadmap")
        await expect(page.get_by_text("Milestones: 0 of 2 reached, 0 late.")).to_be_visible()
        goals = page.locator(".startup.in-P1 .goals li")
        await expect(goals).to_have_count(2)
        await expect(goals.first).to_contain_text("planned")
        column = page.locator(".column", has=page.locator(".pillar.P1"))
        await expect(column.locator(".startup.in-P1")).to_have_count(1)
        await expect(page.locator(".across.in-P1")).to_have_count(0)
        await page.goto("/roadmap?as_of=2020-01-01")
        await expect(page.get_by_text("No roadmap yet")).to_be_visible()


@pytest.mark.slow
@pytest.mark.parametrize("script", [True, False])
async def test_two_editions_are_compared_field_by_field(site: Site, second: Edition, script: bool) -> None:
    async with site.visitor(OWNER, script=script) as page:
        await page.goto("/roadmap")
        await page.get_by_role("link", name="Editions", exact=True).click()
        changed = page.locator(".differences > li", has=page.get_by_role("heading", name="changed Startup CA-01"))
        await expect(changed.locator("ins", has_text="Sample Apply from anywhere")).to_be_visible()
        gone = page.locator(".differences > li", has=page.get_by_role("heading", name="gone", exact=True))
        await expect(gone.get_by_text("Startup SL-09")).to_be_visible()
        await page.get_by_label("Before").select_option(index=0)
        await page.get_by_role("button", name="Compare").click()
        await expect(page.get_by_text("Both say the same.")).to_be_visible()


@pytest.mark.slow
async def test_the_wall_and_the_editions_are_accessible_in_every_look(site: Site, second: Edition) -> None:
    site.console.clear()
    assert await faults_of(site, ["/roadmap", "/roadmap/editions"]) == {}
    site.office.directory.import_document(ROADMAP, shipped_edition().id, shipped_edition(), "test")
    assert await faults_of(site, ["/roadmap", "/start?startup=SL-01"]) == {}
    assert not site.console


@pytest.mark.slow
async def test_the_dx_team_reports_a_milestone_on_the_wall(site: Site) -> None:
    goal = StartupMilestone(code="M1", name="サンプル 棚卸し", due=site.office.directory.facts().today)
    edition = shipped_edition()
    first = next(one for one in edition.startups if one.governance is Governance.CROSS_AGENCY)
    changed = tuple(
        one.model_copy(update={"milestones": (goal,)}) if one.code == first.code else one for one in edition.startups
    )
    with_goal = edition.model_copy(update={"id": "with-goal", "startups": changed})
    site.office.directory.import_document(ROADMAP, "with-goal", with_goal, "test")
    try:
        async with site.visitor(DX, script=False) as page:
            await page.goto("/roadmap")
            await page.get_by_text("Report サンプル 棚卸し").click()
            await page.get_by_label("How it stands").select_option("B")
            await page.get_by_label("Note").fill("順調です")
            await page.get_by_role("button", name="Keep the report").click()
            await expect(page.get_by_text("順調です")).to_be_visible()
            await expect(page.get_by_text("on plan").first).to_be_visible()
        assert await faults_of(site, ["/roadmap"], DX) == {}
    finally:
        site.office.directory.import_document(ROADMAP, edition.id, edition, "test")
