"""A running cycle moves to another startup of the edition, and takes over what that one says of it."""

import pytest

from engine.domain.cycle import commands as c
from engine.domain.errors import DomainError
from engine.domain.roadmap import Edition, Governance, Pillar, Startup
from tests.domain.plays import Play, kinds
from tests.support import city

EDITION = Edition(
    id="one",
    startups=(
        Startup(code="SL-01", governance=Governance.SECTION_LED),
        Startup(code="CA-01", governance=Governance.CROSS_AGENCY, pillar=Pillar.P1),
    ),
)


def test_a_cycle_takes_over_the_governance_and_the_pillar_of_its_new_startup_and_keeps_its_step() -> None:
    play = Play(edition=EDITION)
    step = play.state.step
    assert kinds(play.give(city.OWNER, c.AssignStartup(startup="CA-01"))) == ["startup_assigned"]
    state = play.state
    assert (state.startup, state.governance, state.pillar) == ("CA-01", Governance.CROSS_AGENCY, Pillar.P1)
    assert state.step is step
    play.give(city.ADMIN, c.AssignStartup(startup="SL-01"))
    assert (play.state.startup, play.state.pillar) == ("SL-01", Pillar.P1)


@pytest.mark.parametrize(
    ("actor", "startup", "code"),
    [
        (city.OTHER, "CA-01", "not_yours_to_assign"),
        (city.OWNER, "CA-99", "invalid_fields"),
        (city.OWNER, "SL-01", "startup_is_the_same"),
    ],
)
def test_it_moves_by_whom_it_concerns_and_to_another_startup_of_the_edition(
    actor: str, startup: str, code: str
) -> None:
    play = Play(edition=EDITION)
    play.give(city.OWNER, c.AssignStartup(startup="SL-01"))
    with pytest.raises(DomainError, match=code):
        play.give(actor, c.AssignStartup(startup=startup))
