"""One part of a run: a fresh city, some walkers, some faults one after another, and the reckoning."""

import asyncio
import itertools
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Engine
from temporalio.client import Client

from engine.contracts import cycle as wire
from engine.data.shipped import sample_organisation
from engine.runtime import runfile
from engine.runtime.identity import open_engine
from engine.runtime.settings import Settings, load_settings
from engine.store.database import open_database
from tests.faults.recorder import crowds, reckoning
from tests.faults.recorder.answers import Answered, by_kind
from tests.faults.recorder.place import Place
from tests.faults.recorder.reckoning import Reckoning
from tests.faults.recorder.strikes import strikes
from tests.faults.recorder.walkers import Speaker, Walker, owners
from tests.support.tokens import tokens_of

AT_WORK = (1.0, 4.0)
"""Seconds of undisturbed work between two faults, drawn from this range."""
WELL_AGAIN = 90.0
"""Seconds after the last fault until everything must be whole without hands; the reconciler promises a minute."""


@dataclass
class Part:
    """What one part did and found.

    Attributes:
        seed: of its dice.
        database: `sqlite` or `postgresql`.
        faults: how many of each kind.
        commands: how many of each kind were given.
        repeated: how many of them had to be asked again.
        events: in the journal at the end.
        longest: seconds that the slowest command took.
        found: what does not hold, each with its kind.
    """

    seed: int
    database: str
    faults: dict[str, int] = field(default_factory=dict)
    commands: dict[str, int] = field(default_factory=dict)
    repeated: int = 0
    events: int = 0
    longest: float = 0.0
    found: list[str] = field(default_factory=list)


async def play(city: Place, database: str, seed: int, names: Sequence[str], walkers: int) -> Part:
    """Plays one part on a running city.

    Args:
        city: the fresh one; it is left running.
        database: what it runs on.
        seed: the same one draws the same stories and pauses.
        names: the faults, in order.
        walkers: how many clients work at once.
    """
    dice = random.Random(seed)
    settings = load_settings(city.folder, **({"database_url": city.database_url} if city.cluster else {}))
    tokens = tokens_of(settings, [one.person_id for one in sample_organisation().people])  # while all is well
    speaker = Speaker(lambda: city.url, tokens.__getitem__)
    stopping, people = asyncio.Event(), owners()
    crew = [
        Walker(f"{seed}-{number}", speaker, random.Random(f"{seed}-{number}"), stopping, people)
        for number in range(walkers)
    ]
    async with speaker.client:
        walking = [asyncio.create_task(one.walk()) for one in crew]
        for name in names:
            await asyncio.sleep(dice.uniform(*AT_WORK))
            await strikes(database)[name](city, dice)
            await city.until_ready()
        await asyncio.sleep(AT_WORK[0])
        stopping.set()
        await asyncio.gather(*walking)
        found = await _crowds(speaker, crew)
        found += await _every_open_cycle_answers(speaker, crew)
    url = city.database_url
    reckoned = reckoning.reckon(speaker.answers, reckoning.journal(url), reckoning.working_copies(url))
    reckoned.verify = await _until_whole(city)
    reckoned.stuck += await _differing(settings, city)
    return _part(seed, database, names, speaker.answers, reckoned, found, city)


def order(database: str, seed: int) -> Iterator[str]:
    """Every kind of fault, in a drawn order, again and again."""
    dice, kinds = random.Random(seed), sorted(strikes(database))
    return itertools.chain.from_iterable(dice.sample(kinds, len(kinds)) for _ in itertools.count())


async def _crowds(speaker: Speaker, crew: Sequence[Walker]) -> list[str]:
    begun = next((cycle for one in crew for cycle in one.open), None) or await crew[0].begin()
    if begun is None:
        return ["no cycle can be started at the end"]
    cycle, owner = begun, next(one.open[begun] for one in crew if begun in one.open)
    found: list[str] = []
    for crowd in (crowds.one_key_many_bodies, crowds.one_key_one_body, crowds.all_at_once):
        found += [f"crowd: {one}" for one in await crowd(speaker, owner, cycle, f"{crew[0].name}-{crowd.__name__}")]
    return found


async def _every_open_cycle_answers(speaker: Speaker, crew: Sequence[Walker]) -> list[str]:
    found: list[str] = []
    for cycle, owner in [pair for one in crew for pair in one.open.items()]:
        one, _ = await speaker.give(
            "comment",
            owner,
            f"last-{cycle}",
            "POST",
            f"/cycles/{cycle}/comments",
            {"text": "まだ動くか"},
            cycle=cycle,
        )
        if not one.accepted:
            found.append(f"stuck: {cycle}: {one.tries[-3:]}")
    return found


async def _until_whole(city: Place) -> list[str]:
    deadline = time.monotonic() + WELL_AGAIN
    while True:
        code, told = await asyncio.to_thread(city.spiral, "verify")
        if code == 0:
            return []
        if time.monotonic() > deadline:
            return told.splitlines()
        await asyncio.sleep(2)


async def _differing(settings: Settings, city: Place) -> list[str]:
    """Open cycles that the engine does not hold exactly as far as the journal does."""
    heads: dict[str, int] = {}
    for line in reckoning.journal(city.database_url):
        heads[line.cycle] = line.seq
    database = open_database(city.database_url)
    client = await _client(settings, database)
    found = []
    for cycle in [name for name in heads if name in await asyncio.to_thread(_open, database)]:
        state = await client.get_workflow_handle(f"cycle/{cycle}").query(wire.STATE)
        if state["revision"] != heads[cycle]:
            found.append(f"{cycle}: engine at {state['revision']}, journal at {heads[cycle]}")
    database.dispose()
    return found


async def _client(settings: Settings, database: Engine) -> Client:
    run = runfile.read_run(settings.data_dir)
    assert run is not None
    at = settings.model_copy(update={"temporal_address": f"{run.host}:{run.temporal_port}"})
    return (await open_engine(at, database)).client


def _open(database: Engine) -> set[str]:
    with database.connect() as connection:
        rows = connection.exec_driver_sql("SELECT id FROM cycle WHERE status IN ('active', 'on_hold')")
        return {row[0] for row in rows}


def _part(  # noqa: PLR0917 - what was done, what was found
    seed: int,
    database: str,
    names: Sequence[str],
    answers: Sequence[Answered],
    reckoned: Reckoning,
    found: Sequence[str],
    city: Place,
) -> Part:
    return Part(
        seed=seed,
        database=database,
        faults=dict(Counter(names)),
        commands=dict(by_kind(answers)),
        repeated=sum(len(one.tries) > 1 for one in answers),
        events=len(reckoning.journal(city.database_url)),
        longest=max((one.seconds for one in answers), default=0.0),
        found=[*reckoned.faults, *found],
    )
