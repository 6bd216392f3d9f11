"""A cycle played on the pure core, without any engine: what the tests of this folder start from."""

from copy import copy
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from engine.domain.cycle import commands as c
from engine.domain.cycle.events import CycleOpened, Event
from engine.domain.cycle.evolve import evolve
from engine.domain.cycle.recorder import Transition
from engine.domain.cycle.state import CycleState
from engine.domain.cycle.working_copy import TakenCopy
from engine.domain.deliverables import Deliverable, Share
from engine.domain.lineage.join import JoinTarget
from engine.domain.lineage.open_cycle import InitiativeAsked, open_initiative
from engine.domain.moves.deciding.timers import elapse
from engine.domain.moves.dispatch import decide
from engine.domain.moves.prepare import prepared
from engine.domain.organisation.organisation import Organisation
from engine.domain.review.facts import Facts
from engine.domain.review.policy import DEFAULT, Policy
from engine.domain.review.review import Action
from engine.domain.roadmap import Edition, Governance
from engine.domain.scope import OrgScope, WorkScope
from engine.domain.steps import Step
from engine.store.directory.closed_days import closed_from
from tests.support import city

MORNING = datetime(2026, 11, 24, 0, 30, tzinfo=UTC)  # 9:30 in the office, a Tuesday


class Play:
    """One cycle, its events, and a clock that moves only when told."""

    def __init__(
        self,
        org_scope: OrgScope = OrgScope.INDIVIDUAL,
        org_unit: str = "U",
        work_scope: WorkScope = WorkScope.TASK,
        *,
        owner: str = city.OWNER,
        organisation: Organisation | None = None,
        policy: Policy = DEFAULT,
        governance: Governance = Governance.SECTION_LED,
        opened: CycleOpened | None = None,
        edition: Edition | None = None,
        at: datetime = MORNING,
    ) -> None:
        self.at = at
        self.organisation = organisation or city.organisation()
        self.policy = policy
        self.edition = edition
        self.targets: tuple[JoinTarget, ...] = ()
        self._ids = count(1)
        asked = InitiativeAsked(title="題", org_scope=org_scope, org_unit=org_unit, work_scope=work_scope)
        opening = opened or open_initiative(
            asked, initiative_id="i1", owner=owner, organisation=self.organisation, edition=None, on=self.at.date()
        ).model_copy(update={"governance": governance})
        self.events: tuple[Event, ...] = (Event(seq=1, at=self.at, actor=owner, data=opening),)
        self.state: CycleState = evolve(None, self.events[0])

    def copy(self) -> "Play":
        """The same cycle at the same moment, to be played on differently."""
        twin = copy(self)
        twin._ids = count(1000)
        return twin

    @property
    def facts(self) -> Facts:
        return Facts(
            organisation=self.organisation,
            policy=self.policy,
            edition=self.edition,
            today=(today := (self.at + timedelta(hours=9)).date()),
            closed_days=closed_from(self.policy.holidays_country, today),
        )

    def command(self, actor: str, body: Any, **more: Any) -> c.Command:
        plain = c.Command(id=f"c{next(self._ids)}", actor=actor, body=body, **more)
        return prepared(plain, self.state, self.facts, self.targets)

    def give(self, actor: str, body: Any, **more: Any) -> tuple[Event, ...]:
        return self._take(decide(self.state, self.command(actor, body, **more), self.at))

    def pass_by(self, time: timedelta) -> tuple[Event, ...]:
        self.at += time
        return self._take(elapse(self.state, self.at))

    def draft(self, deliverable: Deliverable) -> None:
        self.give(self.state.owner, c.SaveDraft(deliverable=deliverable))

    def submit(self, deliverable: Deliverable) -> tuple[Event, ...]:
        """A working copy that is handed in: no event but the submission's."""
        return self.give(self.state.owner, c.Submit(taken=TakenCopy(revision=1, deliverable=deliverable)))

    def hand_in(self, deliverable: Deliverable) -> None:
        self.draft(deliverable)
        self.give(self.state.owner, c.Submit())

    def deciders(self) -> list[str]:
        grants = [
            grant
            for post in self.state.open_posts()
            for grant in self.organisation.deciders(post, self.facts.today, self.state.owner)
        ]
        return [grant.person_id for grant in grants]

    def decide(self, action: Action = Action.APPROVE, by: str | None = None, **more: Any) -> tuple[Event, ...]:
        body = c.Decide(action=action, round=more.pop("round", self.state.round), **more)
        return self.give(by or self.deciders()[0], body)

    def until(self, step: Step) -> "Play":
        """Everything before `step` handed in and approved."""
        for one, deliverable in zip(Step, (city.imagine(), city.transform(), city.realise()), strict=False):
            if self.state.step is one and one is not step:
                self.hand_in(deliverable)
                self.approve()
        return self

    def turn(self, *following: dict[str, object], minutes: float = 12) -> CycleState:
        sharing: Share = city.share(*following)
        for deliverable in (city.imagine(), city.transform(), city.realise(minutes), sharing):
            self.hand_in(deliverable)
            self.approve()
        return self.state

    def approve(self) -> None:
        """Everybody on the route, one after the other."""
        number = self.state.round
        while self.state.review is not None and self.state.status.is_open:
            self.decide(round=number)

    def _take(self, done: Transition) -> tuple[Event, ...]:
        self.state = done.state
        self.events += done.events
        return done.events


def kinds(events: tuple[Event, ...]) -> list[str]:
    return [event.data.type for event in events]
