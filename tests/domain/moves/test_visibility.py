"""Who may read is said by the owner or the head of their unit; opening a cycle to more people asks for a reason."""

import pytest

from engine.domain.cycle.visibility import SetVisibility, Visibility
from engine.domain.errors import DomainError
from tests.domain.plays import Play
from tests.support import city

OWNER, OTHER = city.OWNER, city.OTHER


def test_whoever_closes_a_cycle_gives_no_reason_and_whoever_opens_it_does() -> None:
    play = Play()
    play.give(OWNER, SetVisibility(level=Visibility.RESTRICTED, readers=(OTHER,)))
    assert (play.state.visibility, play.state.readers) == (Visibility.RESTRICTED, (OTHER,))
    with pytest.raises(DomainError) as refused:
        play.give(OWNER, SetVisibility(level=Visibility.CONCERNED))
    assert [one.pointer for one in refused.value.refusal.errors] == ["/reason"]
    play.give(OWNER, SetVisibility(level=Visibility.CONCERNED, reason="人事の部分を除いたため"))
    assert (play.state.visibility, play.state.readers) == (Visibility.CONCERNED, (OTHER,))
    play.give(OWNER, SetVisibility(level=Visibility.OFFICE, reason="公表したため"))
    assert play.state.readers == ()


def test_the_same_again_is_refused_and_a_person_who_is_not_there_is_named() -> None:
    play = Play()
    with pytest.raises(DomainError, match=r"^visibility_is_the_same$"):
        play.give(OWNER, SetVisibility(level=Visibility.OFFICE))
    with pytest.raises(DomainError) as refused:
        play.give(OWNER, SetVisibility(level=Visibility.RESTRICTED, readers=(OTHER, "p999")))
    assert [(one.pointer, one.code) for one in refused.value.refusal.errors] == [("/readers/1", "unknown_person")]
