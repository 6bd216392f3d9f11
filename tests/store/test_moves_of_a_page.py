"""What a person may do with the rows of a page: asked of all of them together, and the same as of each one alone."""

from uuid import uuid4

import pytest
from sqlalchemy import Engine, event, text

from engine.contracts.cycle import AppendAsk
from engine.contracts.documents import ORGANISATION
from engine.domain.cycle import commands as c
from engine.domain.cycle.state import CycleState
from engine.domain.lineage.open_cycle import InitiativeAsked, open_initiative
from engine.domain.moves.allowed import Move, allowed
from engine.domain.scope import OrgScope, WorkScope
from engine.domain.steps import Step
from engine.store.database import writing
from engine.store.directory.directory import Directory
from engine.store.directory.working_copies import CopyAsked, WorkingCopies
from engine.store.record.journal import Journal
from tests.domain.plays import MORNING, Play
from tests.support import city

CHIEF = city.UNIT_CHIEF
FOLLOWING = {"kind": "expand", "join": "large-1", "reason": "まとめる"}


class Rows:
    """Cycles in the journal, each of an initiative of its own."""

    def __init__(self, database: Engine) -> None:
        self.database, self.directory = database, Directory(database)
        self.directory.import_document(ORGANISATION, "city", city.organisation(), "test")

    def begun(self, name: str, **more: object) -> Play:
        asked = InitiativeAsked(title="題", org_scope=OrgScope.INDIVIDUAL, org_unit="U", work_scope=WorkScope.TASK)
        opening = open_initiative(
            asked, initiative_id=name, owner=city.OWNER, organisation=city.organisation(), edition=None,
            on=MORNING.date(),
        )  # fmt: skip
        return Play(opened=opening.model_copy(update=more))

    def written(self, play: Play) -> CycleState:
        ask = AppendAsk(cycle_id=play.state.cycle_id, after=0, events=play.events)
        assert not Journal(self.database).append(ask).ahead
        return play.state

    def completed(self, name: str) -> CycleState:
        play = self.begun(name)
        play.turn({"kind": "close", "reason": "できた"})
        return self.written(play)

    def approved(self, name: str, *, written_since: bool = False) -> CycleState:
        state = self.written(self.begun(name).until(Step.TRANSFORM))
        if written_since:
            copies = WorkingCopies(self.database, self.directory.now)
            copies.save(
                CopyAsked(
                    cycle_id=state.cycle_id, step=state.step, actor=city.OWNER, command_id=uuid4().hex,
                    deliverable=city.transform(),
                )
            )  # fmt: skip
        return state

    def joining(self, name: str) -> CycleState:
        play = self.begun(name).until(Step.SHARE)
        play.draft(city.share(FOLLOWING))
        return self.written(play)

    def questions(self, states: list[CycleState], person: str) -> int:
        """How often the database is asked for the moves with these."""
        facts, asked = self.directory.facts(), list[str]()

        def note(*given: object) -> None:
            asked.append(str(given[2]))

        event.listen(self.database, "before_cursor_execute", note)
        self.directory.allowed_in(states, person, facts)
        event.remove(self.database, "before_cursor_execute", note)
        return len([one for one in asked if one.startswith("SELECT")])


@pytest.fixture
def rows(database: Engine) -> Rows:
    return Rows(database)


def test_the_moves_with_many_cycles_are_those_with_each_of_them_alone(rows: Rows) -> None:
    states = {name: rows.completed(name) for name in ("alone", "copied", "older", "adopted")}
    states |= {"approved": rows.approved("approved"), "written": rows.approved("written", written_since=True)}
    rows.written(rows.begun("large"))
    states |= {"joining": rows.joining("joining"), "large": rows.written(rows.begun("elsewhere"))}
    rows.written(rows.begun("grown0", copied_from="copied-1"))
    rows.written(rows.begun("grown1", copied_from="older-1"))
    rows.written(rows.begun("grown2", adopted_from="adopted-1"))
    with writing(rows.database) as session:  # as the release before this one writes it
        session.execute(text("UPDATE cycle SET copied_from = NULL WHERE id = 'grown1-1'"))
    facts, directory = rows.directory.facts(), rows.directory
    for person in (CHIEF, city.OWNER, city.SECTION_HEAD, city.OTHER):
        together = directory.allowed_in(list(states.values()), person, facts)
        for one in states.values():
            alone = allowed(
                one, person, facts, directory.now(), targets=directory.targets(one), grown=directory.grown(one)
            )
            assert together[one.cycle_id] == directory.allowed(one, person, facts) == alone
    taken_back = directory.allowed_in(list(states.values()), CHIEF, facts)
    assert {name for name, one in states.items() if Move.RETRACT in taken_back[one.cycle_id]} == {"alone", "approved"}
    assert [one.cycle_id for one in directory.targets(states["joining"])] == ["large-1"]
    assert {one.cycle_id: [grown.cycle_id for grown in directory.grown(one)[0]] for one in states.values()} == {
        "alone-1": [], "copied-1": ["grown0-1"], "older-1": ["grown1-1"], "adopted-1": ["grown2-1"],
        "approved-1": [], "written-1": [], "joining-1": [], "elsewhere-1": [],
    }  # fmt: skip


def test_twenty_rows_ask_the_database_no_more_often_than_one(rows: Rows) -> None:
    rows.written(rows.begun("large"))
    kinds = (rows.completed, rows.approved, rows.joining)
    few = [kind(f"few{number}") for number, kind in enumerate(kinds)]
    many = [kinds[number % 3](f"many{number}") for number in range(20)]
    assert rows.questions(many, CHIEF) == rows.questions(few, CHIEF) == 4


def test_what_has_grown_is_not_asked_where_a_decision_stays_anyway(rows: Rows) -> None:
    play = rows.begun("later").until(Step.TRANSFORM)
    play.hand_in(city.transform())
    assert play.state.decisions[-1].by == CHIEF
    assert rows.questions([rows.written(play)], CHIEF) == 0


def test_a_command_still_meets_what_has_grown(rows: Rows) -> None:
    state = rows.approved("written", written_since=True)
    ask = c.Command(id="k", actor=CHIEF, body=c.Retract(round=state.round, reason="押し間違い"))
    found = rows.directory.prepare(ask, state).body
    assert isinstance(found, c.Retract)
    assert found.acted is not None
    assert found.acted.what == "draft_saved"
