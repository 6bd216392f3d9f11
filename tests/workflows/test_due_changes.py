"""A change of who decides takes effect on its day by a worker's own doing, also when the database was away before."""

import asyncio
from contextlib import suppress

from sqlalchemy import Engine

from engine.contracts.documents import ORGANISATION, POLICY, AskedDocument
from engine.data.shipped import is_sample_city
from engine.domain.review.policy import DEFAULT
from engine.store.directory.changes import Changes
from engine.store.directory.directory import Directory
from tests.support import city
from tests.support.governed import Day
from workflows.upkeep.due_changes import put_due_changes_in_force


async def test_the_day_of_a_change_comes_while_a_worker_runs_and_a_look_that_fails_is_tried_again(
    database: Engine,
) -> None:
    day = Day()
    directory = Directory(database, day)
    changes = Changes(database, directory, is_sample_city)
    directory.import_document(ORGANISATION, "city", city.organisation(), city.ADMIN)
    own = DEFAULT.model_copy(update={"id": "own"})
    directory.import_document(POLICY, "own", own, city.ADMIN)
    changes.put(AskedDocument(POLICY, "own", own.model_copy(update={"pull_up": False}), city.ADMIN))
    looks = 0

    def look() -> list[str]:
        nonlocal looks
        looks += 1
        if looks == 2:
            raise OSError("away")
        if looks == 3:
            day.at = day.at.replace(day=28)
        return changes.take_due()

    working = asyncio.create_task(put_due_changes_in_force(look, every=0.01))
    async with asyncio.timeout(20):
        while directory.facts().policy.pull_up:  # noqa: ASYNC110 - the record tells nobody
            await asyncio.sleep(0.01)
    working.cancel()
    with suppress(asyncio.CancelledError):
        await working
    assert looks >= 3
