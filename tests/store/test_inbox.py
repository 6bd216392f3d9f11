"""Whoever holds what on a day: the inbox in SQL shows a matter to exactly those who may decide it then."""

from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event

from engine.contracts.cycle import AppendAnswer, AppendAsk
from engine.contracts.documents import ORGANISATION
from engine.domain.access.reading import EVERYTHING
from engine.domain.cycle import commands as c
from engine.domain.errors import DomainError
from engine.domain.lineage.open_cycle import InitiativeAsked, open_initiative
from engine.domain.moves.dispatch import decide
from engine.domain.organisation.organisation import Absence, Duty, Organisation, Post, PostRole
from engine.domain.review.policy import Policy, Rule, StageRule
from engine.domain.review.review import Action
from engine.domain.scope import OrgScope, WorkScope
from engine.store.directory.directory import Directory
from engine.store.queries.inbox import Work
from engine.store.record.journal import Journal
from tests.domain.plays import MORNING, Play
from tests.domain.test_route_properties import DUTIES, MOVES, PEOPLE, office, routes
from tests.support import city
from tests.support.examples import examples

EVERYBODY = sorted({*PEOPLE, city.PROXY, city.CDO, city.MAYOR, city.ADMIN})
NUMBERS = count(1)
TODAY = MORNING.date()
DAYS = st.integers(-40, 40).map(lambda days: TODAY + timedelta(days=days))


@st.composite
def changed(draw: st.DrawFn) -> Organisation:
    """The office after a change of staff: posts that end or move, people away, and the owner with a second post."""
    base = office()
    posts = [
        post.model_copy(update={"valid_to": draw(DAYS)}) if draw(st.integers(0, 3)) == 0 else post
        for post in base.posts
    ]
    if draw(st.booleans()):
        posts.append(Post(person_id=city.OWNER, unit_code="U", title="兼", role=PostRole.HEAD, duties=(DUTIES[0],)))
    if draw(st.booleans()):
        unit, person = draw(st.sampled_from(["U", "S", "D"])), draw(st.sampled_from(EVERYBODY))
        follows = {"valid_from": draw(DAYS), "unit_code": unit, "person_id": person}
        posts.append(Post(title="後任", role=draw(st.sampled_from(PostRole)), duties=(Duty.HR,), **follows))
    absences = []
    for person in draw(st.lists(st.sampled_from(EVERYBODY), max_size=4, unique=True)):
        first = draw(DAYS)
        last = first + timedelta(days=draw(st.integers(0, 60)))
        proxy = draw(st.none() | st.sampled_from(EVERYBODY))
        absences.append(Absence(person_id=person, first=first, last=last, proxy=proxy))
    return base.model_copy(update={"posts": tuple(posts), "absences": tuple(absences)})


def may_decide(play: Play, person: str) -> bool:
    body = c.Decide(action=Action.APPROVE, round=play.state.round, reason="わけ")
    try:
        decide(play.state, play.command(person, body), play.at)
    except DomainError:
        return False
    return True


def assert_inboxes(reader: Work, play: Play) -> None:
    for person in EVERYBODY:
        seen = [one for one in reader.inbox(person, play.facts) if one.cycle_id == play.state.cycle_id]
        assert bool(seen) == may_decide(play, person), person
        assert reader.count(person, play.facts) == len(reader.inbox(person, play.facts))
        assert reader.below_count(person, play.facts, EVERYTHING) == len(reader.below(person, play.facts, EVERYTHING))
        assert not (seen and person == city.OWNER)
        assert all(one.grant.person_id == person for one in seen)


@pytest.fixture
def journal(database: Engine) -> Journal:
    Directory(database).import_document(ORGANISATION, "test", office(), by="test")
    return Journal(database)


@pytest.mark.slow
@settings(max_examples=examples(10), suppress_health_check=list(HealthCheck))
@given(
    routes(),
    st.lists(st.tuples(MOVES, st.none() | changed(), st.sampled_from([0, 0, 1, 9, 30])), min_size=1, max_size=6),
)
def test_the_inbox_shows_a_matter_to_exactly_those_who_may_decide_it_that_day(
    journal: Journal,
    database: Engine,
    stages: tuple[StageRule, ...],
    days: list[tuple[tuple[str, Action, bool, str], Organisation | None, int]],
) -> None:
    reader = Work(database)
    asked = InitiativeAsked(title="題", org_scope=OrgScope.INDIVIDUAL, org_unit="U", work_scope=WorkScope.TASK)
    opened = open_initiative(
        asked, initiative_id=f"i{next(NUMBERS)}", owner=city.OWNER, organisation=office(), edition=None, on=TODAY
    )
    policy = Policy(id="any", rules=(Rule(stages=stages),), concurrence=(), flags_raise=False)
    play = Play(organisation=office(), policy=policy, opened=opened)
    written = 0

    def write_down() -> None:
        nonlocal written
        new = play.events[written:]
        if new:
            ask = AppendAsk(cycle_id=play.state.cycle_id, after=written, events=new)
            assert journal.append(ask) == AppendAnswer()
        written = len(play.events)
        assert_inboxes(reader, play)

    play.hand_in(city.imagine())
    write_down()
    for (person, action, pull_up, back), organisation, later in days:
        play.organisation = organisation or play.organisation
        play.pass_by(timedelta(days=later))
        write_down()
        if not play.state.status.is_open or play.state.review is None:
            break
        body = c.Decide(action=action, round=play.state.round, reason="わけ", pull_up=pull_up, return_to=back)
        try:
            play.give(person, body)
        except DomainError:
            continue
        write_down()
    if play.state.status.is_open:
        play.give(city.OWNER, c.Withdraw(reason="終わり"))
        write_down()
    assert city.OWNER not in {decision.by for decision in play.state.decisions}


def test_who_has_nothing_to_decide_is_answered_without_a_question(database: Engine, play: Play) -> None:
    work, asked = Work(database), list[str]()
    play.hand_in(city.imagine())
    event.listen(database, "before_cursor_execute", lambda *given: asked.append(given[2]))
    assert (work.count(city.OTHER, play.facts), work.inbox(city.OTHER, play.facts)) == (0, [])
    assert asked == []
    assert work.count(city.UNIT_CHIEF, play.facts) == len(work.inbox(city.UNIT_CHIEF, play.facts))
    assert [one.partition(" ")[0] for one in asked if one != "BEGIN"] == ["SELECT", "SELECT"]
