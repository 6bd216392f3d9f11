from typing import Any

import pytest
from pydantic import ValidationError

from engine.domain.cycle import commands as c
from engine.domain.deliverables import Deliverables, Imagine, Share, Transform, step_of
from engine.domain.deliverables.required import Profile, missing
from engine.domain.errors import DomainError
from engine.domain.roadmap import Governance
from engine.domain.scope import OrgScope, WorkScope
from engine.domain.steps import Step
from tests.domain.plays import Play
from tests.support import city

LIGHT: dict[Step, dict[str, Any]] = {
    Step.IMAGINE: {
        "ideal_statement": "届く", "challenged_assumptions": [{"text": "窓口"}],
        "as_is": {"cases_per_year": 1, "minutes_per_case": 1},
        "metrics": [{"code": "m", "name": "分", "unit": "分", "direction": "down", "baseline": 3, "target": 1}],
        "left_behind": {"offline_route": "窓口"},
    },
    Step.TRANSFORM: {
        "changes": [{"kind": "abolish", "what": "転記"}], "to_be": {"minutes_per_case": 1},
        "checks": {"security": "na", "privacy": "na", "accessibility": "na"},
    },
    Step.REALISE: {
        "results": [{"metric": "m", "value": 1}], "actual": {"cases_per_year": 1, "minutes_per_case": 1},
        "verdict": "achieved", "decision": "adopt",
    },
    Step.SHARE: {"case": {"summary": "やめた"}, "lessons_failed": "なし", "next": [{"kind": "close"}]},
}  # fmt: skip


def errors_of(play: Play) -> list[tuple[str, str]]:
    with pytest.raises(DomainError, match="invalid_fields") as refused:
        play.give(play.state.owner, c.Submit())
    return [(error.pointer, error.code) for error in refused.value.refusal.errors]


def changed(deliverable: Any, **fields: Any) -> Any:
    plain = deliverable.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return type(deliverable).model_validate(plain | fields)


@pytest.mark.parametrize("step", Step)
def test_the_light_form_asks_for_exactly_what_the_contract_lists(step: Step) -> None:
    model = Deliverables.MODELS[step]
    given = model.model_validate(LIGHT[step])
    assert [error for error in missing(given, Profile.LIGHT) if error.pointer != "/left_behind/support"] == []
    for name in LIGHT[step]:
        less = model.model_validate({key: value for key, value in LIGHT[step].items() if key != name})
        assert f"/{name}" in [error.pointer for error in missing(less, Profile.LIGHT)]
    assert list(missing(given, Profile.FULL)) != []
    assert step_of(given) is step


def test_one_person_gets_the_light_form_and_a_section_the_full_one() -> None:
    light = Play()
    light.hand_in(Imagine.model_validate(LIGHT[Step.IMAGINE]))
    assert light.state.round == 1
    full = Play(OrgScope.SECTION, "S", owner=city.SECTION_HEAD)
    full.draft(Imagine.model_validate(LIGHT[Step.IMAGINE]))
    found = dict(errors_of(full))
    assert {"/beneficiaries", "/user_evidence", "/metrics/0/kind", "/left_behind/groups"} <= found.keys()


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"metrics": [LIGHT[Step.IMAGINE]["metrics"][0]] * 2}, ("/metrics/1/code", "duplicate_code")),
        (
            {"metrics": [LIGHT[Step.IMAGINE]["metrics"][0] | {"unit": "%", "target": 120}]},
            ("/metrics/0/target", "out_of_unit_range"),
        ),
        ({"ideal_statement": "   "}, ("/ideal_statement", "missing")),
    ],
)
def test_a_wrong_imagine_is_told_where(fields: dict[str, Any], place: tuple[str, str]) -> None:
    play = Play()
    play.draft(changed(city.imagine(), **fields))
    assert errors_of(play) == [place]


def test_a_cross_agency_imagine_needs_milestones_and_a_full_one_an_outcome() -> None:
    play = Play(governance=Governance.CROSS_AGENCY)
    play.draft(city.imagine())
    assert errors_of(play) == [("/milestones", "missing")]
    full = Play(OrgScope.SECTION, "S", owner=city.SECTION_HEAD)
    metric = city.imagine().metrics[0].model_dump(mode="json", exclude_defaults=True) | {"kind": "output"}
    full.draft(changed(city.imagine(), metrics=[metric]))
    assert errors_of(full) == [("/metrics", "no_outcome_metric")]


@pytest.mark.parametrize("name", ["security", "privacy", "accessibility"])
def test_a_check_that_did_not_pass_blocks_transform_and_cannot_be_waived(name: str) -> None:
    play = Play().until(Step.TRANSFORM)
    checks = {"security": "ok", "privacy": "ok", "accessibility": "ok"} | {name: "ng"}
    play.draft(changed(city.transform(), checks=checks))
    assert errors_of(play) == [(f"/checks/{name}", "check_not_passed")]


def test_a_full_transform_has_every_action_finished_or_dropped_with_a_reason() -> None:
    play = Play(OrgScope.SECTION, "S", owner=city.SECTION_HEAD).until(Step.TRANSFORM)
    action = {"what": "様式", "who": city.OWNER, "due": "2026-09-01"}
    actions = [action | {"status": "doing"}, action | {"status": "dropped"}, action | {"status": "done"}]
    play.draft(changed(city.transform(), actions=actions))
    assert errors_of(play) == [("/actions/0/status", "action_not_finished"), ("/actions/1/reason", "missing")]


def test_realise_has_one_result_for_each_metric_and_none_for_others() -> None:
    play = Play().until(Step.REALISE)
    results = [{"metric": "minutes", "value": 1}, {"metric": "minutes", "value": 2}, {"metric": "other", "value": 2}]
    play.draft(changed(city.realise(), results=results))
    assert errors_of(play) == [("/results/1/metric", "duplicate_code"), ("/results/2/metric", "unknown_metric")]
    play.draft(changed(city.realise(), results=[{"metric": "other", "value": 2}]))
    assert ("/results", "metric_without_result") in errors_of(play)


def test_a_full_realise_is_observed_long_enough_and_a_bad_result_says_why() -> None:
    play = Play(OrgScope.SECTION, "S", owner=city.SECTION_HEAD).until(Step.REALISE)
    play.draft(changed(city.realise(44), observation_days=29, verdict="worse"))
    assert errors_of(play) == [("/observation_days", "observed_too_short"), ("/cause", "missing")]
    play.hand_in(changed(city.realise(44), verdict="worse", cause="申請が二度手間になった"))
    play.decide()
    assert play.state.step is Step.SHARE
    assert play.state.effects.hours_saved_per_year is not None
    assert play.state.effects.hours_saved_per_year < 0


@pytest.mark.parametrize(
    ("following", "place"),
    [
        ({"kind": "expand"}, ("/next/0/org_scope", "scope_does_not_grow")),
        ({"kind": "expand", "work_scope": "task"}, ("/next/0/work_scope", "scope_does_not_grow")),
        ({"kind": "expand", "org_scope": "section"}, ("/next/0/reason", "skip_needs_reason")),
        ({"kind": "retry", "org_scope": "unit"}, ("/next/0/org_scope", "keeps_its_scope")),
        ({"kind": "sustain"}, ("/next/0/review_on", "missing")),
        ({"kind": "sustain", "review_on": "2026-01-01"}, ("/next/0/review_on", "not_in_the_future")),
    ],
)
def test_a_next_cycle_that_cannot_be_is_told_where(following: dict[str, Any], place: tuple[str, str]) -> None:
    play = Play().until(Step.SHARE)
    play.draft(city.share(following))
    assert errors_of(play) == [place]


def test_close_stands_alone() -> None:
    play = Play().until(Step.SHARE)
    play.draft(city.share({"kind": "close", "reason": "済"}, {"kind": "retry", "reason": "?"}))
    assert errors_of(play) == [("/next/0/kind", "close_stands_alone")]


@pytest.mark.parametrize(
    "wrong",
    [
        {"ideal": "?"}, {"as_is": {"cases_per_year": "5"}}, {"as_is": {"cases_per_year": True}},
        {"as_is": {"cases_per_year": -1}}, {"as_is": {"cases_per_year": float("nan")}},
        {"metrics": [{"direction": "sideways"}]}, {"ideal_statement": "長" * 1001}, {"metrics": [{"code": "a b"}]},
    ],
)  # fmt: skip
def test_a_draft_may_be_incomplete_but_not_wrong(wrong: dict[str, Any]) -> None:
    assert Imagine.model_validate({}) == Imagine()
    with pytest.raises(ValidationError):
        Imagine.model_validate(wrong, extra="forbid")


def test_a_field_that_a_newer_version_added_is_ignored_on_the_wire_and_refused_from_people() -> None:
    newer = {"ideal_statement": "届く", "as_is": {"minutes_per_case": 5, "queue_minutes": 3}, "mood": "good"}
    assert Imagine.model_validate(newer) == Imagine.model_validate(
        {"ideal_statement": "届く", "as_is": {"minutes_per_case": 5}}
    )
    with pytest.raises(ValidationError) as refused:
        Imagine.model_validate(newer, extra="forbid")
    assert {error["loc"] for error in refused.value.errors()} == {("as_is", "queue_minutes"), ("mood",)}


def test_from_is_written_as_people_write_it_and_survives_the_way_there_and_back() -> None:
    trial = {"trials": [{"from": "2026-06-01", "to": "2026-06-30"}]}
    found = Transform.model_validate(trial)
    assert found.model_dump(mode="json", by_alias=True, exclude_defaults=True) == trial
    assert Transform.model_validate_json(found.model_dump_json(by_alias=True)) == found


def test_a_draft_is_for_the_current_step_only() -> None:
    play = Play()
    with pytest.raises(DomainError, match="another_step"):
        play.draft(Share())
    assert play.state.work_scope is WorkScope.TASK
