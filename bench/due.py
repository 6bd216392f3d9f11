"""A quarter past five: every deadline of a day falls due at one instant. Is a person still answered?

Reviews are written into the journal, all due at the same second; the engine takes them up beforehand as cycles of
which it never heard (`workflows.upkeep.reconciler`). From that second on, somebody comments again and again while
every review is reminded of. `python -m bench.due --reviews 2000`.
"""

import argparse
import asyncio
import time
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from sqlalchemy import text

from bench.restart import OURS, whole, worker
from bench.seeding import Template, write
from engine.domain.cycle import commands as c
from engine.domain.errors import DomainError
from engine.domain.review.policy import DEFAULT
from engine.domain.review.review import DueRule
from tests.domain.plays import Play
from tests.support import city
from tests.support.office import Office

EACH = 0.05
"""Seconds that a cycle may take to be taken up; the instant comes after all of them."""
REMINDED = text("SELECT count(DISTINCT cycle_id) FROM journal WHERE type = 'reminder_due' AND cycle_id LIKE 'd%'")


async def main() -> None:
    """Prints how long the storm took, and how long a person waited meanwhile."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--reviews", type=int, default=200)
    given = asked.parse_args()
    async with whole() as at:
        lead = timedelta(seconds=20 + EACH * given.reviews)
        due = datetime.now(UTC) + lead
        for number in range(given.reviews):
            write(at.journal, f"d{number}", Template("U", "in_review", (waiting_until(due),)))
        with worker(at, OURS):
            spoken = await at.start()
            begun = due.timestamp()
            await asyncio.sleep(max(0.0, begun - time.time()))
            waits = await spoken_to(at, spoken, given.reviews)
            took = time.time() - begun
    print(f"{given.reviews} reviews due at one instant: all reminded of after {took:.1f} s")
    middle = sorted(waits)[len(waits) // 2]
    print(f"a person waited at most {max(waits):.1f} s, {middle:.2f} s in the middle of {len(waits)} times")


def waiting_until(due: datetime) -> Play:
    """A first step that waits for its decider, due at that instant."""
    allowed = timedelta(hours=1)
    policy = DEFAULT.model_copy(update={"due": DueRule(business_days=None, duration=allowed)})
    play = Play(policy=policy, at=due - allowed)
    play.draft(city.imagine())
    play.give(play.state.owner, c.Submit())
    assert play.state.review is not None
    assert {one.due_at for one in play.state.review.open} == {due}
    return play


async def given(at: Office, cycle: str, name: str) -> bool:
    """Whether a comment was answered; who is told to try again does, under the same key."""
    try:
        await at.give(cycle, city.OWNER, c.Comment(text="まだ話せるか"), name)
    except DomainError as error:
        if error.refusal.code != "engine_away":
            raise
        return False
    return True


async def spoken_to(at: Office, cycle: str, reviews: int) -> list[float]:
    """How long each of somebody's comments took, until the last review was reminded of."""
    waits: list[float] = []
    while True:
        begun, name = time.monotonic(), uuid4().hex
        while not await given(at, cycle, name):
            pass
        waits.append(time.monotonic() - begun)
        with at.database.connect() as connection:
            if connection.execute(REMINDED).scalar() == reviews:
                return waits
        await asyncio.sleep(0.5)


if __name__ == "__main__":
    asyncio.run(main())
