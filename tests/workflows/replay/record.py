"""Records the histories of a released version: `python -m tests.workflows.replay.record v1`, once for each version.

A history that no longer replays means that running cycles would break; record a new version only when its changes
stand behind `workflow.patched`, and never record an old one again.
"""

import asyncio
import json
import re
import socket
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from uuid import uuid4

from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from engine.contracts.cycle import COMMAND, workflow_id
from engine.domain.cycle import commands as c
from engine.domain.review.review import Action
from engine.domain.scope import OrgScope, WorkScope
from engine.runtime.embedded.devserver import find_binary
from engine.store.database import open_database
from tests.support import city
from tests.support.databases import fresh_sqlite
from tests.support.office import Office, expand, office
from tests.workflows.replay import outgoing
from tests.workflows.replay.keys import take_on

HERE = Path(__file__).parent


async def whole_turn(at: Office) -> str:
    cycle = await at.start()
    await at.turn(cycle, city.share(expand(OrgScope.UNIT, WorkScope.PROCESS), {"kind": "retry", "reason": "続ける"}))
    await at.there(f"{cycle}.2")
    await at.client.get_workflow_handle(workflow_id(cycle)).result()
    return cycle


async def returned_and_held(at: Office) -> str:
    cycle = await at.start()
    await at.hand_in(cycle, city.imagine())
    await at.decide(cycle, Action.RETURN, reason="測り直す")
    await at.hand_in(cycle, city.imagine())
    await at.decide(cycle, Action.HOLD, hold_until="2099-04-01", reason="予算")
    await at.give(cycle, city.UNIT_CHIEF, c.Resume(reason="予算がついた"))
    await at.decide(cycle)
    await at.give(cycle, city.OWNER, c.Withdraw(reason="統合"))
    await at.client.get_workflow_handle(workflow_id(cycle)).result()
    return cycle


async def signalled_and_refused(at: Office) -> str:
    cycle = await at.start()
    handle = at.client.get_workflow_handle(workflow_id(cycle))
    await handle.signal(COMMAND, c.Command(id=uuid4().hex, actor=city.OWNER, body=c.Submit()))
    await at.until(lambda: at.state(cycle).revision == 2)
    await handle.signal(COMMAND, {"not": "a command"})
    await at.until(lambda: at.state(cycle).revision == 3)
    await handle.signal(COMMAND, c.Command(id=uuid4().hex, actor=city.OWNER, body=c.Comment(text="届く")))
    await at.until(lambda: at.state(cycle).revision == 4)
    return cycle


async def continued(at: Office) -> str:
    cycle = await at.start()
    for number in range(20):
        await at.give(cycle, city.OWNER, c.Comment(text=str(number)))
    await at.hand_in(cycle, city.imagine())
    return cycle


async def _joining(at: Office, *, late: bool) -> tuple[str, str]:
    """A small cycle, and the larger one it wants to flow into."""
    target = await at.start(OrgScope.UNIT, "U", WorkScope.PROCESS, city.UNIT_CHIEF)
    cycle = await at.start()
    for deliverable in (city.imagine(), city.transform(), city.realise()):
        await at.hand_in(cycle, deliverable)
        await at.decide(cycle)
    await at.hand_in(cycle, city.share({"kind": "expand", "join": target, "reason": "一緒に進める"}))
    if late:
        await at.hand_in(target, city.imagine())
    await at.decide(cycle)
    await at.client.get_workflow_handle(workflow_id(cycle)).result()
    await at.until(lambda: bool(at.state(target).joined or at.state(target).turned_away))
    if late:
        await at.there(f"{cycle}.1")
    return cycle, target


async def joins_another(at: Office) -> str:
    return (await _joining(at, late=False))[0]


async def joined(at: Office) -> str:
    return (await _joining(at, late=False))[1]


async def joined_too_late(at: Office) -> str:
    return (await _joining(at, late=True))[1]


Scenario = Callable[[Office], Awaitable[str]]
SCENARIOS: tuple[Scenario, ...] = (
    whole_turn, returned_and_held, signalled_and_refused, continued, joins_another, joined, joined_too_late,
)  # fmt: skip


ANONYMOUS = {"identity": "worker", "lastWorkerIdentity": "worker"}


def anonymous(history: str) -> str:
    """Without the names and the places of the machine it was recorded on."""

    def clean(value: object) -> object:
        if isinstance(value, dict):
            return {key: ANONYMOUS.get(key) or clean(one) for key, one in value.items() if key != "stackTrace"}
        return [clean(one) for one in value] if isinstance(value, list) else value

    text = json.dumps(clean(json.loads(history)), ensure_ascii=False, indent=1)
    return re.sub(rf"\b{re.escape(socket.gethostname())}\b(?=[-\"])", "host", text)


async def record(client: Client, folder: Path, scenarios: Sequence[Scenario] = SCENARIOS) -> None:
    with tempfile.TemporaryDirectory() as place:
        at = office(client, take_on(open_database(fresh_sqlite(Path(place)))))
        async with at.working():
            for scenario in scenarios:
                if folder.joinpath(f"{scenario.__name__}.json").exists():
                    continue  # what was recorded stays as it is
                cycle = await scenario(at)
                history = await client.get_workflow_handle(workflow_id(cycle)).fetch_history()
                text = anonymous(history.to_json())
                folder.joinpath(f"{scenario.__name__}.json").write_text(text, encoding="utf-8")


async def record_outgoing(client: Client, folder: Path) -> None:
    """What beside the cycles runs for months; see `outgoing`."""
    for scenario in outgoing.SCENARIOS:
        name = f"{scenario.__name__}.json"
        if folder.joinpath(name).exists():
            continue
        with tempfile.TemporaryDirectory() as place:
            run = await scenario(client, Path(place))
        handle = client.get_workflow_handle(run.workflow_id, run_id=run.run_id)
        history = run.history or (await handle.fetch_history()).to_json()
        folder.joinpath(name).write_text(anonymous(history), encoding="utf-8")


async def main(version: str) -> None:
    folder = HERE / version
    folder.mkdir(exist_ok=True)
    low = ["--dynamic-config-value", "limit.historyCount.suggestContinueAsNew=60"]
    environment = await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(find_binary()), dev_server_extra_args=low
    )
    async with environment:
        await record(environment.client, folder)
        await record_outgoing(environment.client, folder)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
