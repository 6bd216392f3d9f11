"""A cycle that waits for nobody is found, and one that waits for somebody is not."""

from datetime import date

from engine.domain.moves.deciding.unattended import NOBODY_DECIDES, OWNER_UNKNOWN, unattended
from engine.domain.organisation.organisation import Organisation
from tests.domain.plays import Play
from tests.support import city

DAY = date(2026, 11, 24)


def _without(*people: str) -> Organisation:
    full = city.organisation()
    return full.model_copy(
        update={
            "people": tuple(one for one in full.people if one.person_id not in people),
            "posts": tuple(one for one in full.posts if one.person_id not in people),
        }
    )


def test_a_draft_waits_for_its_owner_as_long_as_there_is_one() -> None:
    play = Play()
    assert unattended(play.state, city.organisation(), DAY) is None
    assert unattended(play.state, _without(city.OWNER), DAY) == OWNER_UNKNOWN


def test_a_review_waits_for_a_vacant_posts_superior_and_for_nobody_when_all_are_vacant() -> None:
    play = Play()
    play.hand_in(city.imagine())
    assert unattended(play.state, _without(city.UNIT_CHIEF), DAY) is None
    heads = (city.UNIT_CHIEF, city.SECTION_HEAD, city.DIRECTOR, city.MAYOR, city.CDO)
    assert unattended(play.state, _without(*heads), DAY) == NOBODY_DECIDES
