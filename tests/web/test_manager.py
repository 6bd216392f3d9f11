"""A manager's first day in a real browser, with script and without: the inbox, one gate, every move, many at once."""

from datetime import timedelta
from uuid import uuid4

import pytest
from playwright.async_api import expect

from engine.domain.cycle.state import CycleState
from engine.domain.lineage.open_cycle import InitiativeAsked, open_initiative
from engine.domain.organisation.organisation import Absence
from engine.domain.scope import OrgScope, WorkScope
from tests.support import city
from tests.web.conftest import CHIEF, OWNER, Site


async def handed_in(site: Site, title: str) -> CycleState:
    """A first step that waits for the chief."""
    facts = site.office.directory.facts()
    asked = InitiativeAsked(title=title, org_scope=OrgScope.INDIVIDUAL, org_unit="3110", work_scope=WorkScope.TASK)
    opened = open_initiative(
        asked, initiative_id=f"i{uuid4().hex[:10]}", owner=OWNER, organisation=facts.organisation,
        edition=facts.edition, on=facts.today,
    )  # fmt: skip
    await site.office.gateway.start(opened, actor=OWNER, command_id=uuid4().hex, fingerprint="start")
    return await site.office.hand_in(opened.cycle_id, city.imagine())


@pytest.mark.parametrize("script", [True, False])
async def test_a_manager_sees_what_to_look_at_and_approves(site: Site, script: bool) -> None:
    state = await handed_in(site, f"Approve {script}")
    async with site.visitor(CHIEF, script=script) as page:
        await page.goto("/decisions")
        await page.get_by_role("link", name=state.title, exact=True).click()
        await expect(page.get_by_text("Is the baseline measured, not guessed?")).to_be_visible()
        await expect(page.locator(".bars")).to_contain_text("30")
        await page.get_by_role("button", name="Approve", exact=True).click()
        await expect(page.get_by_text("Your decision is recorded.")).to_be_visible()
    assert site.office.state(state.cycle_id).step.value == "transform"


@pytest.mark.parametrize("script", [True, False])
async def test_a_return_needs_a_reason_and_tells_the_owner(site: Site, script: bool) -> None:
    state = await handed_in(site, f"Return {script}")
    async with site.visitor(CHIEF, script=script) as page:
        await page.goto(f"/decisions/{state.cycle_id}")
        await page.locator("summary", has_text="Return").click()
        await page.get_by_role("button", name="Return with this reason").click()
        await expect(page.get_by_label("Reason for the return")).to_have_attribute("aria-invalid", "true")
        await page.get_by_label("Reason for the return").fill("Measure again, please")
        await page.get_by_role("button", name="Return with this reason").click()
        await expect(page.get_by_text("Your decision is recorded.")).to_be_visible()
    async with site.visitor(OWNER, script=script) as page:
        await page.goto(f"/cycles/{state.cycle_id}")
        await expect(page.get_by_role("heading", name="It was sent back")).to_be_visible()
        await expect(page.get_by_text("Measure again, please").first).to_be_visible()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("summary", "button", "fill", "status"),
    [
        ("Hold", "Hold until then", {"#f-hold_until": "2099-04-01"}, "on_hold"),
        ("Reject", "Reject with this reason", {"#f-reason-reject": "not now"}, "rejected"),
    ],
)
async def test_the_final_decider_holds_and_rejects(
    site: Site, summary: str, button: str, fill: dict[str, str], status: str
) -> None:
    state = await handed_in(site, summary)
    async with site.visitor(CHIEF, script=False) as page:
        await page.goto(f"/decisions/{state.cycle_id}")
        await page.locator("summary", has_text=summary).click()
        for field, value in fill.items():
            await page.locator(field).fill(value)
        await page.get_by_role("button", name=button).click()
        await expect(page.get_by_text("Your decision is recorded.")).to_be_visible()
    assert site.office.state(state.cycle_id).status.value == status


async def test_many_are_decided_at_once_each_with_its_own_result(site: Site) -> None:
    first, second = await handed_in(site, "Bulk one"), await handed_in(site, "Bulk two")
    async with site.visitor(CHIEF, script=False) as page:
        await page.goto("/decisions")
        for state in (first, second):
            await page.get_by_label(f"Tick: {state.title}").check()
        await site.office.decide(second.cycle_id)
        await page.locator("summary", has_text="Decide the ticked ones together").click()
        await page.get_by_role("button", name="Approve the ticked ones").click()
        await page.get_by_role("button", name="Approve these 2").click()
        results = page.locator("ul[role=status]")
        await expect(results).to_contain_text("not done")
        await expect(results.get_by_role("link", name=first.title)).to_have_attribute(
            "href", f"/cycles/{first.cycle_id}"
        )
        await expect(results.get_by_role("listitem").filter(has_text=second.title)).to_contain_text("nothing to do")
    assert site.office.state(first.cycle_id).step.value == "transform"


@pytest.mark.slow
async def test_the_list_hears_of_what_comes_in_and_knows_its_keys(site: Site) -> None:
    async with site.visitor(CHIEF) as page:
        await handed_in(site, "There before")
        async with page.expect_response("**/live"):
            await page.goto("/decisions")
        await handed_in(site, "Comes by itself")
        await expect(page.get_by_role("link", name="Comes by itself")).to_be_visible()
        await page.locator("#inbox-list a").first.focus()
        await page.keyboard.press("x")
        await expect(page.locator("#inbox-list input").first).to_be_checked()
        await page.keyboard.press("j")
        await expect(page.locator("#inbox-list a").nth(1)).to_be_focused()


async def test_who_may_not_decide_is_told_so_and_sees_no_moves(site: Site) -> None:
    state = await handed_in(site, "Own work")
    async with site.visitor(OWNER) as page:
        await page.goto(f"/decisions/{state.cycle_id}")
        await expect(page.get_by_text("This is not yours to decide now.")).to_be_visible()
        await expect(page.get_by_role("button", name="Approve", exact=True)).to_have_count(0)


@pytest.mark.slow
async def test_an_absence_is_entered_and_an_impossible_one_comes_back(site: Site) -> None:
    async with site.visitor("p055", script=False) as page:
        await page.goto("/absences")
        await page.locator("#f-from").fill("2098-01-05")
        await page.locator("#f-to").fill("2098-01-01")
        await page.get_by_role("button", name="Enter the absence").click()
        await expect(page.locator("#f-to")).to_have_attribute("aria-invalid", "true")
        await page.locator("#f-to").fill("2098-01-09")
        await page.get_by_role("button", name="Enter the absence").click()
        mine = page.get_by_role("region", name="My absences").get_by_role("listitem").filter(has_text="9 Jan 2098")
        await expect(mine).to_be_visible()
        await mine.locator("summary").click()
        await mine.locator("[name=to]").fill("2097-01-01")
        await mine.get_by_role("button", name="Save the change").click()
        await expect(mine.locator("[name=to]")).to_have_attribute("aria-invalid", "true")
        await expect(mine.locator("[name=to]")).to_have_value("2097-01-01")
        await expect(page.locator("#f-to")).to_have_value("")
        await mine.locator("[name=to]").fill("2098-01-08")
        await mine.get_by_role("button", name="Save the change").click()
        changed = page.get_by_role("listitem").filter(has_text="8 Jan 2098")
        await changed.get_by_role("button", name="End it now").click()
        await expect(page.get_by_text("The absence is ended.")).to_be_visible()
        await expect(changed).to_have_count(0)


@pytest.mark.slow
async def test_a_head_ends_the_absence_of_somebody_below_and_a_proxy_from_afar_survives_a_change(site: Site) -> None:
    below, head, afar = "p054", "p015", "p001"
    day = site.office.directory.facts().today + timedelta(days=9000)
    site.office.directory.enter_absence("far", Absence(person_id=below, first=day, last=day, proxy=afar), "test")
    async with site.visitor(head, script=False, width=390) as page:
        await page.goto("/absences")
        others = page.get_by_role("region", name="Absences you look after")
        one = others.get_by_role("listitem").filter(has_text=f"{day.year}")
        await one.locator("summary").click()
        await one.locator("[name=to]").fill((day + timedelta(days=1)).isoformat())
        await one.get_by_role("button", name="Save the change").click()
        await expect(page.get_by_text("The absence is changed.")).to_be_visible()
        facts = site.office.directory.facts()
        assert [(one.proxy, one.last - one.first) for one in facts.organisation.absences if one.first == day] == [
            (afar, timedelta(days=1))
        ]
        await one.get_by_role("button", name="End it now").click()
        await expect(page.get_by_text("The absence is ended.")).to_be_visible()
    async with site.visitor(OWNER, script=False) as page:
        await page.goto("/absences")
        await expect(page.get_by_role("region", name="Absences you look after")).to_have_count(0)


@pytest.mark.slow
async def test_my_work_says_who_stands_in_for_whom_today(site: Site) -> None:
    away, proxy = "p131", "p132"
    today = site.office.directory.facts().today
    site.office.directory.enter_absence("t", Absence(person_id=away, first=today, last=today, proxy=proxy), "test")
    names = {one: site.office.directory.facts().organisation.person(one) for one in (away, proxy)}
    for reader, other, said in ((proxy, away, "you stand in"), (away, proxy, "stands in for you")):
        known = names[other]
        assert known is not None
        async with site.visitor(reader, script=False, width=390) as page:
            await page.goto("/")
            card = page.locator("p.card").filter(has_text=said)
            await expect(card).to_contain_text(known.name)
    site.office.directory.end_absence("t", "test")
