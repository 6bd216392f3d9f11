"""Which events a webhook gets, and what of them it is told."""

import json
from typing import Any

import pytest

from engine.domain.access.reading import Circle
from engine.domain.cycle.visibility import Visibility
from engine.domain.notices.webhooks import content_told, gets, may_get
from tests.domain.plays import Play
from tests.support import city


def contents() -> dict[str, str]:
    """The events of a cycle in review, as the journal has them, by type."""
    play = Play()
    play.hand_in(city.imagine())
    return {event.data.type: event.model_dump_json(by_alias=True) for event in play.events}


def told(ceiling: Visibility, kind: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(content_told(ceiling, contents()[kind]))
    return found


@pytest.mark.parametrize("ceiling", [Visibility.OFFICE, Visibility.CONCERNED])
def test_what_is_still_being_written_is_left_out_below_the_highest_ceiling(ceiling: Visibility) -> None:
    assert "deliverable" not in told(ceiling, "draft_saved")["data"]
    assert told(ceiling, "draft_saved")["data"]["type"] == "draft_saved"
    assert told(ceiling, "step_submitted") == json.loads(contents()["step_submitted"])


def test_at_the_highest_ceiling_the_text_is_the_journals_own() -> None:
    for content in contents().values():
        assert content_told(Visibility.RESTRICTED, content) == content


def test_a_cycle_of_which_nobody_knows_how_far_it_may_be_read_counts_as_a_draft() -> None:
    assert not may_get(Visibility.CONCERNED, None)
    assert may_get(Visibility.RESTRICTED, None)


def test_an_event_is_got_when_it_is_wanted_and_may_be_told() -> None:
    assert gets((), Visibility.OFFICE, "commented", Circle.EVERYBODY)
    assert gets(("commented",), Visibility.CONCERNED, "commented", Circle.CONCERNED)
    assert not gets(("step_approved",), Visibility.OFFICE, "commented", Circle.EVERYBODY)
    assert not gets((), Visibility.OFFICE, "commented", Circle.DRAFT)
