"""Each submission is an immutable version with a hash, and a reader can see what changed (docs/field/deciding.md)."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.cycle import commands as c
from engine.domain.cycle.differences import difference
from engine.domain.cycle.versions import Outcome, between, content_hash, version, versions
from engine.domain.deliverables import Imagine
from engine.domain.errors import DomainError
from engine.domain.review.key_fields import gist
from engine.domain.review.review import Action
from engine.domain.steps import Step
from tests.domain.plays import MORNING, Play
from tests.support import city

PLAIN = city.imagine().model_dump(mode="json", by_alias=True, exclude_defaults=True)
METRIC = PLAIN["metrics"][0]


def changed(**fields: Any) -> Imagine:
    return Imagine.model_validate(PLAIN | fields)


def told(before: Imagine, after: Imagine) -> list[tuple[str, str, bool]]:
    return [(one.pointer, one.kind.value, one.key_field) for one in difference(before, after)]


def test_every_submission_is_a_version_that_later_drafts_leave_alone() -> None:
    play = Play()
    play.hand_in(city.imagine())
    play.at += timedelta(hours=1)
    play.decide(Action.RETURN, reason="もう一度")
    again = changed(ideal_statement="来なくても届く")
    play.hand_in(again)
    play.give(city.OWNER, c.PullBack())
    play.draft(changed(ideal_statement="三度目の下書き"))
    first, second = versions(play.events)
    assert (first.n, first.round, first.by, first.submitted_at) == (1, 1, city.OWNER, MORNING)
    assert (first.deliverable, second.deliverable) == (city.imagine(), again)
    assert (first.outcome, second.outcome) == (Outcome.RETURNED, Outcome.PULLED_BACK)
    assert (first.outcome_by, first.outcome_at) == (city.UNIT_CHIEF, MORNING + timedelta(hours=1))
    assert [one.hash for one in (first, second)] == [content_hash(one.deliverable) for one in (first, second)]
    assert first.hash != second.hash


@pytest.mark.parametrize(
    ("action", "more", "outcome"),
    [
        (Action.APPROVE, {}, Outcome.APPROVED),
        (
            Action.APPROVE_WITH_CONDITIONS,
            {"conditions": (c.ConditionAsked(text="測る", due=MORNING.date()),)},
            Outcome.APPROVED_WITH_CONDITIONS,
        ),
        (Action.REJECT, {"reason": "今ではない"}, Outcome.REJECTED),
        (Action.HOLD, {"hold_until": MORNING + timedelta(days=9)}, Outcome.IN_REVIEW),
    ],
)
def test_a_version_says_what_became_of_it(action: Action, more: dict[str, Any], outcome: Outcome) -> None:
    play = Play()
    play.hand_in(city.imagine())
    play.decide(action, **more)
    assert [one.outcome for one in versions(play.events)] == [outcome]


def test_a_cycle_withdrawn_while_in_review_withdraws_its_version_and_an_approved_one_stays_approved() -> None:
    play = Play()
    play.hand_in(city.imagine())
    play.decide()
    play.hand_in(city.transform())
    play.give(city.OWNER, c.Withdraw(reason="やめる"))
    assert [one.outcome for one in versions(play.events)] == [Outcome.APPROVED, Outcome.WITHDRAWN]


def test_a_version_that_is_not_there_and_versions_of_different_steps_are_refused() -> None:
    found = versions(Play().until(Step.REALISE).events)
    assert [one.step.value for one in found] == ["imagine", "transform"]
    for n in (0, 3):
        with pytest.raises(DomainError, match="unknown_version"):
            version(found, n)
    with pytest.raises(DomainError, match="versions_of_different_steps"):
        between(found, 1, 2)
    assert between(found, 1, 1) == ()


def test_a_difference_names_each_field_and_marks_what_approvals_rest_on() -> None:
    after = changed(
        ideal_statement="待たずに届く",
        as_is={"cases_per_year": 1500, "minutes_per_case": 30},
        beneficiaries=["市民", "職員"],
        user_evidence=[],
    )
    assert told(city.imagine(), after) == [
        ("/ideal_statement", "changed", False),
        ("/beneficiaries/1", "added", False),
        ("/as_is/cases_per_year", "changed", True),
        ("/user_evidence/0", "removed", False),
    ]
    (volume,) = [one for one in difference(city.imagine(), after) if one.key_field]
    assert (volume.before, volume.after) == (1200, 1500)


def test_metrics_are_matched_by_their_code_wherever_they_stand() -> None:
    visits = METRIC | {"code": "visits", "name": "来庁", "baseline": 900}
    before, after = changed(metrics=[METRIC, visits]), changed(metrics=[visits | {"target": 5}, METRIC])
    assert told(before, after) == [("/metrics/0/target", "changed", True)]
    other = changed(metrics=[METRIC | {"code": "others"}])
    assert [(one.pointer, one.kind.value) for one in difference(changed(metrics=[METRIC]), other)] == [
        ("/metrics/0", "added"), ("/metrics/0", "removed"),
    ]  # fmt: skip


def test_a_reworded_item_is_a_change_and_one_that_moved_is_none() -> None:
    texts = ["窓口に来るものだと思っていた", "押印が要ると思っていた", "紙で残すものだと思っていた"]
    before = changed(challenged_assumptions=[{"text": one, "kind": "habit"} for one in texts])
    moved = changed(challenged_assumptions=[{"text": one, "kind": "habit"} for one in reversed(texts)])
    assert difference(before, moved) == ()
    worded = [texts[0], "押印が要ると信じていた"]
    after = changed(challenged_assumptions=[{"text": one, "kind": "habit"} for one in worded])
    assert told(before, after) == [
        ("/challenged_assumptions/1/text", "changed", False),
        ("/challenged_assumptions/2", "removed", False),
    ]


def test_deliverables_of_different_steps_have_no_difference_to_tell() -> None:
    with pytest.raises(ValueError, match="different steps"):
        difference(city.imagine(), city.transform())


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(["一", "二", "三つ目の言葉", "四"]), max_size=6),
    st.lists(st.sampled_from(["一", "二", "三つ目の言葉", "五"]), max_size=6),
    st.floats(0, 1e6),
)
def test_a_difference_is_empty_exactly_when_nothing_but_order_changed_and_marks_every_change_of_the_gist(
    old: list[str], new: list[str], minutes: float
) -> None:
    before = changed(beneficiaries=old)
    after = changed(beneficiaries=new, as_is={"cases_per_year": 1200, "minutes_per_case": minutes})
    found = difference(before, after)
    assert (found == ()) == (sorted(old) == sorted(new) and minutes == 30)
    assert any(one.key_field for one in found) == (gist(before) != gist(after))
    assert len({(one.pointer, one.kind) for one in found}) == len(found)
