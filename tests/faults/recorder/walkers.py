"""Clients that play whole stories by HTTP and repeat what is in doubt, as a well-made program of a city would."""

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from engine.data.shipped import sample_organisation
from engine.domain.organisation.organisation import PostRole, UnitLevel
from tests.faults.recorder.answers import AGAIN, BROKEN, Answered
from tests.support import city
from tests.support.whole import plain

GIVES_UP = 180.0
"""Seconds after which a command without an answer counts as stuck."""
STEPS = (city.imagine, city.transform, city.realise, city.share)
WRITTEN = (("ideal_statement",), ("changes", 0, "what"), ("side_effects",), ("lessons_failed",))
"""Where in each step's deliverable a walker writes the key of the draft; see `answers.Answered.mark`."""


@dataclass
class Speaker:
    """Asks, and asks again under the same key until there is an answer; writes down what came.

    Args:
        url: where the API is at this moment; it moves when the whole starts again.
        token: makes a person's bearer token.
        gives_up: seconds after which it asks no more.
    """

    url: Callable[[], str]
    token: Callable[[str], str]
    answers: list[Answered] = field(default_factory=list)
    gives_up: float = GIVES_UP
    client: httpx.AsyncClient = field(default_factory=lambda: httpx.AsyncClient(timeout=40, trust_env=False))

    async def give(  # noqa: PLR0917 - one request has many sides
        self, kind: str, person: str, key: str, method: str, path: str, body: Any = None, cycle: str | None = None
    ) -> tuple[Answered, Any]:
        """One command; gives what was written down of it and the body of the last answer."""
        one = Answered(kind=kind, person=person, key=key, cycle=cycle)
        begun, given = time.monotonic(), None
        while True:
            status, given = await self._once(person, key, method, path, body)
            one.tries.append(status)
            if status not in AGAIN and not (isinstance(status, int) and status >= 500):
                one.status = int(status)
                break
            if time.monotonic() - begun > self.gives_up:
                break
            await asyncio.sleep(0.3)
        one.seconds = round(time.monotonic() - begun, 3)
        given = given if isinstance(given, dict) else {}
        one.code, one.revision = given.get("code"), given.get("revision")
        one.cycle = one.cycle or given.get("id")
        self.answers.append(one)
        return one, given

    async def look(self, person: str, path: str) -> Any:
        """Reads, as often as it takes.

        Raises:
            TimeoutError: nothing came for too long.
        """
        begun = time.monotonic()
        while time.monotonic() - begun < self.gives_up:
            status, given = await self._once(person, None, "GET", path, None)
            if status == 200:
                return given
            await asyncio.sleep(0.3)
        raise TimeoutError(path)

    async def _once(self, person: str, key: str | None, method: str, path: str, body: Any) -> tuple[int | str, Any]:
        headers = {"Authorization": f"Bearer {self.token(person)}"} | ({"Idempotency-Key": key} if key else {})
        try:
            answer = await self.client.request(method, f"{self.url()}/api/v1{path}", json=body, headers=headers)
            return answer.status_code, answer.json() if answer.content else None
        except (httpx.HTTPError, ValueError):
            return BROKEN, None


def owners() -> list[tuple[str, str]]:
    """Staff of the sample city, each with their unit."""
    organisation = sample_organisation()
    units = {unit.code for unit in organisation.units if unit.level is UnitLevel.UNIT}
    return [
        (post.person_id, post.unit_code)
        for post in organisation.posts
        if post.unit_code in units and post.role is PostRole.STAFF and post.valid_to is None
    ]


@dataclass
class Walker:
    """Plays one story after another until it is told to stop, and leaves the last one where it stands.

    Attributes:
        open: the cycles that have not ended, each with its owner.
    """

    name: str
    speaker: Speaker
    dice: random.Random
    stopping: asyncio.Event
    people: list[tuple[str, str]]
    open: dict[str, str] = field(default_factory=dict)
    told: int = 0

    async def walk(self) -> None:
        """Stories, until `stopping`."""
        while not self.stopping.is_set():
            await self.story()

    async def story(self) -> None:
        """One cycle from its start to its end, with remarks, a return and a pull-back now and then."""
        cycle = await self.begin()
        if cycle is None:
            return
        owner = self.open[cycle]
        for make, place in zip(STEPS, WRITTEN, strict=True):
            if self.stopping.is_set() or not await self._step(cycle, owner, plain(make()), place):
                return
        del self.open[cycle]

    async def begin(self) -> str | None:
        """Starts a cycle; None when it was refused."""
        owner, unit = self.dice.choice(self.people)
        asked = {"title": f"届く窓口 {self.name}", "org_scope": "individual", "org_unit": unit, "work_scope": "task"}
        begun, given = await self.speaker.give("start", owner, self._key(), "POST", "/initiatives", asked)
        if not begun.accepted:
            return None
        self.open[str(given["id"])] = owner
        return str(given["id"])

    async def _step(self, cycle: str, owner: str, deliverable: Any, place: tuple[str | int, ...]) -> bool:
        """Hands in and has it approved; whether the cycle has moved on."""
        draft = Answered("draft", owner, self._key(), cycle)
        _write(deliverable, place, draft.mark)
        await self.speaker.give("draft", owner, draft.key, "PUT", f"/cycles/{cycle}/draft", deliverable, cycle=cycle)
        if self.dice.random() < 0.5:
            await self._say("comment", owner, cycle, "POST", "comments", {"text": f"覚え書き {self._key()}"})
        handed = await self._say("submit", owner, cycle, "POST", "submit")
        if not handed.accepted:
            return False
        if self.dice.random() < 0.2:
            await self._say("pull_back", owner, cycle, "POST", "pull-back")
            await self._say("submit", owner, cycle, "POST", "submit")
        if self.dice.random() < 0.2:
            await self._decide(cycle, owner, "return")
            await self._say("submit", owner, cycle, "POST", "submit")
        return (await self._decide(cycle, owner, "approve")).accepted

    async def _decide(self, cycle: str, owner: str, action: str) -> Answered:
        view = await self.speaker.look(owner, f"/cycles/{cycle}")
        while view["waiting_for"]["kind"] != "approver":  # the page is behind what was answered, for a moment
            await asyncio.sleep(0.2)
            view = await self.speaker.look(owner, f"/cycles/{cycle}")
        reason = {"reason": "数字をもう一度見てほしい"} if action == "return" else {}
        body = {"action": action, "round": view["round"]} | reason
        return await self._say(action, view["waiting_for"]["people"][0], cycle, "POST", "decisions", body)

    async def _say(  # noqa: PLR0917 - who, where, what
        self, kind: str, person: str, cycle: str, method: str, place: str, body: Any = None
    ) -> Answered:
        one, _ = await self.speaker.give(
            kind, person, self._key(), method, f"/cycles/{cycle}/{place}", body, cycle=cycle
        )
        return one

    def _key(self) -> str:
        self.told += 1
        return f"{self.name}-{self.told}"


def _write(deliverable: Any, place: tuple[str | int, ...], text: str) -> None:
    """Adds a text to one that stands in a deliverable."""
    *way, last = place
    for one in way:
        deliverable = deliverable[one]
    deliverable[last] += text
