"""Who reads what, said once in words: a cycle of one person in a counter unit, and the people around it."""

import pytest

from engine.domain.access.reading import as_seen, clearance_of, may_read, reads
from engine.domain.cycle import commands as c
from engine.domain.cycle.visibility import SetVisibility, Visibility
from engine.domain.errors import DomainError
from engine.domain.lineage.join import JoinTarget, join_errors
from engine.domain.lineage.next_cycles import opening_of
from engine.domain.organisation.organisation import Absence, Duty, Organisation, Post, PostRole
from engine.domain.review.policy import Policy
from engine.domain.review.review import Action
from engine.domain.scope import Growth, OrgScope, WorkScope
from engine.domain.spread.offers import check_offer
from tests.domain.plays import MORNING, Play
from tests.support import city

TODAY = MORNING.date()
EVERYBODY = {
    city.OWNER, city.PROXY, city.UNIT_CHIEF, city.SECTION_HEAD, city.DIRECTOR, city.CDO, city.MAYOR, city.OTHER,
    city.ADMIN,
}  # fmt: skip


def readers(play: Play) -> set[str]:
    return {person for person in EVERYBODY if reads(person, play.state, play.facts)}


def with_post(organisation: Organisation, person: str, unit: str, *duties: Duty) -> Organisation:
    post = Post(person_id=person, unit_code=unit, title="兼務", role=PostRole.STAFF, duties=duties)
    return organisation.model_copy(update={"posts": (*organisation.posts, post)})


def test_a_draft_is_for_the_owner_and_the_heads_above_until_it_is_handed_in() -> None:
    play = Play()
    line = {city.OWNER, city.UNIT_CHIEF, city.SECTION_HEAD, city.DIRECTOR, city.MAYOR}
    assert readers(play) == line
    play.policy = Policy(drafts_open=True)
    assert readers(play) == EVERYBODY
    play.policy = Policy()
    play.hand_in(city.imagine())
    assert readers(play) == EVERYBODY


def test_those_concerned_are_the_line_the_route_and_the_dx_team() -> None:
    play = Play(organisation=with_post(city.organisation(), city.ADMIN, "C", Duty.ADMIN, Duty.DX_TEAM))
    play.hand_in(city.imagine())
    play.give(city.OWNER, SetVisibility(level=Visibility.CONCERNED))
    line = {city.OWNER, city.UNIT_CHIEF, city.SECTION_HEAD, city.DIRECTOR, city.MAYOR}
    assert readers(play) == line | {city.ADMIN}
    play.give(city.OWNER, SetVisibility(level=Visibility.CONCERNED, readers=(city.OTHER,)))
    assert readers(play) == line | {city.ADMIN, city.OTHER}


def test_few_are_the_owner_who_decides_who_has_decided_and_the_head_of_the_unit() -> None:
    play = Play(OrgScope.UNIT, work_scope=WorkScope.PROCESS)
    play.give(city.OWNER, SetVisibility(level=Visibility.RESTRICTED))
    assert readers(play) == {city.OWNER, city.UNIT_CHIEF}
    play.hand_in(city.imagine())
    assert readers(play) == {city.OWNER, city.UNIT_CHIEF, city.SECTION_HEAD}, "who has to decide reads it"
    play.give(city.SECTION_HEAD, c.Decide(action=Action.RETURN, round=1, reason="数字が違う"))
    assert readers(play) == {city.OWNER, city.UNIT_CHIEF, city.SECTION_HEAD}, "and who has decided goes on reading"


def test_a_proxy_reads_for_as_long_as_somebody_is_away_and_no_day_longer() -> None:
    away = Absence(person_id=city.UNIT_CHIEF, first=TODAY, last=TODAY, proxy=city.OTHER)
    play = Play(organisation=city.organisation(away))
    play.hand_in(city.imagine())
    play.give(city.OWNER, SetVisibility(level=Visibility.RESTRICTED))
    assert city.OTHER in readers(play)
    play.organisation = city.organisation()
    assert city.OTHER not in readers(play)


def test_a_program_of_its_own_reads_what_the_whole_office_reads() -> None:
    play = Play()
    assert not reads("service:portal", play.state, play.facts)
    play.hand_in(city.imagine())
    assert reads("service:portal", play.state, play.facts)
    play.give(city.OWNER, SetVisibility(level=Visibility.CONCERNED))
    assert not reads("service:portal", play.state, play.facts)


def test_who_reads_a_cycle_reads_no_step_that_is_still_being_written() -> None:
    play = Play()
    play.hand_in(city.imagine())
    play.give(city.UNIT_CHIEF, c.Decide(action=Action.APPROVE, round=1))
    play.draft(city.transform())
    for person, shown in ((city.OWNER, True), (city.SECTION_HEAD, True), (city.OTHER, False)):
        clearance = clearance_of(person, play.facts)
        assert may_read(clearance, play.state)
        seen = as_seen(clearance, play.state).deliverables
        assert (seen.transform == city.transform()) == shown
        assert seen.imagine == city.imagine(), "what was approved stays"


def test_a_larger_cycle_begins_at_the_level_of_the_one_it_grew_from() -> None:
    play = Play()
    play.give(city.OWNER, SetVisibility(level=Visibility.CONCERNED, readers=(city.OTHER,)))
    state = play.turn({"kind": "expand", "org_scope": "unit", "work_scope": "process", "reason": "効いた"})
    larger = Play(opened=opening_of(state, state.next_cycles[0]))
    assert (larger.state.visibility, larger.state.readers) == (Visibility.CONCERNED, (city.OTHER,))


def test_a_case_that_few_may_read_is_not_offered_and_nothing_hidden_flows_into_what_is_open() -> None:
    play = Play()
    play.give(city.OWNER, SetVisibility(level=Visibility.RESTRICTED))
    state = play.turn({"kind": "close"})
    with pytest.raises(DomainError, match=r"^case_is_not_open$"):
        check_offer(city.OWNER, state, ["U2"], play.organisation, TODAY)
    joining = Play()
    joining.give(city.OWNER, SetVisibility(level=Visibility.RESTRICTED))
    sharing = city.share({"kind": "expand", "join": "i9-1", "reason": "合流"})
    shared = joining.state.model_copy(update={"deliverables": joining.state.deliverables.with_(sharing)})
    target = JoinTarget.of(Play(OrgScope.UNIT, work_scope=WorkScope.PROCESS).state)
    errors = join_errors(shared, {"i9-1": target}, Growth.EITHER, joining.organisation)
    assert [one.code for one in errors] == ["join_opens"]
