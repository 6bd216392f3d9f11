"""A release comes to the cluster while cycles wait: workers of the next build start beside those of today's."""

import asyncio
import sys
import time
from pathlib import Path

import httpx

from engine.data.shipped import sample_organisation
from tests.cluster.shape.whole import BUILD, SOON, Shape
from tests.support.tokens import tokens_of
from tests.support.whole import until

ROOT = Path(__file__).resolve().parents[2]
AT_ONCE = 8
TRIES = 30
MOVING = 600.0
"""Seconds until all must have moved; a busy machine gets them too."""


async def begin(shape: Shape, count: int) -> None:
    """As many cycles which then wait for their owner."""
    person = "p093"
    token = tokens_of(shape.settings(), [one.person_id for one in sample_organisation().people])[person]
    asked = {"title": "待つ", "org_scope": "individual", "org_unit": "3110", "work_scope": "task"}
    gate = asyncio.Semaphore(AT_ONCE)
    async with httpx.AsyncClient(timeout=60, trust_env=False, verify=shape.trusted) as client:

        async def one(number: int) -> None:
            headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"waiting-{count}-{number}"}
            async with gate:
                for _ in range(TRIES):
                    answer = await client.post(f"{shape.url}/api/v1/initiatives", json=asked, headers=headers)
                    if answer.status_code != 503:
                        break
                    await asyncio.sleep(1)
            assert answer.status_code == 201, answer.text

        await asyncio.gather(*(one(number) for number in range(count)))


def builds(shape: Shape) -> dict[str, tuple[int, str]]:
    """What `spiral releases` says: open cycles and state by build."""
    lines = (line.split() for line in shape.must("releases").splitlines())
    return {words[0]: (int(words[1]), words[2]) for words in lines}


class Deploy:
    """There and back; `seconds` says how long it took until all had moved.

    Args:
        build: the name of the next one.
    """

    def __init__(self, build: str) -> None:
        self.build = build
        self.seconds: list[float] = []
        self.waiting = 0

    async def to_the_next_build(self, shape: Shape) -> None:
        """Workers of both builds run, then the new one becomes current."""
        command = [sys.executable, "-m", "tests.support.next_release_worker"]
        more = {"SPIRAL_BUILD_ID": self.build, "PYTHONPATH": str(ROOT)}
        shape.processes.begin(f"worker-{self.build}", command, shape.variables() | more)
        await asyncio.to_thread(until, lambda: builds(shape).get(self.build, ("", ""))[1] == "waiting", SOON)
        self.waiting = builds(shape)[BUILD][0]
        await self._promote(shape, self.build, BUILD)

    async def and_back(self, shape: Shape) -> None:
        """The build of before becomes current again, and the new one's worker goes when nothing is left on it."""
        await self._promote(shape, BUILD, self.build)
        await asyncio.to_thread(shape.processes.end, f"worker-{self.build}")

    async def _promote(self, shape: Shape, build: str, other: str) -> None:
        begun = time.monotonic()
        await asyncio.to_thread(shape.must, "releases", "--promote", build)
        await asyncio.to_thread(until, lambda: builds(shape)[other][0] == 0, MOVING)
        self.seconds.append(time.monotonic() - begun)

    def said(self) -> str:
        """For people."""
        there, back = self.seconds
        return f"{self.waiting} cycles waited; all had moved after {there:.0f} s, and back after {back:.0f} s"
