"""決裁の取消し in a browser, with script and without: offered right after deciding, and while it is possible."""

import pytest
from playwright.async_api import expect

from engine.domain.review.review import Action
from tests.support import city
from tests.web.site import CHIEF, OWNER, Site
from tests.web.test_manager import handed_in


@pytest.mark.parametrize("script", [True, False])
async def test_a_decision_is_taken_back_right_after_it_with_a_reason(site: Site, script: bool) -> None:
    state = await handed_in(site, f"Take back {script}")
    async with site.visitor(CHIEF, script=script) as page:
        await page.goto(f"/decisions/{state.cycle_id}")
        await page.get_by_role("button", name="Approve", exact=True).click()
        await page.locator("summary", has_text="Take the decision back").click()
        await page.get_by_label("Why it is taken back").fill("Pressed too early")
        await page.get_by_role("button", name="Take it back").click()
        await expect(page.get_by_text("The decision is taken back. The step is in review again.")).to_be_visible()
        await expect(page.get_by_text("Pressed too early")).to_be_visible()
        await expect(page.get_by_role("button", name="Approve", exact=True)).to_be_visible()
    now = site.office.state(state.cycle_id)
    assert (now.step_status.value, [one.retracted_because for one in now.retracted]) == (
        "in_review", ["Pressed too early"],
    )  # fmt: skip
    history = (await site.get(CHIEF, "/history")).text
    assert "taken back" in history or "取消し" in history


@pytest.mark.slow
async def test_it_stands_on_the_cycle_and_on_the_decision_until_the_owner_goes_on(site: Site) -> None:
    state = await handed_in(site, "Until somebody goes on")
    await site.office.decide(state.cycle_id, by=CHIEF)
    places = (f"/cycles/{state.cycle_id}", f"/decisions/{state.cycle_id}", f"/decisions?after={state.cycle_id}")
    for place in places:
        assert 'id="retract"' in (await site.get(CHIEF, place)).text
        assert 'id="retract"' not in (await site.get(OWNER, place)).text
    await site.office.hand_in(state.cycle_id, city.transform())
    for place in places:
        assert 'id="retract"' not in (await site.get(CHIEF, place)).text


async def test_a_second_press_takes_nothing_back_twice_and_no_reason_takes_back_nothing(site: Site) -> None:
    state = await handed_in(site, "Pressed twice")
    await site.office.decide(state.cycle_id, Action.REJECT, by=CHIEF, reason="重複")
    page, place = f"/cycles/{state.cycle_id}", f"/decisions/{state.cycle_id}/retract"
    await site.post(CHIEF, page, place, {"round": "1", "key": "a", "reason": " "})
    assert site.office.state(state.cycle_id).retracted == ()
    for _ in range(2):
        await site.post(CHIEF, page, place, {"round": "1", "key": "a", "reason": "押し間違い"})
    assert len(site.office.state(state.cycle_id).retracted) == 1
    assert site.office.state(state.cycle_id).status.is_open
