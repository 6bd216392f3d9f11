"""A working copy on the pure core: what it stands for, what is handed in, and what an earlier release would do."""

import pytest

from engine.domain.access.reading import EVERYTHING, as_seen, clearance_of, copy_for
from engine.domain.cycle import commands as c
from engine.domain.cycle.evolve import fold
from engine.domain.cycle.versions import content_hash, versions
from engine.domain.cycle.working_copy import NOT_TAKEN, CopyMark, TakenCopy, WorkingCopy, is_left_over, over
from engine.domain.deliverables import Deliverable, Imagine
from engine.domain.errors import DomainError
from engine.domain.moves.dispatch import decide
from engine.domain.review.review import Action
from engine.domain.steps import Step
from tests.domain.plays import MORNING, Play, kinds
from tests.support import city


def copy_of(play: Play, deliverable: Deliverable | None, step: Step = Step.IMAGINE) -> WorkingCopy:
    return WorkingCopy(
        cycle_id=play.state.cycle_id, step=step, revision=3, at_revision=play.state.revision, saved_at=MORNING,
        saved_by=city.OWNER, deliverable=deliverable,
    )  # fmt: skip


def handed_in(deliverable: Deliverable) -> c.Submit:
    return c.Submit(taken=TakenCopy(revision=3, deliverable=deliverable))


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("12", CopyMark(cycle=12)), ("12.3", CopyMark(cycle=12, draft=3)), ("", None), ("12.", None), (".3", None),
        ("12.3.4", None), ("x", None), ("-1", None), ("١", None), ("1234567890", None),
    ],
)  # fmt: skip
def test_a_mark_is_read_as_it_is_written_and_nothing_else_is_one(text: str, mark: CopyMark | None) -> None:
    assert CopyMark.read(text) == mark
    assert mark is None or str(mark) == text


def test_what_is_handed_in_is_in_the_event_and_the_cycle_holds_it_from_then_on() -> None:
    play = Play()
    given = play.give(city.OWNER, handed_in(city.imagine()))
    assert kinds(given) == ["step_submitted", "stage_opened"]
    assert play.state.deliverables.imagine == city.imagine()
    (version,) = versions(play.events)
    assert (version.deliverable, version.hash) == (city.imagine(), content_hash(city.imagine()))
    assert fold(play.events) == play.state


def test_an_inherited_or_older_text_is_handed_in_without_a_working_copy() -> None:
    play = Play()
    play.draft(city.imagine())
    (submitted, *_) = play.give(city.OWNER, c.Submit())
    assert (submitted.data.type, getattr(submitted.data, "deliverable", "")) == ("step_submitted", None)
    assert versions(play.events)[0].deliverable == city.imagine()


def test_a_later_round_has_its_own_text_and_the_earlier_version_keeps_the_one_it_had() -> None:
    play, better = Play(), city.imagine().model_copy(update={"ideal_statement": "もっと"})
    play.give(city.OWNER, handed_in(city.imagine()))
    play.decide(Action.RETURN, reason="数字が古い")
    play.give(city.OWNER, handed_in(better))
    assert [one.deliverable for one in versions(play.events)] == [city.imagine(), better]


def test_what_a_submission_lacks_is_told_of_the_working_copy_and_not_of_what_was_there() -> None:
    play = Play()
    play.draft(city.imagine())
    with pytest.raises(DomainError) as error:
        play.give(city.OWNER, handed_in(Imagine(ideal_statement="nur das")))
    places = {one.pointer for one in error.value.refusal.errors}
    assert "/metrics" in places
    assert "" not in places, "the mark for earlier releases is no fault"


def test_a_working_copy_of_another_step_is_not_handed_in() -> None:
    play = Play()
    with pytest.raises(DomainError, match="another_step"):
        play.give(city.OWNER, handed_in(city.transform()))


def test_who_does_not_know_working_copies_refuses_to_hand_in_what_was_there_before() -> None:
    play = Play()
    play.draft(city.imagine())
    command = play.command(city.OWNER, handed_in(city.imagine()))
    assert isinstance(command.body, c.Submit)
    assert command.body.findings == (NOT_TAKEN,)
    earlier = command.model_copy(update={"body": command.body.model_copy(update={"taken": None})})
    with pytest.raises(DomainError) as error:
        decide(play.state, earlier, play.at)
    assert error.value.refusal.errors == (NOT_TAKEN,)


def test_the_same_ask_is_the_same_command_whatever_working_copy_is_found() -> None:
    plain = c.Command(id="k", actor=city.OWNER, body=c.Submit(message="m"))
    found = plain.body.model_copy(update={"taken": TakenCopy(revision=1, deliverable=city.imagine())})
    assert plain.model_copy(update={"body": found}).fingerprint == plain.fingerprint


def test_a_working_copy_stands_in_its_steps_place_until_the_step_is_in_review() -> None:
    play = Play()
    copy = copy_of(play, city.imagine())
    assert over(play.state, copy).deliverables.imagine == city.imagine()
    assert over(play.state, copy_of(play, None)) == play.state
    assert over(play.state, copy_of(play, city.transform(), Step.TRANSFORM)) == play.state
    play.hand_in(city.imagine().model_copy(update={"ideal_statement": "eingereicht"}))
    assert over(play.state, copy) == play.state


def test_owner_advisers_and_heads_in_the_line_are_shown_it_and_everybody_else_what_they_saw_before() -> None:
    play = Play()
    play.hand_in(city.imagine())
    play.approve()
    copy = copy_of(play, city.transform(), Step.TRANSFORM)
    for person, shown in ((city.OWNER, True), (city.SECTION_HEAD, True), (city.OTHER, False)):
        clearance = clearance_of(person, play.facts)
        seen = as_seen(clearance, play.state, copy)
        assert (copy_for(clearance, play.state, copy) is copy) == shown, person
        assert (seen.deliverables.transform == city.transform()) == shown, person
    assert as_seen(EVERYTHING, play.state, copy) == play.state


def test_what_is_kept_of_a_step_that_was_decided_is_left_over_and_a_withdrawn_draft_is_not() -> None:
    play = Play()
    copy = copy_of(play, city.imagine())
    withdrawn = play.copy()
    withdrawn.give(city.OWNER, c.Withdraw(reason="やめる"))
    assert not is_left_over(copy, withdrawn.state), "its owner may still take it along to a new initiative"
    play.hand_in(city.imagine())
    assert not is_left_over(copy, play.state), "a return would bring it back"
    rejected = play.copy()
    rejected.decide(Action.REJECT, reason="別の案で進める")
    assert is_left_over(copy, rejected.state)
    play.approve()
    assert is_left_over(copy, play.state)
