"""What a newcomer is shown first: the call, 決裁欄, the words, the gate's evidence, what a decision did."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import expect

from api.web.format.dates import Days
from engine.domain.cycle import commands as c
from engine.domain.review.review import Action
from engine.language.route_reasons import reason_text
from tests.support import city
from tests.web.site import CHIEF, MANAGER, OWNER, Site
from tests.web.test_manager import handed_in


@pytest.mark.parametrize("script", [True, False])
async def test_the_owner_sees_one_call_who_has_it_and_the_route_stamped_box_by_box(site: Site, script: bool) -> None:
    state = await handed_in(site, f"Boxes {script}")
    async with site.visitor(OWNER, script=script) as page:
        await page.goto(f"/cycles/{state.cycle_id}")
        await expect(page.get_by_role("heading", name="吉川 由紀 has it")).to_be_visible()
        for fact in ("Since", "Due"):
            await expect(page.locator(".facts dt", has_text=fact)).to_be_visible()
        boxes = page.locator(".ringi > li")
        await expect(boxes).to_have_count(2)
        await expect(boxes.first).to_contain_text("done:")
        await expect(boxes.first.locator(".seal")).to_contain_text("辻")
        await expect(boxes.last).to_have_attribute("aria-current", "step")
        await expect(boxes.last).to_contain_text("吉川 由紀")


async def test_a_decision_by_pull_up_is_marked_as_one_in_the_record(site: Site) -> None:
    cycle = await site.office.start(org_unit="3110", owner=OWNER)
    await site.office.hand_in(cycle, city.imagine())
    await site.office.decide(cycle, Action.APPROVE, MANAGER, reason="係長が出張のため", pull_up=True)
    async with site.visitor(OWNER, script=False) as page:
        await page.goto(f"/cycles/{cycle}")
        await expect(page.get_by_role("button", name="Pull-up").first).to_be_visible()


@pytest.mark.parametrize("script", [True, False])
async def test_open_questions_stand_first_with_the_answer_beside_them(site: Site, script: bool) -> None:
    state = await handed_in(site, f"Asked {script}")
    await site.office.give(state.cycle_id, CHIEF, c.Ask(text="件数は数えましたか"))
    async with site.visitor(OWNER, script=script) as page:
        await page.goto(f"/cycles/{state.cycle_id}")
        await expect(page.get_by_role("heading", name="1 question waits for your answer")).to_be_visible()
        await page.get_by_role("link", name="Answer", exact=True).click()
        await page.get_by_label("Your answer").fill("数えました")
        await page.get_by_role("button", name="Answer", exact=True).click()
        await expect(page.get_by_role("heading", name="吉川 由紀 has it")).to_be_visible()
        await expect(page.get_by_text("Answer: 数えました")).to_be_visible()


@pytest.mark.slow
@pytest.mark.parametrize("script", [True, False])
async def test_a_word_is_explained_where_it_stands_and_on_the_page_of_words(site: Site, script: bool) -> None:
    state = await handed_in(site, f"Words {script}")
    async with site.visitor(OWNER, language="ja", script=script) as page:
        await page.goto(f"/cycles/{state.cycle_id}")
        word = page.locator(".ringi").get_by_role("button", name="決裁", exact=False)
        await word.focus()
        await page.keyboard.press("Enter")
        meaning = page.locator("#word-final")
        await expect(meaning).to_be_visible()
        await meaning.get_by_role("link").click()
        await expect(page.get_by_role("heading", name="用語の説明", level=1)).to_be_visible()
        for text in (
            "合議（ごうぎ・あいぎ）",
            "専決",
            "代決",
            "後閲",
            "供覧",
            "差戻し",
            "引上げ",
            "保留",
            "起案",
            "条件付承認",
        ):
            await expect(page.get_by_role("term").filter(has_text=text).first).to_be_visible()


async def test_the_gate_puts_what_the_sheet_says_beside_each_question(site: Site) -> None:
    state = await handed_in(site, "Evidence")
    async with site.visitor(CHIEF, script=False) as page:
        await page.goto(f"/decisions/{state.cycle_id}")
        question = page.locator(".checks > li", has_text="Is the baseline measured, not guessed?")
        await expect(question).to_contain_text("Baseline")
        await expect(question).to_contain_text("30")
        await expect(page.locator(".glance")).to_contain_text("h/year")


@pytest.mark.slow
@pytest.mark.parametrize("script", [True, False])
async def test_a_decision_says_what_it_did_and_offers_the_next_matter(site: Site, script: bool) -> None:
    waiting = await handed_in(site, f"Waits next {script}")
    state = await handed_in(site, f"Decided first {script}")
    async with site.visitor(CHIEF, script=script) as page:
        await page.goto(f"/decisions/{state.cycle_id}")
        await page.get_by_role("button", name="Approve", exact=True).click()
        done = page.locator("section.after")
        await expect(done.get_by_role("heading")).to_contain_text(state.title)
        await expect(done).to_contain_text("辻 千尋 goes on with “Transform”")
        await done.get_by_role("link", name="Next:").click()
        await expect(page.get_by_role("button", name="Approve", exact=True)).to_be_visible()
        await page.goto(f"/decisions?after={waiting.cycle_id}")
        await expect(page.locator("section.after")).to_have_count(0)


@pytest.mark.slow
@pytest.mark.parametrize("script", [True, False])
async def test_all_are_ticked_at_once_by_link_and_by_key(site: Site, script: bool) -> None:
    await handed_in(site, f"Tick one {script}")
    await handed_in(site, f"Tick two {script}")
    async with site.visitor(CHIEF, script=script) as page:
        await page.goto("/decisions")
        boxes = page.locator("#inbox-list input[type=checkbox]")
        await page.get_by_role("link", name="Tick all").click()
        await expect(page.locator("#inbox-list input:checked")).to_have_count(await boxes.count())
        await expect(page.get_by_role("button", name="Approve the ticked ones")).to_be_visible()
        if script:
            await page.locator("#inbox-list a").first.focus()
            await page.keyboard.press("a")
            await expect(page.locator("#inbox-list input:checked")).to_have_count(0)
            await page.keyboard.press("d")
            await expect(page.get_by_role("button", name="Approve the ticked ones")).to_be_focused()


@pytest.mark.slow
async def test_the_history_leads_to_the_very_version_that_was_decided(site: Site) -> None:
    cycle = await site.office.start(org_unit="3110", owner=OWNER)
    first = city.imagine()
    await site.office.hand_in(cycle, first)
    await site.office.decide(cycle, Action.RETURN, CHIEF, reason="もう一度")
    await site.office.hand_in(cycle, first.model_copy(update={"ideal_statement": "二度目の理想"}))
    await site.office.decide(cycle, Action.APPROVE, CHIEF)
    async with site.visitor(CHIEF, script=False) as page:
        await page.goto("/history")
        links = page.locator(f'a[href^="/cycles/{cycle}/rounds/"]')
        await links.first.click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("Version 2")
        await expect(page.get_by_text("二度目の理想")).to_be_visible()
        await page.goto("/history")
        await links.nth(1).click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("Version 1")
        await expect(page.get_by_text("もう一度")).to_be_visible()
        await page.goto(f"/cycles/{cycle}/versions")
        await page.get_by_label("Before").select_option("2")
        await page.get_by_label("After").select_option("1")
        await page.get_by_role("button", name="Compare").click()
        await expect(page.get_by_role("row", name="Ideal state").locator("del")).to_have_text("二度目の理想")
        lost = await page.goto(f"/cycles/{cycle}/rounds/imagine/9")
        assert lost is not None
        assert lost.status == 404


def test_times_are_said_as_people_say_them_and_stamps_as_offices_stamp() -> None:
    ja, en = Days("ja", ZoneInfo("Asia/Tokyo")), Days("en", ZoneInfo("Asia/Tokyo"))
    assert [ja.span(one) for one in (60, 5 * 3600, 3 * 86400)] == ["1時間以内", "約5時間", "約3日"]
    assert [en.span(one) for one in (60, 3600, 86400)] == ["less than an hour", "about 1 hour", "about 1 day"]
    night = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
    assert (ja.stamp(night), en.stamp(night)) == ("8.11.25", "25 Nov")


def test_a_reason_names_scope_and_flags_in_japanese() -> None:
    assert reason_text("one_above", {"scope": "section"}, "ja") == "範囲(課)の一つ上が決裁"
    assert "議会関係・先例になる" in reason_text("flags_raise", {"flags": "council, precedent"}, "ja")


def test_years_are_western_for_who_wants_them() -> None:
    western = Days("ja", ZoneInfo("Asia/Tokyo"), by_era=False)
    day = datetime(2026, 2, 1, 3, tzinfo=UTC)
    assert (western.day(day), western.long(day), western.stamp(day)) == ("2026.2.1", "2026年2月1日", "26.2.1")
    assert western.fiscal_year(day) == "2025年度"


@pytest.mark.slow
@pytest.mark.parametrize("script", [True, False])
async def test_the_reader_chooses_era_or_western_years(site: Site, script: bool) -> None:
    state = await handed_in(site, f"Years {script}")
    async with site.visitor(OWNER, language="ja", script=script) as page:
        await page.goto(f"/cycles/{state.cycle_id}")
        await expect(page.locator(".facts")).to_contain_text("令和")
        await page.locator("details.menu summary").click()
        await page.get_by_role("button", name="西暦").click()
        await expect(page.locator(".facts")).not_to_contain_text("令和")
        await expect(page.locator(".facts")).to_contain_text("20")


@pytest.mark.slow
@pytest.mark.parametrize("script", [True, False])
async def test_questions_stand_first_on_my_work_too(site: Site, script: bool) -> None:
    state = await handed_in(site, f"Asked at home {script}")
    await site.office.give(state.cycle_id, CHIEF, c.Ask(text="何年度ですか"))
    async with site.visitor(OWNER, script=script) as page:
        await page.goto("/")
        first = page.locator("main section").first
        await expect(first.get_by_role("heading")).to_contain_text("for your answer")
        await first.get_by_role("link", name=f"Answer ({state.title})").click()
        await page.get_by_label("Your answer").fill("7")
        await page.get_by_role("button", name="Answer", exact=True).click()
        await page.goto("/")
        await expect(page.get_by_role("link", name=f"Answer ({state.title})")).to_have_count(0)


async def test_days_in_a_sheet_are_written_for_readers(site: Site) -> None:
    state = await handed_in(site, "Days in sheets")
    due = next(one.due for one in state.deliverables.imagine.metrics if one.due)
    async with site.visitor(CHIEF, language="ja", script=False) as page:
        await page.goto(f"/decisions/{state.cycle_id}")
        await expect(page.locator("details.sheet").first).to_contain_text(Days("ja", ZoneInfo("Asia/Tokyo")).day(due))
        await expect(page.locator("details.sheet").first).not_to_contain_text(due.isoformat())


@pytest.mark.slow
@pytest.mark.parametrize("script", [True, False])
async def test_many_are_not_returned_without_a_reason(site: Site, script: bool) -> None:
    state = await handed_in(site, f"No reason {script}")
    async with site.visitor(CHIEF, script=script) as page:
        await page.goto("/decisions")
        await page.get_by_label(f"Tick: {state.title}").check()
        if script:
            await expect(page.locator("#ticked")).to_have_text("1")
        await page.locator("summary", has_text="Decide the ticked ones together").click()
        await page.get_by_role("button", name="Return the ticked ones").click()
        await page.get_by_role("button", name="Return it").click()
        await expect(page.get_by_label("Reason for the return")).to_have_attribute("aria-invalid", "true")
        await expect(page.get_by_role("link", name=state.title)).to_be_visible()
        await page.get_by_label("Reason for the return").fill("Count once more")
        await page.get_by_role("button", name="Return it").click()
        await expect(page.locator("#results + p")).to_contain_text("Done: 1")
    assert site.office.state(state.cycle_id).step_status.value == "returned"


@pytest.mark.slow
async def test_results_are_written_beside_where_each_number_stood_and_read_by_name(site: Site) -> None:
    state = await handed_in(site, "Beside the baseline")
    await site.office.decide(state.cycle_id)
    await site.office.hand_in(state.cycle_id, city.transform())
    await site.office.decide(state.cycle_id)
    metric = state.deliverables.imagine.metrics[0]
    async with site.visitor(OWNER, script=False) as page:
        await page.goto(f"/cycles/{state.cycle_id}")
        chosen = page.locator("[name='results.0.metric'] option:checked")
        await expect(chosen).to_contain_text(f"{metric.baseline:g} → {metric.target:g}")
        await site.office.hand_in(state.cycle_id, city.realise())
        await page.goto(f"/cycles/{state.cycle_id}")
        await expect(page.locator("details.sheet.realise")).to_contain_text(str(metric.name))


@pytest.mark.slow
async def test_the_next_owner_is_chosen_by_name(site: Site) -> None:
    state = await handed_in(site, "By name")
    await site.office.decide(state.cycle_id)
    for deliverable in (city.transform(), city.realise()):
        await site.office.hand_in(state.cycle_id, deliverable)
        await site.office.decide(state.cycle_id)
    async with site.visitor(OWNER, script=False) as page:
        await page.goto(f"/cycles/{state.cycle_id}")
        await expect(page.locator("[name='next.0.owner'] option", has_text="吉川 由紀")).to_have_attribute(
            "value", CHIEF
        )


@pytest.mark.slow
async def test_nothing_moves_above_a_form_while_its_owner_writes(site: Site) -> None:
    cycle = await site.office.start(org_unit="3110", owner=OWNER)
    async with site.visitor(OWNER) as page:
        await page.goto(f"/cycles/{cycle}")
        place = "document.getElementById('draft').offsetTop"
        before = await page.evaluate(place)
        await page.get_by_label("Ideal state").fill("It stays where it is")
        await expect(page.locator("#saved")).to_contain_text("Saved")
        await expect(page.locator("#cycle-now")).not_to_have_attribute("data-live", cycle)
        assert await page.evaluate(place) == before
