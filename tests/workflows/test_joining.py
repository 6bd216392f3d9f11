import pytest

from engine.contracts.cycle import workflow_id
from engine.domain.cycle import commands as c
from engine.domain.scope import OrgScope, WorkScope
from engine.domain.steps import CycleStatus
from engine.store.queries.effects import AccountReader
from engine.store.record import verify as check
from tests.support import city
from tests.support.office import Office


def join(target: str) -> dict[str, object]:
    return {"kind": "expand", "join": target, "reason": "一緒に進める"}


async def small_ones_that_share(at: Office, target: str, number: int) -> list[str]:
    """Small cycles whose Share waits for its last approval."""
    cycles = [await at.start() for _ in range(number)]
    for cycle in cycles:
        for deliverable in (city.imagine(), city.transform(), city.realise()):
            await at.hand_in(cycle, deliverable)
            await at.decide(cycle)
        await at.hand_in(cycle, city.share(join(target)))
    return cycles


async def test_small_cycles_of_several_initiatives_flow_into_one_larger_cycle(working: Office) -> None:
    target = await working.start(OrgScope.UNIT, "U", WorkScope.PROCESS, city.UNIT_CHIEF)
    cycles = await small_ones_that_share(working, target, 2)
    for cycle in cycles:
        await working.decide(cycle)
        await working.client.get_workflow_handle(workflow_id(cycle)).result()
    await working.until(lambda: len(working.state(target).joined) == 2)
    assert sorted(working.state(target).parents) == sorted(cycles)
    assert await working.agree(target)
    assert all(working.directory.state(f"{cycle}.1") is None for cycle in cycles)
    await working.turn(target, city.share())
    account = AccountReader(working.database)
    initiative = working.state(target).initiative_id
    bookings = account.bookings_of([initiative])
    assert [bookings[one].hours for one in (*cycles, target)] == [300, 300, -300]
    assert account.connected(initiative).cycles == {target, *cycles}
    assert check.verify(working.database).faults == ()
    assert check.rebuild(working.database) == 3
    assert check.verify(working.database).faults == ()


@pytest.mark.slow
async def test_a_cycle_that_comes_too_late_opens_its_own_next_one_and_the_other_one_says_so(working: Office) -> None:
    target = await working.start(OrgScope.UNIT, "U", WorkScope.PROCESS, city.UNIT_CHIEF)
    (cycle,) = await small_ones_that_share(working, target, 1)
    await working.hand_in(target, city.imagine())
    await working.decide(cycle)
    opened = await working.there(f"{cycle}.1")
    assert (opened.org_scope, opened.org_unit, opened.parents) == (OrgScope.UNIT, "U", (cycle,))
    (late,) = working.state(target).turned_away
    assert (late.parent, late.why, late.instead) == (cycle, "join_moved_on", f"{cycle}.1")
    assert working.state(target).parents == ()
    assert await working.agree(target)
    assert check.verify(working.database).faults == ()


async def test_a_cycle_whose_goal_has_ended_opens_its_own_next_one(working: Office) -> None:
    target = await working.start(OrgScope.UNIT, "U", WorkScope.PROCESS, city.UNIT_CHIEF)
    (cycle,) = await small_ones_that_share(working, target, 1)
    await working.give(target, city.UNIT_CHIEF, c.Withdraw(reason="統合"))
    await working.client.get_workflow_handle(workflow_id(target)).result()
    assert (await working.decide(cycle)).status is CycleStatus.COMPLETED
    assert (await working.there(f"{cycle}.1")).parents == (cycle,)
    opened = working.journal.events(f"{cycle}.1")[0].data
    assert opened.type == "cycle_opened"
    assert opened.instead_of_joining == target
