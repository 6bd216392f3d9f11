"""Files may be added but not removed while routing (docs/field/deciding.md)."""

from typing import Any

import pytest

from engine.domain.cycle import commands as c
from engine.domain.cycle.attachments import LONGEST_NAME, MOST, media_type_of, safe_name
from engine.domain.cycle.versions import versions
from engine.domain.errors import DomainError
from engine.domain.lineage.open_cycle import open_copy
from engine.domain.review.review import Action
from tests.domain.plays import Play
from tests.support import city


def file(name: str = "見積.pdf", mark: str = "a", **more: Any) -> c.Attach:
    return c.Attach(name=name, size=9, sha256=mark * 64, **more)


def test_a_file_is_added_in_review_and_never_removed_there() -> None:
    play = Play()
    play.draft(city.imagine())
    play.give(city.OWNER, file())
    play.give(city.OWNER, file(mark="b"))
    play.give(city.OWNER, c.Detach(n=2))
    play.give(city.OWNER, c.Submit())
    play.give(city.UNIT_CHIEF, file("写真.png", "c"))
    with pytest.raises(DomainError, match="attachment_stays"):
        play.give(city.OWNER, c.Detach(n=1))
    play.decide(Action.RETURN, reason="直す")
    play.give(city.OWNER, c.Detach(n=1))
    with pytest.raises(DomainError, match="not_your_attachment"):
        play.give(city.OWNER, c.Detach(n=3))
    with pytest.raises(DomainError, match="attachment_removed"):
        play.give(city.OWNER, c.Detach(n=2))
    assert [(one.n, one.held, one.removed_at is not None) for one in play.state.attachments] == [
        (1, True, True), (2, False, True), (3, True, False),
    ]  # fmt: skip
    (first,) = versions(play.events)
    assert [(one.n, one.sha256[0]) for one in first.attachments] == [(1, "a"), (3, "c")]


def test_the_same_file_twice_too_many_and_a_malformed_one_are_refused() -> None:
    play = Play()
    play.give(city.OWNER, file())
    with pytest.raises(DomainError, match="attached_already"):
        play.give(city.OWNER, file())
    with pytest.raises(DomainError) as wrong:
        play.give(city.OWNER, c.Attach(name=" ", size=0, sha256="x"))
    assert [one.pointer for one in wrong.value.refusal.errors] == ["/name", "/size", "/sha256"]
    for number in range(MOST - 1):
        play.give(city.OWNER, file(f"{number}.txt", media_type="text/html"))
    assert {one.media_type for one in play.state.attachments} == {"application/octet-stream"}
    with pytest.raises(DomainError, match="too_many_files"):
        play.give(city.OWNER, file("もう一つ.txt"))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\見積 書.xlsx", "見積 書.xlsx"),
        ("a\u202egpj.exe", "agpj.exe"),
        ("x\r\nSet-Cookie: a.txt", "xSet-Cookie_ a.txt"),
        ("CON.txt", "_CON.txt"),
        ("...", "file"),
        ("長" * 300 + ".pdf", "長" * (LONGEST_NAME - 4) + ".pdf"),
    ],
)
def test_a_file_name_is_only_a_name(given: str, kept: str) -> None:
    assert safe_name(given) == kept


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (b"%PDF-1.7", "x.html", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n..", "x", "image/png"),
        (b"<script>", "x.html", "application/octet-stream"),
        (b"<svg/>", "x.svg", "application/octet-stream"),
        ("名前,値".encode(), "x.csv", "text/csv"),
        (b"\x00\x01", "x.txt", "application/octet-stream"),
        (b"PK\x03\x04", "x.exe", "application/octet-stream"),
    ],
)
def test_a_file_is_taken_for_what_its_content_says_and_never_for_something_that_runs(
    content: bytes, name: str, kind: str
) -> None:
    assert media_type_of(content, name) == kind


def test_a_rejected_cycle_is_copied_as_a_new_draft_and_an_open_one_is_not() -> None:
    play = Play()
    play.hand_in(city.imagine())
    opening = play.events[0].data
    with pytest.raises(DomainError, match="not_over"):
        open_copy(opening, play.state)  # type: ignore[arg-type]
    play.decide(Action.REJECT, reason="今ではない")
    again = Play(opened=open_copy(opening, play.state))  # type: ignore[arg-type]
    assert again.state.copied_from == play.state.cycle_id
    assert (again.state.deliverables.imagine, again.state.round, again.state.decisions) == (city.imagine(), 0, ())


def test_a_copy_of_a_completed_cycle_leaves_what_it_measured_and_shared() -> None:
    play = Play()
    play.turn()
    copied = open_copy(play.events[0].data, play.state)  # type: ignore[arg-type]
    assert copied.deliverables.transform == city.transform()
    assert copied.deliverables.realise.results == ()
    assert copied.deliverables.share.next == ()
