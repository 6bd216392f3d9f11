"""What a page asks of the database does not grow with what it only names: questions and whole states are counted."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import Engine, event

from api.web.frame.session import SESSION
from engine.contracts.cycle import AppendAnswer, AppendAsk
from engine.domain.cycle import events as e
from engine.domain.cycle.state import CycleState
from engine.domain.cycle.visibility import Visibility
from engine.domain.lineage.open_cycle import InitiativeAsked, open_initiative
from engine.domain.scope import OrgScope, WorkScope
from engine.domain.steps import Step
from engine.store.record.journal import Journal
from tests.api.conftest import Http
from tests.domain.plays import Play
from tests.support import city
from tests.support.recorded import AT

RELATED, EACH = 20, 150
"""Three thousand events in the cycles that a page names."""
BEHIND = ("journal.position > ", "max(journal.position)", "offer.cycle_id IS NOT NULL")
"""Of questions that are asked all the time, whatever a page asks: news for open pages, accepted offers."""


@dataclass
class Cost:
    """What reading has taken: the questions, and the whole states and events that were made from text."""

    questions: list[str] = field(default_factory=list)
    states: int = 0
    events: int = 0

    def of(self, table: str) -> list[str]:
        return [one for one in self.questions if f"FROM {table}" in one]


@pytest.fixture
def http(resumed: Http) -> Http:
    """Every test looks at the cycles that it writes, so that the file has one city of each kind."""
    return resumed


@pytest.fixture(scope="module")
def many(shared: Http) -> str:
    """A cycle that follows from twenty others with long histories."""
    database = shared.office.database
    parents = tuple(written(database, f"p{n}", f"親の{n}番", comments=EACH - 1) for n in range(RELATED))
    return written(database, "many", "たくさん", parents=parents, comments=3)


@contextmanager
def costing(database: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cost]:
    cost = Cost()

    def asked(*given: Any) -> None:
        if given[2].startswith("SELECT") and not any(one in given[2] for one in BEHIND):
            cost.questions.append(given[2])

    def state_read(text: str) -> CycleState:
        cost.states += 1
        return read_state(text)

    def event_read(text: str) -> e.Event:
        cost.events += 1
        return read_event(text)

    read_state, read_event = CycleState.model_validate_json, e.Event.model_validate_json
    event.listen(database, "before_cursor_execute", asked)
    with monkeypatch.context() as patched:
        patched.setattr(CycleState, "model_validate_json", state_read)
        patched.setattr(e.Event, "model_validate_json", event_read)
        yield cost
    event.remove(database, "before_cursor_execute", asked)


def opened(initiative: str, title: str) -> e.CycleOpened:
    asked = InitiativeAsked(title=title, org_scope=OrgScope.INDIVIDUAL, org_unit="U", work_scope=WorkScope.TASK)
    return open_initiative(
        asked,
        initiative_id=initiative,
        owner=city.OWNER,
        organisation=city.organisation(),
        edition=None,
        on=AT.date(),
    )


def written(
    database: Engine,
    initiative: str,
    title: str,
    *,
    parents: tuple[str, ...] = (),
    comments: int = 0,
    visibility: Visibility = Visibility.OFFICE,
    owner: str = city.OWNER,
) -> str:
    """A cycle straight in the journal; gives its id."""
    opening = opened(initiative, title).model_copy(
        update={"parents": parents, "visibility": visibility, "owner": owner}
    )
    events = [e.Event(seq=1, at=AT, actor=owner, data=opening)]
    events += [
        e.Event(seq=number, at=AT, actor=owner, data=e.Commented(text=f"第{number}の言葉"))
        for number in range(2, comments + 2)
    ]
    ask = AppendAsk(cycle_id=opening.cycle_id, after=0, events=tuple(events))
    assert Journal(database).append(ask) == AppendAnswer()
    return opening.cycle_id


async def page(http: Http, path: str, person: str = city.OWNER) -> str:
    content = {"sid": uuid4().hex, "person": person, "since": 4_000_000_000}
    cookie = str(URLSafeTimedSerializer("s" * 40, salt="spiral-session").dumps(content))
    answer = await http.client.get(path, headers={"Cookie": f"{SESSION}={cookie}", "Accept": "text/html"})
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_a_page_with_twenty_related_cycles_of_three_thousand_events_asks_no_more_than_with_one(
    http: Http, many: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = http.app.state.desk.database
    parent = written(database, "parent", "ひとつの親", comments=EACH - 1)
    one = written(database, "one", "ひとつ", parents=(parent,), comments=3)
    await page(http, f"/cycles/{one}")  # what a process keeps is kept then
    with costing(database, monkeypatch) as few:
        await page(http, f"/cycles/{one}")
    with costing(database, monkeypatch) as whole:
        text = await page(http, f"/cycles/{many}")
    assert all(f"親の{n}番" in text for n in range(RELATED))
    assert len(whole.questions) == len(few.questions) < 40
    assert (whole.states, whole.events) == (few.states, few.events)
    assert whole.states <= 2
    assert whole.of("journal") == []


async def test_a_page_with_a_thousand_comments_reads_them_without_the_journal(
    http: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = http.app.state.desk.database
    cycle = written(database, "said", "話題", comments=1000)
    with costing(database, monkeypatch) as cost:
        text = await page(http, f"/cycles/{cycle}")
    assert text.count("の言葉") == 1000
    assert text.index("第1001の言葉") < text.index("第2の言葉")
    assert cost.of("journal") == []
    assert cost.events == 0


@pytest.mark.parametrize("path", ["/cycles", "/initiatives"])
async def test_a_list_of_twenty_cycles_with_what_may_be_done_with_them_asks_no_more_than_with_one(
    alone: Http, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    http = alone  # whose cycles are the newest
    database = http.app.state.desk.database
    for number in range(RELATED):
        play = Play(opened=opened(f"d{number}", "決裁済"), at=AT).until(Step.TRANSFORM)
        Journal(database).append(AppendAsk(cycle_id=play.state.cycle_id, after=0, events=play.events))

    async def listed(limit: int) -> tuple[list[dict[str, Any]], Cost]:
        with costing(database, monkeypatch) as cost:
            answer = await http.call("GET", f"{path}?limit={limit}", city.UNIT_CHIEF)
        found = answer.json()["items"]
        return [turn["cycle"] for one in found for turn in one.get("cycles", [{"cycle": one}])], cost

    await listed(1)  # what a process keeps is kept then
    (few, one), (many, whole) = await listed(1), await listed(RELATED)
    assert (len(few), len(many)) == (1, RELATED)
    assert all("retract" in cycle["actions"] for cycle in few + many)
    assert len(whole.questions) == len(one.questions) < 30


async def test_an_initiative_is_drawn_with_its_relations_from_columns(
    http: Http, many: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = http.app.state.desk.database
    initiative = many.rpartition("-")[0]
    await page(http, f"/initiatives/{initiative}")
    with costing(database, monkeypatch) as cost:
        text = await page(http, f"/initiatives/{initiative}")
        lineage = (await http.call("GET", f"/initiatives/{initiative}/lineage")).json()
    assert all(f"親の{n}番" in text for n in range(RELATED))
    assert len(lineage["nodes"]) == RELATED + 1
    assert cost.states == 2  # the initiative's own cycle, once for each answer
    assert cost.of("journal") == []


async def test_a_related_cycle_that_may_not_be_read_is_not_named(http: Http) -> None:
    database = http.app.state.desk.database
    secret = written(database, "secret", "秘密の題", visibility=Visibility.RESTRICTED, owner=city.OTHER)
    known = written(database, "known", "読める題")
    cycle = written(database, "child", "たくさん", parents=(secret, known))
    text = await page(http, f"/cycles/{cycle}")
    assert "読める題" in text
    assert "秘密の題" not in text
    assert secret not in text
    assert "秘密の題" not in await page(http, "/initiatives/child")
