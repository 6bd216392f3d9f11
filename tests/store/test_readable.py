"""Who may read: the rule of the domain and its twin in SQL say the same of every cycle, person, day and level."""

from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event

from engine.contracts.cycle import AppendAnswer, AppendAsk
from engine.contracts.documents import ORGANISATION
from engine.contracts.lists import CycleFilter
from engine.domain.access.reading import EVERYTHING, Clearance, circle_of, clearance_of, may_read, reads
from engine.domain.cycle import commands as c
from engine.domain.cycle.visibility import SetVisibility, Visibility
from engine.domain.errors import DomainError
from engine.domain.lineage.open_cycle import InitiativeAsked, open_initiative
from engine.domain.organisation.organisation import Organisation
from engine.domain.review.policy import Policy, Rule, StageRule
from engine.domain.review.review import Action
from engine.domain.scope import OrgScope, WorkScope
from engine.store.database import migrate, open_database
from engine.store.directory.directory import Directory
from engine.store.queries.cycles import Reader
from engine.store.record.journal import Journal
from tests.domain.plays import Play
from tests.domain.test_route_properties import MOVES, office, routes
from tests.store.test_inbox import EVERYBODY, TODAY, changed
from tests.support import city
from tests.support.databases import create_postgres
from tests.support.examples import examples

pytestmark = pytest.mark.slow

NUMBERS = count(1)
EXAMPLES = examples(10)
"""Of everything that may happen to a cycle; `make test-all` draws more."""
LEVELS = st.none() | st.tuples(st.sampled_from(Visibility), st.lists(st.sampled_from(EVERYBODY), max_size=2))
PEOPLE = [*EVERYBODY, city.OTHER, "service:portal"]


@pytest.fixture
def journal(database: Engine) -> Journal:
    Directory(database).import_document(ORGANISATION, "test", office(), by="test")
    return Journal(database)


def assert_twins(reader: Reader, play: Play) -> None:
    state = play.state
    for person in PEOPLE:
        clearance = clearance_of(person, play.facts)
        rule = may_read(clearance, state)
        listed = reader.cycles(CycleFilter(ids=frozenset({state.cycle_id})), 2, clearance)
        assert [one.state.cycle_id for one in listed] == ([state.cycle_id] if rule else []), (
            person,
            circle_of(state),
        )
        assert (reader.cycle(state.cycle_id, clearance) is not None) == rule
        assert [one.title for one in reader.headings([state.cycle_id], clearance)] == ([state.title] if rule else [])
        assert reader.readable([state.cycle_id], clearance) == (frozenset({state.cycle_id}) if rule else frozenset())
        assert reads(person, state, play.facts) == rule


@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(
    routes(),
    st.booleans(),
    LEVELS,
    st.lists(
        st.tuples(MOVES, LEVELS, st.none() | changed(), st.sampled_from([0, 0, 1, 9, 30])), min_size=1, max_size=6
    ),
)
def test_rule_and_list_agree_about_everybody_at_every_level_on_every_day(  # noqa: PLR0917 - drawn by hypothesis
    journal: Journal,
    database: Engine,
    stages: tuple[StageRule, ...],
    drafts_open: bool,
    at_first: tuple[Visibility, list[str]] | None,
    days: list[
        tuple[
            tuple[str, Action, bool, str],
            tuple[Visibility, list[str]] | None,
            Organisation | None,
            int,
        ]
    ],
) -> None:
    reader = Reader(database)
    asked = InitiativeAsked(title="題", org_scope=OrgScope.INDIVIDUAL, org_unit="U", work_scope=WorkScope.TASK)
    opened = open_initiative(
        asked, initiative_id=f"r{next(NUMBERS)}", owner=city.OWNER, organisation=office(), edition=None, on=TODAY
    )
    rules = (Rule(stages=stages, circulate=("head@S2",)),)
    policy = Policy(id="any", rules=rules, concurrence=(), flags_raise=False, drafts_open=drafts_open)
    play = Play(organisation=office(), policy=policy, opened=opened)
    written = 0

    def write_down() -> None:
        nonlocal written
        new = play.events[written:]
        if new:
            ask = AppendAsk(cycle_id=play.state.cycle_id, after=written, events=new)
            assert journal.append(ask) == AppendAnswer()
        written = len(play.events)
        assert_twins(reader, play)

    def hide(level: tuple[Visibility, list[str]] | None) -> None:
        if level is None:
            return
        try:
            play.give(city.OWNER, SetVisibility(level=level[0], readers=tuple(level[1]), reason="わけ"))
        except DomainError:
            return
        write_down()

    write_down()
    hide(at_first)
    play.hand_in(city.imagine())
    write_down()
    for (person, action, pull_up, back), level, organisation, later in days:
        play.organisation = organisation or play.organisation
        play.pass_by(timedelta(days=later))
        write_down()
        hide(level)
        if not play.state.status.is_open or play.state.review is None:
            break
        body = c.Decide(action=action, round=play.state.round, reason="わけ", pull_up=pull_up, return_to=back)
        try:
            play.give(person, body)
        except DomainError:
            continue
        write_down()
    assert reader.cycle(play.state.cycle_id, EVERYTHING) is not None


def test_the_rule_adds_no_question_to_those_of_a_list(database: Engine, play: Play) -> None:
    asked: list[str] = []
    event.listen(database, "before_cursor_execute", lambda *given: asked.append(given[2]))

    def questions(clearance: Clearance) -> int:
        asked.clear()
        Reader(database).on_record().cycles(CycleFilter(), 2, clearance)
        return len(asked)

    without = questions(EVERYTHING)
    for person in (city.OTHER, city.SECTION_HEAD, city.MAYOR):
        assert questions(clearance_of(person, play.facts)) <= without


@pytest.mark.postgres
@pytest.mark.parametrize("language", ["en-US", "ja-JP"])
def test_in_a_database_that_compares_text_by_a_language_who_decides_finds_what_few_may_read(
    postgres: str, language: str
) -> None:
    url = create_postgres(postgres, "template0", language)
    migrate(url)
    database = open_database(url)
    Directory(database).import_document(ORGANISATION, "test", city.organisation(), by="test")
    play = Play(OrgScope.UNIT, work_scope=WorkScope.PROCESS)
    play.give(city.OWNER, SetVisibility(level=Visibility.RESTRICTED))
    play.hand_in(city.imagine())
    assert Journal(database).append(AppendAsk(cycle_id=play.state.cycle_id, after=0, events=play.events)).ahead == ()
    listed = {
        person for person in PEOPLE if Reader(database).cycles(CycleFilter(), 2, clearance_of(person, play.facts))
    }
    assert listed == {city.OWNER, city.UNIT_CHIEF, city.SECTION_HEAD}
    database.dispose()
