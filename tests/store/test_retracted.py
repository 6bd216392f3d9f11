"""A decision that was taken back, in the tables: both databases, written in turns, verified and rebuilt."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, event, text
from sqlmodel import select

from engine.contracts.cycle import AppendAsk
from engine.contracts.documents import ORGANISATION
from engine.contracts.lists import CaseFilter, OfferFilter
from engine.domain.access.reading import EVERYTHING, clearance_of
from engine.domain.analytics.query import FiguresQuestion, wanted_of
from engine.domain.analytics.summary import passing_of
from engine.domain.cycle import commands as c
from engine.domain.cycle.visibility import SetVisibility, Visibility
from engine.domain.lineage.open_cycle import InitiativeAsked, open_initiative
from engine.domain.review.review import Action
from engine.domain.scope import OrgScope, WorkScope
from engine.domain.spread.offers import OfferStatus
from engine.domain.steps import Step
from engine.store.database import reading, writing
from engine.store.directory.directory import Directory
from engine.store.projections.library import Library
from engine.store.projections.reading_list import to_read
from engine.store.queries import act_counts as deeds
from engine.store.queries.decision_times import History
from engine.store.queries.inbox import Work
from engine.store.record import verify as check
from engine.store.record.journal import Journal
from engine.store.record.spread_offers import OfferReader
from engine.store.tables_outgoing import NoticeRow
from tests.domain.plays import Play
from tests.support import city

CHIEF, WHY = city.UNIT_CHIEF, "押し間違い"


class Written:
    """A play whose events are written down after each move, some of them in one go."""

    def __init__(self, database: Engine, **more: Any) -> None:
        self.database, self.journal, self.directory = database, Journal(database), Directory(database)
        self.directory.import_document(ORGANISATION, "city", more.get("organisation") or city.organisation(), "test")
        self.play = Play(**more)
        self.write()

    def write(self) -> None:
        state = self.play.state
        after = len(self.journal.events(state.cycle_id))
        ask = AppendAsk(cycle_id=state.cycle_id, after=after, events=self.play.events[after:])
        assert not self.journal.append(ask).ahead
        assert check.verify(self.database).faults == ()

    def retract(self, by: str = CHIEF) -> None:
        self.play.at += timedelta(hours=1)
        number = self.play.state.decisions[-1].round
        body = c.Retract(round=number, reason=WHY)
        command = c.Command(id=f"r{len(self.play.events)}", actor=by, body=body)
        prepared = self.directory.prepare(command, self.play.state)
        self.play.give(by, prepared.body)
        self.write()

    def passing(self, **more: Any) -> tuple[int, int, int]:
        now = self.play.at + timedelta(days=1)
        wanted = wanted_of(
            FiguresQuestion(**more), now=now, offset=540, organisation=self.play.organisation, startups=None
        )
        with reading(self.database) as session:
            found = passing_of(deeds.counted(session, wanted))
        return found.passed, found.first, found.returned


def test_tables_verify_after_each_move_and_a_rebuild_gives_the_same(database: Engine) -> None:
    at = Written(database, organisation=city.organisation(city.away(CHIEF, city.PROXY)))
    at.play.hand_in(city.imagine())
    at.write()
    at.play.decide(Action.RETURN, by=city.PROXY, reason="数字")
    at.write()
    facts = at.directory.facts()
    assert [one.why for one in to_read(database, CHIEF, facts)] == ["post_review"]
    at.retract(city.PROXY)
    assert to_read(database, CHIEF, facts) == []
    assert [one.cycle_id for one in Work(database).inbox(CHIEF, facts)] == [at.play.state.cycle_id]
    at.play.decide(by=city.PROXY)
    at.play.at += timedelta(hours=1)
    body = c.Retract(round=1, reason=WHY)
    at.play.give(city.PROXY, body)  # both in one append
    at.write()
    decided = History(database).decided(city.PROXY, 9, EVERYTHING)
    assert [(row.action, row.retracted_at is not None) for row, _ in decided] == [("approve", True), ("return", True)]
    at.play.decide(by=city.PROXY)
    at.write()
    assert at.passing() == (1, 1, 0)
    check.rebuild(database)
    assert check.verify(database).faults == ()
    assert at.passing() == (1, 1, 0)


def test_a_decision_that_was_taken_back_is_not_named_to_who_may_no_longer_read_the_cycle(database: Engine) -> None:
    at = Written(database, organisation=city.organisation(city.away(CHIEF, city.PROXY)))
    at.play.give(city.OWNER, SetVisibility(level=Visibility.RESTRICTED, readers=(), reason="人事"))
    at.play.hand_in(city.imagine())
    at.play.decide(Action.RETURN, by=city.PROXY, reason="数字")
    at.write()

    def named() -> list[str]:
        clearance = clearance_of(city.PROXY, at.play.facts)
        return [row.action for row, _ in History(database).decided(city.PROXY, 9, clearance)]

    assert named() == ["return"]
    at.play.give(city.PROXY, c.Retract(round=1, reason=WHY))
    at.write()
    assert named() == ["return"]  # it is theirs to decide again
    at.play.organisation = city.organisation()  # the chief is back
    assert named() == []


def test_a_day_before_it_was_taken_back_counts_as_it_did_then(database: Engine) -> None:
    at = Written(database)
    at.play.hand_in(city.imagine())
    at.play.decide(Action.RETURN, by=CHIEF, reason="数字")
    at.write()
    at.play.at += timedelta(days=3)
    at.retract()
    yesterday = (at.play.at - timedelta(days=1)).date()
    assert (at.passing(as_of=yesterday), at.passing()) == ((0, 0, 1), (0, 0, 0))


def test_conditions_go_and_the_people_who_were_told_hear_of_it(database: Engine) -> None:
    at = Written(database)
    at.play.hand_in(city.imagine())
    asked = (c.ConditionAsked(text="説明", due=at.play.facts.today, owner=city.OTHER),)
    at.play.decide(Action.APPROVE_WITH_CONDITIONS, by=CHIEF, conditions=asked)
    at.write()
    at.retract()
    with reading(database) as session:
        told = session.exec(select(NoticeRow.person_id).where(NoticeRow.kind == "retracted")).all()
    assert set(told) == {city.OWNER, city.OTHER}


def completed(database: Engine, **sharing: Any) -> Written:
    at = Written(database, policy=Play().policy)
    at.play.until(Step.SHARE)
    at.play.hand_in(city.share().model_copy(update=sharing))
    at.play.approve()
    at.write()
    return at


def test_a_case_leaves_the_library_and_its_unanswered_offers_are_withdrawn_until_it_is_approved_again(
    database: Engine,
) -> None:
    at = completed(database, spread_targets=("U2",))
    offers = OfferReader(database)

    def statuses() -> list[OfferStatus]:
        return [one.offer.status for one in offers.listed(OfferFilter(), 9, EVERYTHING)]

    def cases() -> list[str]:
        return [one.state.cycle_id for one in Library(database).newest(CaseFilter(), 9, EVERYTHING)]

    assert (statuses(), cases()) == ([OfferStatus.OFFERED], [at.play.state.cycle_id])
    at.retract()
    assert (statuses(), cases()) == ([OfferStatus.WITHDRAWN], [])
    assert Library(database).matching("住民票", CaseFilter(), 9, EVERYTHING) == []
    at.play.at += timedelta(hours=1)
    at.play.decide(by=CHIEF)
    at.write()
    assert (statuses(), cases()) == ([OfferStatus.OFFERED], [at.play.state.cycle_id])
    check.rebuild(database)
    assert check.verify(database).faults == ()


def opened(at: Written, initiative: str, **more: Any) -> None:
    asked = InitiativeAsked(
        title="となりの係", org_scope=OrgScope.INDIVIDUAL, org_unit="U2", work_scope=WorkScope.TASK
    )
    opening = open_initiative(
        asked, initiative_id=initiative, owner=city.OTHER, organisation=at.play.organisation, edition=None,
        on=at.play.at.date(),
    )  # fmt: skip
    play = Play(opened=opening.model_copy(update=more), owner=city.OTHER)
    at.journal.append(AppendAsk(cycle_id=play.state.cycle_id, after=0, events=play.events))


def test_an_adoption_and_a_copy_are_what_has_grown_from_it(database: Engine) -> None:
    at = completed(database)
    case = at.play.state
    ask = c.Command(id="k", actor=CHIEF, body=c.Retract(round=case.round, reason=WHY))

    def grown() -> list[str]:
        found = at.directory.prepare(ask, case).body
        assert isinstance(found, c.Retract)
        return [one.cycle_id for one in found.opened]

    assert grown() == []
    opened(at, "i8", adopted_from=case.cycle_id)
    assert grown() == ["i8-1"]
    opened(at, "i9", copied_from=case.cycle_id)
    assert sorted(grown()) == ["i8-1", "i9-1"]
    with writing(database) as session:  # as the release before this one writes it
        session.execute(text("UPDATE cycle SET copied_from = NULL WHERE id = 'i9-1'"))
    assert sorted(grown()) == ["i8-1", "i9-1"]


def test_what_has_grown_is_found_without_the_journal(database: Engine) -> None:
    at = completed(database)
    opened(at, "i9", copied_from=at.play.state.cycle_id)
    asked: list[str] = []
    event.listen(database, "before_cursor_execute", lambda *given: asked.append(given[2]))
    assert [one.cycle_id for one in at.directory.grown(at.play.state)[0]] == ["i9-1"]
    assert not [one for one in asked if "journal" in one]
