"""Cycles that were played without the engine and then recorded, for tests of what is read of them.

One that has ended is as the engine leaves it, and takes whatever an ended cycle takes; one that is open is only there
to be looked at, unless the engine goes on with it (`at_work`), as it does after a restore.
"""

from typing import Any
from uuid import uuid4

from engine.contracts.cycle import AppendAnswer, AppendAsk
from engine.domain.deliverables import Deliverable, Share
from engine.domain.lineage.next_cycles import opening_of
from engine.domain.lineage.open_cycle import InitiativeAsked, open_initiative
from engine.domain.scope import OrgScope, WorkScope
from tests.domain.plays import Play
from tests.support import city
from tests.support.office import Office
from workflows.upkeep.census import start_again


def begun(office: Office, owner: str = city.OWNER, **more: Any) -> Play:
    """A new initiative of now, with the documents that are in force; it is not recorded yet."""
    facts, at = office.directory.facts(), office.directory.now()
    asked = {
        "title": "届く窓口", "org_scope": OrgScope.INDIVIDUAL, "org_unit": "U", "work_scope": WorkScope.TASK,
    } | more  # fmt: skip
    opened = open_initiative(
        InitiativeAsked(**asked), initiative_id=f"i{uuid4().hex[:10]}", owner=owner,
        organisation=facts.organisation, edition=facts.edition, on=facts.today,
    )  # fmt: skip
    return Play(
        opened=opened, owner=owner, organisation=facts.organisation, policy=facts.policy, edition=facts.edition,
        at=at,
    )  # fmt: skip


def following(office: Office, cycle: str) -> Play:
    """The first cycle that follows one; it is not recorded yet."""
    state, facts = office.state(cycle), office.directory.facts()
    opened = opening_of(state, state.next_cycles[0])
    return Play(
        opened=opened, owner="system", organisation=facts.organisation, policy=facts.policy, edition=facts.edition,
        at=office.directory.now(),
    )  # fmt: skip


def recorded(office: Office, play: Play) -> str:
    """All of it in the journal, or what has come since; gives its cycle's id."""
    cycle = play.state.cycle_id
    known = office.directory.state(cycle)
    after = known.revision if known else 0
    ask = AppendAsk(cycle_id=cycle, after=after, events=play.events[after:])
    assert office.journal.append(ask) == AppendAnswer()
    return cycle


async def at_work(office: Office, play: Play) -> str:
    """All of it in the journal, and the cycle goes on in the engine; gives its id."""
    cycle = recorded(office, play)
    assert await start_again(office.client, play.state, office.names.task_queue, office.journal.seen(cycle))
    return cycle


def approved(office: Office, *deliverables: Deliverable, **more: Any) -> Play:
    """A new initiative whose deliverables were handed in and approved at once; it is not recorded yet."""
    play = begun(office, **more)
    for deliverable in deliverables:
        play.submit(deliverable)
        play.approve()
    return play


def turned(office: Office, sharing: Share | None = None, minutes: float = 12, **more: Any) -> str:
    """A cycle that has gone all the way round; gives its id."""
    whole = (city.imagine(), city.transform(), city.realise(minutes), sharing or city.share())
    return recorded(office, approved(office, *whole, **more))


def in_review(office: Office, *deliverables: Deliverable, **more: Any) -> Play:
    """The same, with the last one still waiting for its decision; without any it is the first step's."""
    *before, last = deliverables or (city.imagine(),)
    play = approved(office, *before, **more)
    play.submit(last)
    return play
