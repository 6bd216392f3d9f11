"""An office at work: a real worker on a real engine and database, and people who speak through the gateway."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from pydantic import SecretStr
from sqlalchemy import Engine
from temporalio.client import Client

from api.gateway import Gateway
from engine.contracts.cycle import workflow_id
from engine.contracts.documents import ORGANISATION, POLICY
from engine.contracts.installation import EngineNames
from engine.domain.cycle import commands as c
from engine.domain.cycle.state import CycleState
from engine.domain.cycle.working_copy import CopyMark
from engine.domain.deliverables import Deliverable, Share, step_of
from engine.domain.lineage.open_cycle import InitiativeAsked, open_initiative
from engine.domain.organisation.organisation import Organisation
from engine.domain.review.review import Action
from engine.domain.scope import OrgScope, WorkScope
from engine.runtime.identity import names_of
from engine.runtime.plugin import SpiralPlugin
from engine.runtime.sealing import KeyRing, nobody
from engine.runtime.settings import Settings
from engine.store.directory.directory import Directory
from engine.store.directory.working_copies import CopyAsked, WorkingCopies
from engine.store.record.journal import Journal
from engine.store.registers.installation import installation_of
from tests.support import city
from workflows.worker import make_worker

PATIENCE = 180.0
"""Seconds that a slow machine gets; what never comes is found all the same."""


@dataclass
class Office:
    """The whole without HTTP; every method waits for the engine's answer."""

    client: Client
    database: Engine
    settings: Settings
    directory: Directory = field(init=False)
    working_copies: WorkingCopies = field(init=False)
    journal: Journal = field(init=False)
    names: EngineNames = field(init=False)
    gateway: Gateway = field(init=False)

    def __post_init__(self) -> None:
        self.directory = Directory(self.database)
        self.working_copies = WorkingCopies(self.database, self.directory.now)
        self.journal = Journal(self.database)
        installation = installation_of(self.database)
        self.names = names_of(self.settings, installation)
        self.client = with_keys(self.client, KeyRing(self.settings.secrets(), installation.id))
        self.gateway = Gateway(self.client, self.directory, self.journal, self.names, patience=PATIENCE)

    async def start(
        self,
        org_scope: OrgScope = OrgScope.INDIVIDUAL,
        org_unit: str = "U",
        work_scope: WorkScope = WorkScope.TASK,
        owner: str = city.OWNER,
    ) -> str:
        """A new initiative; gives its first cycle's id."""
        asked = InitiativeAsked(title="届かせる", org_scope=org_scope, org_unit=org_unit, work_scope=work_scope)
        facts = self.directory.facts()
        opened = open_initiative(
            asked,
            initiative_id=f"i{uuid4().hex[:10]}",
            owner=owner,
            organisation=facts.organisation,
            edition=facts.edition,
            on=facts.today,
        )
        await self.gateway.start(opened, actor=owner, command_id=uuid4().hex, fingerprint="start")
        await self.there(opened.cycle_id)
        return opened.cycle_id

    def state(self, cycle_id: str) -> CycleState:
        """The cycle as the journal has it."""
        state = self.directory.state(cycle_id)
        assert state is not None, cycle_id
        return state

    async def give(self, cycle_id: str, actor: str, body: Any, command_id: str | None = None) -> c.Receipt:
        """One command through the gateway."""
        command = c.Command(id=command_id or uuid4().hex, actor=actor, body=body)
        return await self.gateway.command(cycle_id, command)

    async def given(self, cycle_id: str, actor: str, body: Any) -> CycleState:
        """The same, and waits for the journal: on a slow machine the engine answers before the database does."""
        revision = (await self.give(cycle_id, actor, body)).revision
        await self.until(lambda: self.state(cycle_id).revision >= revision)
        return self.state(cycle_id)

    async def hand_in(self, cycle_id: str, deliverable: Deliverable) -> CycleState:
        """Write and submit, as the owner; a cycle that has just begun may not be in the journal yet."""
        owner = (await self.there(cycle_id)).owner
        self.write(cycle_id, deliverable)
        return await self.given(cycle_id, owner, c.Submit())

    def write(self, cycle_id: str, deliverable: Deliverable, **more: Any) -> CopyMark:
        """A working copy, as the owner."""
        state = self.state(cycle_id)
        given = {"step": step_of(deliverable), "actor": state.owner, "command_id": uuid4().hex} | more
        return self.working_copies.save(CopyAsked(cycle_id=cycle_id, deliverable=deliverable, **given))

    async def decide(
        self, cycle_id: str, action: Action = Action.APPROVE, by: str | None = None, **more: Any
    ) -> CycleState:
        """A decision by whoever the route grants it, or by the person named."""
        state = self.state(cycle_id)
        body = c.Decide(action=action, round=more.pop("round", state.round), **more)
        return await self.given(cycle_id, by or self.decider(state), body)

    def decider(self, state: CycleState) -> str:
        """Who may decide now."""
        facts = self.directory.facts()
        return facts.organisation.deciders(state.open_posts()[0], facts.today, state.owner)[0].person_id

    async def turn(self, cycle_id: str, sharing: Share, minutes: float = 12) -> CycleState:
        """The whole circle, everything approved at once."""
        for deliverable in (city.imagine(), city.transform(), city.realise(minutes), sharing):
            await self.hand_in(cycle_id, deliverable)
            await self.decide(cycle_id)
        return self.state(cycle_id)

    async def until(self, holds: Callable[[], bool], within: float = PATIENCE) -> None:
        """Waits for what comes by itself, such as a following cycle."""
        async with asyncio.timeout(within):
            while not holds():  # noqa: ASYNC110 - what comes by itself tells nobody
                await asyncio.sleep(0.02)

    async def there(self, cycle_id: str) -> CycleState:
        """Waits for a cycle that starts by itself."""
        await self.until(lambda: self.directory.state(cycle_id) is not None)
        return self.state(cycle_id)

    async def engine_state(self, cycle_id: str) -> CycleState:
        """The cycle as the engine has it."""
        state: CycleState = await self.client.get_workflow_handle(workflow_id(cycle_id)).query(
            "state", result_type=CycleState
        )
        return state

    async def agree(self, cycle_id: str, within: float = PATIENCE) -> bool:
        """Waits until engine and journal say the same; False when they do not come to it."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                while await self.engine_state(cycle_id) != self.directory.state(cycle_id):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
                return True
        return False

    def import_(self, organisation: Organisation | None = None, policy: Any = None) -> None:
        """Puts the small city, or another one, in force."""
        self.directory.import_document(ORGANISATION, "test", organisation or city.organisation(), by="test")
        if policy is not None:
            self.directory.import_document(POLICY, "test", policy, by="test")

    @asynccontextmanager
    async def working(self) -> AsyncIterator["Office"]:
        """A worker for as long as the block lasts."""
        with ThreadPoolExecutor(16) as threads:
            async with make_worker(self.client, self.database, self.settings, threads, self.names.task_queue):
                yield self


def with_keys(client: Client, keys: KeyRing, plain: Callable[[str], bool] = nobody) -> Client:
    """The same connection, with an installation's keys."""
    return Client(**{**client.config(), "plugins": [SpiralPlugin(keys, plain)]})  # type: ignore[arg-type]


def office(client: Client, database: Engine, *, cached: int = 1000, **settings: Any) -> Office:
    """An office on its own task queue, with the small city in force."""
    given = {
        "task_queue": f"q-{uuid4().hex[:8]}", "max_cached_workflows": cached, "graceful_timeout": 1,
        "secret": SecretStr("s" * 40), "shared_namespace": True,
    }  # fmt: skip
    found = Office(client, database, Settings(**(given | settings)))
    found.import_()
    return found


def expand(org_scope: OrgScope, work_scope: WorkScope, owner: str | None = None) -> dict[str, object]:
    """A following cycle for `city.share`."""
    return {
        "kind": "expand", "org_scope": org_scope.value, "work_scope": work_scope.value, "owner": owner,
        "reason": "効いた",
    }  # fmt: skip
