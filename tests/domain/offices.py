"""Routes and organisations that several tests of the rules start from."""

from typing import Any

import pytest

from engine.domain.deliverables.imagine import EscalationFlag
from engine.domain.errors import DomainError
from engine.domain.organisation.organisation import Absence, Organisation
from engine.domain.review.policy import Policy, Rule, StageRule
from engine.domain.review.review import StageKind
from tests.domain.plays import Play
from tests.domain.test_concurrence_and_returns import with_duties
from tests.support import city

LONG = Policy(
    id="long",
    rules=(
        Rule(
            stages=(
                StageRule(kind=StageKind.LINE, posts=("own_head",)),
                StageRule(kind=StageKind.LINE, posts=("superiors",)),
                StageRule(posts=("duty@cdo",)),
            )
        ),
    ),
)
FLAGGED = city.imagine().model_copy(update={"escalation_flags": (EscalationFlag.IMPORTANT,)})


def rule(*stages: StageRule, **more: Any) -> Policy:
    return Policy(id="one", rules=(Rule(stages=stages, **more),), concurrence=())


def reviewed(policy: Policy = LONG, organisation: Organisation | None = None) -> Play:
    play = Play(policy=policy, organisation=organisation or with_duties())
    play.hand_in(city.imagine())
    return play


def absent(*absences: Absence) -> Organisation:
    return with_duties().model_copy(update={"absences": absences})


def refused(code: str) -> Any:
    return pytest.raises(DomainError, match=f"^{code}$")
