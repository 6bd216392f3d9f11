"""Cycles written straight into the journal, as real ones would be, for tests that need no engine."""

from datetime import UTC, datetime

from sqlalchemy import Engine

from engine.contracts.cycle import AppendAnswer, AppendAsk
from engine.domain.cycle import commands as c
from engine.domain.cycle.evolve import fold
from engine.domain.lineage.open_cycle import InitiativeAsked, open_initiative
from engine.domain.moves.command_log import CommandLog
from engine.domain.moves.dispatch import decide
from engine.domain.scope import OrgScope, WorkScope
from engine.store.record.journal import Journal
from tests.support import city

AT = datetime(2026, 11, 24, 3, 4, 5, tzinfo=UTC)


def recorded(database: Engine, initiative: str, comments: int, journal: Journal | None = None) -> str:
    """A cycle of its opening and some comments; gives its id."""
    asked = InitiativeAsked(title="題", org_scope=OrgScope.INDIVIDUAL, org_unit="U", work_scope=WorkScope.TASK)
    opened = open_initiative(
        asked, initiative_id=initiative, owner=city.OWNER, organisation=city.organisation(), edition=None,
        on=AT.date(),
    )  # fmt: skip
    events = CommandLog.opening(opened, AT, actor=city.OWNER).outbox
    state = fold(events)
    for number in range(1, comments + 1):
        body = c.Comment(text=f"第{number}の言葉")
        new, state = decide(state, c.Command(id=f"{initiative}-{number}", actor=city.OWNER, body=body), AT)
        events += new
    ask = AppendAsk(cycle_id=opened.cycle_id, after=0, events=events)
    assert (journal or Journal(database)).append(ask) == AppendAnswer()
    return opened.cycle_id
