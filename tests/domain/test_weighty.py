"""Which decisions ask again who it is: the final one of a department's or of the city's work."""

import pytest

from engine.domain.moves.weighty import is_weighty
from engine.domain.review.review import StageKind
from engine.domain.scope import OrgScope, WorkScope
from tests.domain.plays import Play
from tests.support import city


@pytest.mark.parametrize(
    ("scope", "unit", "weighs"),
    [(OrgScope.INDIVIDUAL, "U", False), (OrgScope.SECTION, "S", False), (OrgScope.DEPARTMENT, "D", True)],
)
def test_only_the_final_decision_of_a_department_and_above_weighs(
    scope: OrgScope, unit: str, *, weighs: bool
) -> None:
    play = Play(scope, unit, WorkScope.TASK)
    assert not is_weighty(play.state)
    play.hand_in(city.imagine())
    seen = set()
    while play.state.review is not None and play.state.open_posts():
        route, waiting = play.state.review.route, play.state.review.open
        final = any(route.stage(one.key).kind is StageKind.FINAL for one in waiting)
        seen.add(final)
        assert is_weighty(play.state) is (final and weighs)
        play.decide()
    assert True in seen
