"""Every command can come from another system as a Temporal signal: it does the same, or its refusal is on record."""

import asyncio
import hashlib
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, get_args
from uuid import uuid4

import pytest

from engine.contracts.cycle import COMMAND, workflow_id
from engine.contracts.documents import ROADMAP
from engine.domain.cycle import commands as c
from engine.domain.cycle.visibility import SetVisibility, Visibility
from engine.domain.errors import DomainError
from engine.domain.review.policy import Policy, Rule
from engine.domain.review.review import Action
from engine.domain.roadmap import Edition, Governance, Startup
from engine.domain.scope import OrgScope, WorkScope
from tests.api.conftest import Http
from tests.support import city
from tests.support.office import Office

KINDS = sorted(model.model_fields["type"].default for model in get_args(get_args(c.Body)[0]))
OWNER, CHIEF, OTHER = city.OWNER, city.UNIT_CHIEF, city.OTHER
CONTENT = b"content"


async def fresh(at: Office) -> str:
    return await at.start()


async def drafted(at: Office) -> str:
    cycle = await at.start()
    await at.give(cycle, OWNER, c.SaveDraft(deliverable=city.imagine()))
    return cycle


async def in_review(at: Office) -> str:
    cycle = await drafted(at)
    await at.give(cycle, OWNER, c.Submit())
    return cycle


async def held(at: Office) -> str:
    cycle = await in_review(at)
    await at.decide(cycle, Action.HOLD, hold_until=at.directory.facts().today.replace(year=2099), reason="待つ")
    return cycle


async def with_a_condition(at: Office) -> str:
    cycle = await in_review(at)
    due = at.directory.facts().today
    await at.decide(cycle, Action.APPROVE_WITH_CONDITIONS, conditions=(c.ConditionAsked(text="説明", due=due),))
    return cycle


async def with_a_file(at: Office) -> str:
    cycle = await at.start()
    await at.give(cycle, OWNER, FILE)
    return cycle


async def asked(at: Office) -> str:
    cycle = await in_review(at)
    await at.give(cycle, CHIEF, c.Ask(text="件数は"))
    return cycle


async def decided_for_somebody(at: Office) -> str:
    cycle = await in_review(at)
    await at.decide(cycle, by=city.PROXY)
    return cycle


async def joined(at: Office) -> str:
    """Another cycle has told this one, by the very signal, that it flows into it; it may say so again."""
    target = await at.start(OrgScope.UNIT, "U", WorkScope.PROCESS, CHIEF)
    small = await at.start()
    await at.turn(small, city.share({"kind": "expand", "join": target, "reason": "一緒に"}))
    await at.until(lambda: at.state(target).parents == (small,))
    return target


def join_again(at: Office, target: str) -> c.JoinParent:
    (small,) = at.state(target).parents
    (planned,) = at.state(small).next_cycles
    return c.JoinParent(parent=small, planned=planned.cycle_id)


FILE = c.Attach(name="見積.txt", size=len(CONTENT), sha256=hashlib.sha256(CONTENT).hexdigest())


@dataclass(frozen=True)
class Case:
    """A cycle in which one command is taken from `actor`, and another of its kind is refused."""

    reach: Callable[[Office], Awaitable[str]]
    actor: str
    body: Any
    refused: tuple[str, Any, str]


CASES: dict[str, Case] = {
    "save_draft": Case(
        fresh, OWNER, c.SaveDraft(deliverable=city.imagine()),
        (CHIEF, c.SaveDraft(deliverable=city.imagine()), "owner_only"),
    ),
    "submit": Case(drafted, OWNER, c.Submit(), (CHIEF, c.Submit(), "owner_only")),
    "decide": Case(
        in_review, CHIEF, c.Decide(action=Action.APPROVE, round=1),
        (OWNER, c.Decide(action=Action.APPROVE, round=1), "own_work"),
    ),
    "pull_back": Case(in_review, OWNER, c.PullBack(), (CHIEF, c.PullBack(), "owner_only")),
    "withdraw": Case(fresh, OWNER, c.Withdraw(reason="統合"), (CHIEF, c.Withdraw(reason="統合"), "owner_only")),
    "resume": Case(held, CHIEF, c.Resume(), (OTHER, c.Resume(), "not_your_decision")),
    "retract": Case(
        held, CHIEF, c.Retract(round=1, reason="押し間違い"),
        (OWNER, c.Retract(round=1, reason="?"), "not_your_decision_to_retract"),
    ),
    "comment": Case(fresh, CHIEF, c.Comment(text="見た"), (CHIEF, c.Comment(text=" "), "invalid_fields")),
    "close_condition": Case(
        with_a_condition, OWNER, c.CloseCondition(n=1, evidence="済"),
        (OWNER, c.CloseCondition(n=9, evidence="済"), "unknown_condition"),
    ),
    "join_parent": Case(
        joined, "system", join_again, ("system", c.JoinParent(parent="i0-1", planned="i0-1.1"), "unknown_cycle")
    ),
    "ask": Case(in_review, CHIEF, c.Ask(text="件数は"), (OWNER, c.Ask(text="件数は"), "own_work")),
    "answer_question": Case(
        asked, OWNER, c.AnswerQuestion(n=1, text="千件"),
        (OWNER, c.AnswerQuestion(n=9, text="千件"), "unknown_question"),
    ),
    "acknowledge": Case(
        in_review, city.DIRECTOR, c.Acknowledge(), (OTHER, c.Acknowledge(), "not_circulated_to_you")
    ),
    "post_review": Case(
        decided_for_somebody, CHIEF, c.ReadAfterwards(n=1), (CHIEF, c.ReadAfterwards(n=9), "unknown_post_review")
    ),
    "attach": Case(fresh, OWNER, FILE, (OTHER, FILE, "unknown_cycle")),
    "detach": Case(with_a_file, OWNER, c.Detach(n=1), (OWNER, c.Detach(n=9), "unknown_attachment")),
    "set_visibility": Case(
        in_review, OWNER, SetVisibility(level=Visibility.CONCERNED),
        (OTHER, SetVisibility(level=Visibility.RESTRICTED), "not_yours_to_hide"),
    ),
    "assign_startup": Case(
        fresh, OWNER, c.AssignStartup(startup="SL-01"),
        (CHIEF, c.AssignStartup(startup="SL-01"), "not_yours_to_assign"),
    ),
}  # fmt: skip


async def signal(at: Office, cycle: str, key: str, actor: str, body: Any) -> None:
    command = c.Command(id=key, actor=actor, body=body)
    await at.client.get_workflow_handle(workflow_id(cycle)).signal(COMMAND, command)


def alike(at: Office, cycle: str) -> tuple[list[str], Any]:
    """What a cycle looks like without what must differ: ids, instants and the keys of commands."""
    state = at.state(cycle)
    kinds = [event.data.type for event in at.journal.events(cycle)]
    text = state.model_dump_json()
    for name in (*state.parents, state.cycle_id, state.initiative_id):
        text = text.replace(name, "this").replace(name.split("-", maxsplit=1)[0], "this")
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|\+00:00)", "then", text)
    found = json.loads(re.sub(r'"[0-9a-f]{32}"', '"key"', text))
    return kinds, found | {"clock": None}  # how long either of them took


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_every_command_as_a_signal_does_what_it_does_as_an_update_and_a_refusal_is_on_record(
    http: Http,
) -> None:
    prepare(http.office)
    found = await asyncio.gather(*(compare(http, kind) for kind in KINDS), return_exceptions=True)
    wrong = {kind: repr(error) for kind, error in zip(KINDS, found, strict=True) if error is not None}
    assert wrong == {}
    assert sorted(CASES) == KINDS


def prepare(at: Office) -> None:
    """What the city needs so that every command has its place: a file, a reader, a startup, an absent chief."""
    at.directory.blobs.put(CONTENT)
    at.import_(policy=Policy(id="wide", rules=(Rule(circulate=("head@D",)),)))
    edition = Edition(id="one", startups=(Startup(code="SL-01", governance=Governance.SECTION_LED),))
    at.directory.import_document(ROADMAP, "one", edition, "test")
    at.directory.enter_absence("a1", city.away(CHIEF, city.PROXY), "test")


async def compare(http: Http, kind: str) -> None:
    """Two cycles alike: one is told by Update, the other by Signal, and both refuse alike."""
    case, at = CASES[kind], http.office
    assert case.refused[1].type == kind
    by_update, by_signal = [await case.reach(at) for _ in range(2)]
    for cycle in (by_update, by_signal):
        await refuse(http, cycle, *case.refused)
    bodies = [case.body(at, cycle) if callable(case.body) else case.body for cycle in (by_update, by_signal)]
    receipt = await at.give(by_update, case.actor, bodies[0])
    await signal(at, by_signal, uuid4().hex, case.actor, bodies[1])
    await at.until(lambda: at.state(by_signal).revision >= receipt.revision)
    assert alike(at, by_signal) == alike(at, by_update)
    assert alike(at, by_signal)[0].count("command_refused") == 1


async def refuse(http: Http, cycle: str, who: str, body: Any, code: str) -> None:
    """As an Update the refusal leaves nothing behind; as a signal it stands among the events, with its reason."""
    at = http.office
    before = at.state(cycle).revision
    with pytest.raises(DomainError, match=f"^{code}$"):
        await at.give(cycle, who, body)
    assert at.state(cycle).revision == before
    await signal(at, cycle, uuid4().hex, who, body)
    await at.until(lambda: at.state(cycle).revision > before)
    events = (await http.call("GET", f"/cycles/{cycle}/events")).json()["items"]
    (refused,) = [one["data"] for one in events if one["type"] == "command_refused"]
    assert (refused["command"], refused["refusal"]["code"]) == (body.type, code)
