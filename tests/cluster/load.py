"""Clients at work on the cluster while it is hurt, and the reckoning afterwards."""

import asyncio
import itertools
import os
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from unittest import mock

import httpx

from engine.contracts import cycle as wire
from engine.data.shipped import sample_organisation
from engine.runtime.identity import open_engine
from engine.store.database import open_database
from tests.cluster.shape.database import OWNER
from tests.cluster.shape.whole import Shape
from tests.faults.recorder import reckoning
from tests.faults.recorder.answers import Answered
from tests.faults.recorder.walkers import Speaker, Walker, owners
from tests.support.tokens import tokens_of

WELL_AGAIN = 120.0
"""Seconds after the last fault until everything must be whole without hands."""
Fault = Callable[[Shape], Awaitable[None]]


@dataclass
class Found:
    """What a run did and found.

    Attributes:
        faults: what was done to the cluster, in order.
        silent: for each of them, the longest time in which no command was answered, in seconds.
        wrong: what does not hold.
    """

    faults: list[str] = field(default_factory=list)
    silent: list[float] = field(default_factory=list)
    answers: list[Answered] = field(default_factory=list)
    stories: int = 0
    cycles: int = 0
    events: int = 0
    wrong: list[str] = field(default_factory=list)
    verify: str = ""

    def said(self) -> str:
        """For people, one line a fact."""
        tries = Counter(one for answer in self.answers for one in answer.tries)
        lines = [
            f"cycles begun {self.cycles}, through all four steps {self.stories}, events {self.events}",
            f"commands {len(self.answers)}, answers {dict(sorted(tries.items(), key=str))}",
            f"wrong {self.wrong or 'nothing'}",
            f"verify: {self.verify.splitlines()[-1] if self.verify else ''}",
        ]
        lines += [
            f"{name}: {one:.1f} s without an answer" for name, one in zip(self.faults, self.silent, strict=True)
        ]
        return "\n".join(lines)


@dataclass
class _Clock:
    """When commands were answered yes."""

    at: list[float] = field(default_factory=lambda: [time.monotonic()])

    def longest_since(self, begun: float) -> float:
        times = [begun, *(one for one in self.at if one > begun), time.monotonic()]
        return max(later - earlier for earlier, later in itertools.pairwise(times))


class _Listening(list[Answered]):
    """The answers, each with its time."""

    def __init__(self, clock: _Clock) -> None:
        super().__init__()
        self._clock = clock

    def append(self, one: Answered) -> None:
        super().append(one)
        if one.accepted:
            self._clock.at.append(time.monotonic())


async def under(shape: Shape, faults: Sequence[Fault], *, walkers: int, seed: int = 1, rest: float = 3.0) -> Found:
    """Plays stories while each fault is done in turn, then holds every answer against the journal.

    Args:
        shape: runs and is left running.
        faults: each hurts it and gives it back.
        walkers: how many clients work at once.
        seed: the same one draws the same stories.
        rest: seconds of undisturbed work after each fault.
    """
    tokens = tokens_of(shape.settings(), [one.person_id for one in sample_organisation().people])
    clock, stopping, people = _Clock(), asyncio.Event(), owners()
    async with httpx.AsyncClient(timeout=40, trust_env=False, verify=shape.trusted) as client:
        speaker = Speaker(lambda: shape.url, tokens.__getitem__, _Listening(clock), client=client)
        crew = [
            Walker(f"{seed}-{number}", speaker, random.Random(f"{seed}-{number}"), stopping, people)
            for number in range(walkers)
        ]
        walking = [asyncio.create_task(one.walk()) for one in crew]
        found = Found(answers=speaker.answers)
        for fault in faults:
            await asyncio.sleep(rest)
            begun = time.monotonic()
            await fault(shape)
            await asyncio.to_thread(shape.until_ready)
            await asyncio.sleep(rest)
            found.faults.append(fault.__name__)
            found.silent.append(clock.longest_since(begun))
        stopping.set()
        await asyncio.gather(*walking)
    await _reckon(shape, crew, found)
    return found


async def _reckon(shape: Shape, crew: Sequence[Walker], found: Found) -> None:
    url = shape.database.as_administrator
    lines = reckoning.journal(url)
    reckoned = reckoning.reckon(found.answers, lines, reckoning.working_copies(url))
    found.verify, reckoned.verify = await _whole(shape)
    still_open = [cycle for one in crew for cycle in one.open]
    reckoned.stuck += await _behind(shape, still_open)
    found.wrong = reckoned.faults
    found.events = len(lines)
    begun = {one.cycle for one in found.answers if one.kind == "start" and one.accepted}
    found.cycles, found.stories = len(begun), len(begun) - len(still_open)


async def _whole(shape: Shape) -> tuple[str, list[str]]:
    deadline = time.monotonic() + WELL_AGAIN
    while True:
        code, said = await asyncio.to_thread(lambda: shape.spiral("verify", role=OWNER))
        if code == 0:
            return said, []
        if time.monotonic() > deadline:
            return said, said.splitlines()
        await asyncio.sleep(2)


async def _behind(shape: Shape, cycles: Sequence[str]) -> list[str]:
    """Open cycles that the engine does not hold exactly as far as the journal does."""
    heads = {line.cycle: line.seq for line in reckoning.journal(shape.database.as_administrator)}
    database = open_database(shape.settings().database_url)
    with mock.patch.dict(os.environ, shape.temporal.variables):
        client = (await open_engine(shape.settings(), database)).client
    database.dispose()
    wrong = []
    for cycle in cycles:
        state = await client.get_workflow_handle(f"cycle/{cycle}").query(wire.STATE)
        if state["revision"] != heads[cycle]:
            wrong.append(f"{cycle}: engine at {state['revision']}, journal at {heads[cycle]}")
    return wrong
