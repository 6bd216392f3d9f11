"""What stands beside the route, and the moves of a superior: on the pages, with and without script."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from engine.domain.cycle import commands as c
from engine.domain.cycle.visibility import SetVisibility, Visibility
from tests.support import city
from tests.web.conftest import ADMIN, CHIEF, MANAGER, OWNER, Site


async def handed_in(site: Site) -> str:
    cycle = await site.office.start(org_unit="3110", owner=OWNER)
    await site.office.hand_in(cycle, city.imagine())
    return cycle


@pytest.mark.slow
@pytest.mark.parametrize("script", [True, False])
async def test_a_decider_asks_and_the_owner_answers_without_a_return(site: Site, script: bool) -> None:
    cycle = await handed_in(site)
    async with site.visitor(CHIEF, script=script) as page:
        await page.goto(f"/decisions/{cycle}")
        await page.get_by_label("Ask the owner").fill("件数は数えましたか")
        await page.get_by_role("button", name="Ask", exact=True).click()
        await expect(page.get_by_text("件数は数えましたか")).to_be_visible()
    async with site.visitor(OWNER, script=script) as page:
        await page.goto(f"/cycles/{cycle}")
        await page.get_by_label("Your answer").fill("千件です")
        await page.get_by_role("button", name="Answer", exact=True).click()
        await expect(page.get_by_text("千件です")).to_be_visible()
    assert site.office.state(cycle).step_status.value == "in_review"


@pytest.mark.slow
async def test_a_superior_pulls_up_and_the_one_below_reads_it_afterwards(site: Site) -> None:
    cycle = await handed_in(site)
    async with site.visitor(MANAGER, script=False) as page:
        await page.goto("/decisions")
        await page.locator("summary", has_text="What waits below you").click()
        await page.goto(f"/decisions/{cycle}")
        await page.get_by_label("Remark").fill("係長が出張のため")
        await page.get_by_role("button", name="Pull up and approve").click()
        await expect(page.get_by_role("status").first).to_have_text("Your decision is recorded.")
    async with site.visitor(CHIEF, script=False) as page:
        await page.goto("/decisions")
        reading = page.locator("section", has=page.get_by_role("heading", name="To read or to answer"))
        await reading.locator(f'a[href="/cycles/{cycle}"]').click()
        await page.get_by_label("A remark (optional)").fill("承知しました")
        await page.get_by_role("button", name="I have read it").click()
        await expect(page.get_by_text("承知しました")).to_be_visible()
    assert site.office.state(cycle).decisions[-1].by == MANAGER


@pytest.mark.slow
async def test_a_file_is_added_in_a_draft_taken_back_and_never_removed_in_review(site: Site, tmp_path: Path) -> None:
    papers = [tmp_path / "見積.txt", tmp_path / "様式.txt"]
    for paper in papers:
        paper.write_text(paper.stem, encoding="utf-8")
    cycle = await site.office.start(org_unit="3110", owner=OWNER)
    async with site.visitor(OWNER, script=False) as page:
        await page.goto(f"/cycles/{cycle}")
        await page.get_by_role("button", name="Add", exact=True).click()
        await expect(page.get_by_text("This is needed").first).to_be_visible()
        for paper in papers:
            await page.goto(f"/cycles/{cycle}")
            await page.get_by_label("Add a file").set_input_files(paper)
            await page.get_by_role("button", name="Add", exact=True).click()
            await expect(page.get_by_role("link", name=paper.name)).to_be_visible()
        await page.get_by_role("button", name="Take back 様式.txt").click()
        await expect(page.get_by_role("link", name="様式.txt")).to_have_count(0)
        await site.office.give(cycle, OWNER, c.SaveDraft(deliverable=city.imagine()))
        await site.office.give(cycle, OWNER, c.Submit())
        await page.goto(f"/cycles/{cycle}")
        await expect(page.get_by_role("link", name="見積.txt")).to_be_visible()
        await expect(page.get_by_role("button", name="Take back")).to_have_count(0)


@pytest.mark.slow
async def test_an_ended_cycle_is_copied_as_a_new_draft(site: Site) -> None:
    cycle = await site.office.start(org_unit="3110", owner=OWNER)
    await site.office.give(cycle, OWNER, c.SaveDraft(deliverable=city.imagine()))
    await site.office.give(cycle, OWNER, c.Withdraw(reason="やり直す"))
    async with site.visitor(OWNER, script=False) as page:
        await page.goto(f"/cycles/{cycle}")
        await page.get_by_role("button", name="Copy as a new draft").click()
        await expect(page.get_by_role("status").first).to_have_text("Copied as a new draft.")
        assert cycle not in page.url
        await expect(page.get_by_text("住民票が、来なくても届く").first).to_be_visible()


async def test_everybody_finds_their_notices_and_chooses_how_to_be_told(site: Site) -> None:
    await handed_in(site)
    async with site.visitor(CHIEF, script=False) as page:
        await page.goto("/notices")
        await expect(page.get_by_role("link", name="waits for your decision").first).to_be_visible()
        await page.get_by_role("button", name="Read").first.click()
        await page.get_by_label("When").select_option("daily")
        await page.get_by_role("button", name="Keep this choice").click()
        await expect(page.get_by_label("When")).to_have_value("daily")


async def test_the_decision_sheet_opens_as_a_pdf(site: Site) -> None:
    cycle = await handed_in(site)
    await site.office.decide(cycle)
    async with site.visitor(OWNER) as page:
        answer = await page.request.get(f"/cycles/{cycle}/decision-sheet.pdf")
        assert (answer.status, (await answer.body())[:5]) == (200, b"%PDF-")


@pytest.mark.slow
async def test_an_owner_keeps_a_cycle_to_few_names_a_reader_and_is_warned_of_personal_data(site: Site) -> None:
    cycle = await site.office.start(org_unit="3110", owner=OWNER)
    draft = city.imagine().model_copy(update={"ideal_statement": "090-1234-5678へ電話しなくてもよい"})
    await site.office.given(cycle, OWNER, c.SaveDraft(deliverable=draft))
    person = site.office.directory.facts().organisation.person(ADMIN)
    assert person is not None
    async with site.visitor(OWNER, script=False) as page:
        await page.goto(f"/cycles/{cycle}")
        warned = page.locator("section", has=page.get_by_role("heading", name="Is this personal data?"))
        await expect(warned.get_by_role("listitem")).to_contain_text("looks like a telephone number")
        reading = page.locator("#who-reads")
        await reading.locator("summary").click()
        await reading.get_by_label("Level").select_option("restricted")
        await reading.get_by_label("Named besides").fill(person.name)
        await reading.get_by_role("button", name="Save who may read").click()
        await expect(page.get_by_role("status").first).to_have_text("That is who may read it from now on.")
        await expect(page.locator("#who-reads summary")).to_contain_text(f"Who may read: Few + {person.name}")
    assert site.office.state(cycle).readers == (ADMIN,)
    async with site.visitor(MANAGER, script=False) as page:
        answer = await page.goto(f"/cycles/{cycle}")
        assert answer is not None
        assert answer.status == 404, "a head two levels up is none of the few"
    async with site.visitor(ADMIN, script=False) as page:
        answer = await page.goto(f"/cycles/{cycle}")
        assert answer is not None
        assert answer.status == 200


@pytest.mark.slow
async def test_a_form_that_is_refused_names_its_places_in_words(site: Site) -> None:
    cycle = await site.office.start(org_unit="3110", owner=OWNER)
    await site.office.given(cycle, OWNER, SetVisibility(level=Visibility.CONCERNED))
    async with site.visitor(OWNER, script=False) as page:
        await page.goto(f"/cycles/{cycle}")
        reading = page.locator("#who-reads")
        await reading.locator("summary").click()
        await reading.get_by_label("Level").select_option("office")
        await reading.get_by_label("Named besides").fill("p054, nobody")
        await reading.get_by_role("button", name="Save who may read").click()
        await expect(page.locator(".error-list")).to_have_text("Named besides 2: There is no person nobody.")
        await expect(page.locator("main")).not_to_contain_text("/readers")
