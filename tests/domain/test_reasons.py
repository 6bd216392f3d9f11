"""The route says why each post stands in it."""

from typing import Any

import pytest

from engine.domain.deliverables import Imagine
from engine.domain.review.review import Action
from engine.domain.scope import OrgScope
from engine.language.route_reasons import REASONS, reason_text
from tests.domain.plays import Play
from tests.domain.test_concurrence_and_returns import section, with_duties
from tests.support import city


def told(play: Play) -> set[tuple[str, str]]:
    assert play.state.review is not None
    return {(one.code, str(one.post)) for stage in play.state.review.route.stages for one in stage.reasons}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"cost_initial_yen": 2_000_000}, ("cost_above_limit", "duty@finance")),
        ({"tools": ["新しい台帳"]}, ("new_system", "duty@information_systems")),
        ({"rule_changes": ["様式の改正"]}, ("rule_change", "duty@legal")),
        ({"checks": {"security": "ok", "privacy": "ok", "accessibility": "ok"}}, ("personal_data", "duty@privacy")),
    ],
)
def test_a_concurrence_says_what_called_for_it(fields: dict[str, Any], reason: tuple[str, str]) -> None:
    assert told(section(**fields)) == {reason, ("one_above", "head@D")}


def test_a_flag_and_a_wish_of_the_drafter_are_named() -> None:
    play = Play(OrgScope.SECTION, "S", owner=city.SECTION_HEAD, organisation=with_duties())
    plain = city.imagine().model_dump(mode="json", by_alias=True, exclude_defaults=True)
    play.hand_in(Imagine.model_validate(plain | {"escalation_flags": ["council"], "concurrence": ["hr"]}))
    assert told(play) == {("drafter_wishes", "duty@hr"), ("flags_raise", "head@C")}


def test_every_post_of_a_route_has_a_reason_and_every_reason_a_text() -> None:
    play = section(cost_initial_yen=2_000_000, tools=["台帳"])
    assert play.state.review is not None
    for stage in play.state.review.route.stages:
        assert {one.post for one in stage.reasons} == set(stage.posts)
        for one in stage.reasons:
            assert reason_text(one.code, one.params, "ja") != reason_text(one.code, one.params, "en")
    assert all("{" not in reason_text(code, PARAMS, "en") for code in REASONS)


def test_another_reason_for_the_same_route_keeps_the_approvals_after_a_return() -> None:
    play = section(cost_initial_yen=2_000_000)
    play.decide(by="finance")
    play.decide(Action.RETURN, by=city.DIRECTOR, reason="説明を足す")
    returned = play.state.returned
    assert returned is not None
    bare = returned.route.model_copy(
        update={"stages": tuple(one.model_copy(update={"reasons": ()}) for one in returned.route.stages)}
    )
    assert len(returned.kept(returned.gist, bare)) == 1


PARAMS = dict.fromkeys(("scope", "flags", "policy", "cost", "limit", "held"), "x")
