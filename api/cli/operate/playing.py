"""Plays the invented initiatives of the sample city through the engine, by ordinary commands of the sample people.

Every command has a fixed id and what the journal holds is not given again, so a crash half way or a second start does
no harm. Where a person was faster the rest of that initiative is left to people.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import assert_never

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from api.gateway import EngineAwayError, Gateway
from engine.data import sample_work as s
from engine.domain.cycle import commands as c
from engine.domain.cycle.events import CommandRefused
from engine.domain.cycle.state import CycleState
from engine.domain.deliverables import step_of
from engine.domain.errors import DomainError, not_found
from engine.domain.ledger import milestones as m
from engine.domain.lineage.open_cycle import open_initiative
from engine.domain.review.review import Action
from engine.domain.spread import offers as o
from engine.domain.spread.adopt import opening_of_adoption
from engine.store.directory.directory import Directory
from engine.store.directory.working_copies import CopyAsked, WorkingCopies
from engine.store.record.journal import Journal
from engine.store.record.ledger import Ledger
from engine.store.record.spread_offers import grant_of
from engine.store.registers.milestones import Milestones

SIDE_BY_SIDE = 3
"""Initiatives played at the same time: people are working already, and the machine is small."""
PATIENCE = 60.0
"""Seconds until a cycle that starts by itself must be there."""
BY = "spiral up --sample-work"
log = structlog.stdlib.get_logger("spiral.sample")


@dataclass(frozen=True)
class PlayedPlace:
    """One cycle that is being played: its id, and the ids of the commands it was given before."""

    cycle: str
    key: str
    given: frozenset[str]


@dataclass
class Player:
    """Gives the commands; `still` says whether the sample city is still the one in force."""

    gateway: Gateway
    database: Engine
    directory: Directory
    journal: Journal
    still: Callable[[], bool]
    ledger: Ledger = field(init=False)
    milestones: Milestones = field(init=False)
    working_copies: WorkingCopies = field(init=False)

    def __post_init__(self) -> None:
        self.ledger = Ledger(self.database, self.directory.now, self.directory)
        self.milestones = Milestones(self.database, self.directory)
        self.working_copies = WorkingCopies(self.database, self.directory.now)

    async def play(self, stories: Sequence[s.PlayedStory], reports: Sequence[s.PlayedReport]) -> int:
        """Plays what was not played yet; gives how many initiatives were finished this time."""
        lanes = asyncio.Semaphore(SIDE_BY_SIDE)

        async def lane(story: s.PlayedStory) -> bool:
            async with lanes:
                return await self._unless_refused(self._story(story), story.key)

        await self._unless_refused(asyncio.to_thread(self._report, reports), "milestones")
        return sum(await asyncio.gather(*map(lane, stories)))

    async def _unless_refused(self, played: Awaitable[bool], what: str) -> bool:
        try:
            return await played
        except (DomainError, EngineAwayError, SQLAlchemyError) as error:
            wrong = error.refusal.errors if isinstance(error, DomainError) else ()
            places = [f"{one.pointer} {one.code}" for one in wrong]
            log.warning("a sample initiative was left as it is", initiative=what, why=str(error), places=places)
            return False

    def _report(self, reports: Sequence[s.PlayedReport]) -> bool:
        facts = self.directory.facts()
        for number, one in enumerate(reports, start=1):
            command = f"{BY}/report/{number}"
            if any(entry.command_id == command for entry in self.milestones.entries(one.startup)):
                continue
            fact = m.report(
                facts.edition, one.startup, one.milestone, grade=one.grade, note=one.note, done_on=one.done_on,
                duties=facts.organisation.duties_of(one.by, facts.today), today=facts.today,
            )  # fmt: skip
            self.milestones.report(one.startup, fact, one.by, command)
        return True

    async def _story(self, story: s.PlayedStory) -> bool:
        """One initiative, ring after ring; False when there was nothing left to do."""
        await self._start(story)
        moved = False
        for number, ring in enumerate(story.rings):
            cycle = ring.cycle(story.first)
            joining = [one.cycle(story.first) for one in story.rings[:number] if one.joins(cycle)]
            await self._until_there(cycle, joining)
            events = await asyncio.to_thread(self.journal.events, cycle)
            given = [one.command_id for one in events if one.command_id and not isinstance(one.data, CommandRefused)]
            place = PlayedPlace(cycle, f"{BY}/{story.key}/{ring.at or 'first'}", frozenset(given))
            for at, act in enumerate(ring.acts, start=1):
                if not await asyncio.to_thread(self.still):
                    return False
                moved |= await self._act(act, ring, place, f"{place.key}/{at}")
        return moved

    async def _start(self, story: s.PlayedStory) -> None:
        if await asyncio.to_thread(self.directory.state, story.first) is not None:
            return
        facts = await asyncio.to_thread(self.directory.facts)
        owner = story.rings[0].owner
        opened = open_initiative(
            story.asked, initiative_id=story.initiative, owner=owner, organisation=facts.organisation,
            edition=facts.edition, on=facts.today,
        )  # fmt: skip
        await self.gateway.start(opened, actor=owner, command_id=f"{BY}/{story.key}", fingerprint=story.key)

    async def _until_there(self, cycle: str, joining: Sequence[str]) -> None:
        """Waits for a cycle that starts by itself, and for those that flow into it."""
        loop = asyncio.get_running_loop()
        until = loop.time() + PATIENCE
        while True:
            state = await asyncio.to_thread(self.directory.state, cycle)
            if state is not None:
                came = {one.parent for one in state.joined} | {one.parent for one in state.turned_away}
                if came >= set(joining):
                    return
            if loop.time() > until:
                raise EngineAwayError("cycle_not_running")
            await asyncio.sleep(0.1)

    async def _act(self, act: s.Act, ring: s.PlayedRing, place: PlayedPlace, key: str) -> bool:
        """One act; False when all of it was done before."""
        match act:
            case s.HandIn():
                moved = await self._hand_in(act, ring.owner, place, key)
            case s.PlayedDecision(decide=said):
                moved = await self._decide(said, place, key)
            case s.PlayedComment(comment=words):
                moved = await self._give(place, key, words.by, c.Comment(text=words.text))
            case s.Questioned(ask=words):
                moved = await self._give(place, key, words.by, c.Ask(text=words.text))
            case s.PlayedPullBack():
                moved = await self._give(place, key, ring.owner, c.PullBack())
            case s.Withdrawn(withdraw=reason):
                moved = await self._give(place, key, ring.owner, c.Withdraw(reason=reason))
            case s.PlayedAnswer(answer_offer=answer):
                moved = await self._answer(answer, place.cycle, key)
            case _:
                assert_never(act)
        return moved

    async def _hand_in(self, act: s.HandIn, owner: str, place: PlayedPlace, key: str) -> bool:
        moved = await asyncio.to_thread(self._write, act, owner, place, key)
        if act.submit:
            moved |= await self._give(place, f"{key}/submit", owner, c.Submit(message=act.message))
        for person in act.approved_by:
            moved |= await self._decide(s.Judgement(by=person, action=Action.APPROVE), place, f"{key}/{person}")
        return moved

    def _write(self, act: s.HandIn, owner: str, place: PlayedPlace, key: str) -> bool:
        """The working copy, unless it was written or handed in before, or a person has taken it over."""
        if {f"{key}/draft", f"{key}/submit"} & place.given:
            return False
        step, command = step_of(act.deliverable), f"{key}/draft"
        last = self.working_copies.last_save(place.cycle, step)
        if last is not None and (last == command or not last.startswith(BY)):
            return False
        self.working_copies.save(
            CopyAsked(
                cycle_id=place.cycle, step=step, actor=owner, command_id=command, deliverable=act.deliverable
            )
        )  # fmt: skip
        return True

    async def _decide(self, said: s.Judgement, place: PlayedPlace, key: str) -> bool:
        if key in place.given:
            return False
        state = await asyncio.to_thread(self._state, place.cycle)
        body = c.Decide(
            action=said.action, round=state.round, reason=said.reason, return_to=said.return_to,
            conditions=said.conditions, hold_until=said.hold_until,
        )  # fmt: skip
        return await self._give(place, key, said.by, body)

    async def _give(self, place: PlayedPlace, key: str, actor: str, body: c.Body) -> bool:
        if key in place.given:
            return False
        await self.gateway.command(place.cycle, c.Command(id=key, actor=actor, body=body))
        return True

    async def _answer(self, said: s.Answer, case: str, key: str) -> bool:
        """The answer into the ledger, then the cycle that follows from it, as at the door (ADR 0021)."""
        offer = await asyncio.to_thread(self._answered, said, o.offer_id(case, said.org_unit), key)
        if offer is None:
            return False
        if offer.status.is_taken:
            opening = opening_of_adoption(await asyncio.to_thread(self._state, case), offer)
            await self.gateway.start(
                opening, actor=said.by, command_id=f"adopt/{offer.offer_id}", fingerprint=offer.offer_id
            )
        return True

    def _answered(self, said: s.Answer, offer_id: str, key: str) -> o.Offer | None:
        """The offer after its answer; None when it was answered before."""
        stream, facts = o.stream_of(offer_id), self.directory.facts()
        offer = o.offer_of(self.ledger.entries(stream))
        if offer is None:
            raise not_found("unknown_offer", offer=offer_id)
        if offer.status is not o.OfferStatus.OFFERED:
            return None
        grant = grant_of(said.by, said.org_unit, facts.organisation, facts.today)
        fact = o.answered(offer, grant, said.answer, said.reason, said.owner, facts.organisation, facts.today)
        self.ledger.append(stream, offer.revision, [fact], actor=said.by, command_id=key)
        return o.offer_of(self.ledger.entries(stream))

    def _state(self, cycle: str) -> CycleState:
        state = self.directory.state(cycle)
        if state is None:
            raise not_found("unknown_cycle", cycle=cycle)
        return state
