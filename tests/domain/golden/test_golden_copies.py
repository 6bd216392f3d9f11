"""What an event meant when it was released it means for ever; what fails here says what to do instead."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from engine.domain.cycle import events as e
from engine.domain.cycle import evolve as module
from engine.domain.cycle.evolve import evolve
from engine.domain.cycle.state import CycleState
from engine.domain.cycle.working_copy import BESIDE_THE_TEXT
from engine.domain.upcasters import UPCASTERS
from tests.domain.golden import copies
from tests.domain.golden.copies import ADVICE, KEEP, GoldenCopy
from tests.domain.golden.keep import Watched, keep
from tests.domain.plays import Play
from tests.support import city
from tests.support.tomorrow import TODAY, tomorrow, upcast

COMMENTED = copies.HERE / "commented" / "v1-1.json"


def test_every_event_type_has_a_golden_copy_of_the_version_that_is_written_today() -> None:
    missing = [
        f"{kind} version {version}"
        for kind, version in copies.types().items()
        if not list(copies.HERE.glob(f"{kind}/v{version}-*.json"))
    ]
    assert missing == [], f"no golden copy yet: play it in a test of tests/domain, then run `{KEEP}` and commit it"


@pytest.mark.parametrize("file", copies.files(), ids=copies.name_of)
def test_an_event_does_for_ever_what_it_did_when_it_was_released(file: Path) -> None:
    changed = copies.changed_meaning(copies.read(file))
    assert changed == [], "\n".join([*changed, ADVICE])


def test_a_golden_copy_stays_as_it_was_kept() -> None:
    edited = copies.edited()
    assert edited == [], "\n".join([*edited, ADVICE])


def test_an_older_version_than_todays_has_an_upcaster_for_every_step_up() -> None:
    old = {(file.parent.name, int(file.stem.partition("-")[0][1:])) for file in copies.files()}
    steps = {(kind, n) for kind, version in old for n in range(version, copies.types().get(kind, version))}
    assert steps - UPCASTERS.keys() == set(), ADVICE
    assert {kind for kind, _ in old} - copies.types().keys() == set(), ADVICE


def test_every_branch_that_tells_deliverables_and_escalations_apart_is_kept() -> None:
    drafts = [copies.read(file).event["data"]["step"] for file in copies.HERE.glob("draft_saved/*.json")]
    lasts = [copies.read(file).event["data"]["last"] for file in copies.HERE.glob("stage_escalated/*.json")]
    assert set(drafts) == {"imagine", "transform", "realise", "share"}
    assert set(lasts) == {True, False}


def test_a_branch_of_evolve_that_does_something_else_is_found_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def twice(state: CycleState | None, event: e.Event) -> CycleState:
        after = evolve(state, event)
        return after.model_copy(update={"comments": after.comments + 1})

    monkeypatch.setattr(copies, "evolve", twice)
    before = copies.read(COMMENTED).after["comments"]
    assert copies.changed_meaning(copies.read(COMMENTED)) == [f"state/comments: was {before}, is {before + 1}"]
    assert "Never edit or delete" in ADVICE


def test_a_field_of_an_event_that_is_not_read_any_more_is_found_and_a_new_one_is_no_change() -> None:
    copy = copies.read(COMMENTED)
    data = copy.event["data"]
    assert data["text"]
    more = copy._replace(event=copy.event | {"data": data | {"colour": "blue"}})
    assert copies.changed_meaning(more) == ['event/data/colour: was "blue", is gone']
    less: dict[str, Any] = {name: value for name, value in data.items() if name != "mentions"}
    assert copies.changed_meaning(copy._replace(event=copy.event | {"data": less})) == []
    assert copies.changed_meaning(copy._replace(after={})) == []
    (wrong,) = copies.changed_meaning(copy._replace(event=copy.event | {"data": {"type": "commented"}}))
    assert wrong.startswith("cannot be read any more: 1 validation error")


def test_a_copy_of_version_one_holds_under_version_two_when_its_upcaster_is_there() -> None:
    with tomorrow():
        assert copies.types()["commented"] == 1, "the made-up release is a release of `Event` only"
        assert UPCASTERS[TODAY] is upcast
        assert copies.changed_meaning(copies.read(COMMENTED)) == []


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """The copies of two types, in a folder of their own."""
    for name in ("commented", "pulled_back"):
        shutil.copytree(copies.HERE / name, tmp_path / name)
    lines = [f"{copies.digest(file)}  {copies.name_of(file, tmp_path)}\n" for file in copies.files(tmp_path)]
    (tmp_path / copies.SUMS).write_text("".join(lines), encoding="utf-8")
    assert copies.edited(tmp_path) == []
    return tmp_path


def played() -> Watched:
    """A step of a type that has copies, and one of a type that has none."""
    watched, play = Watched(), Play()
    before, first = None, play.events[0]
    watched.see(before, first, play.state)
    spoken = e.Event(seq=2, at=first.at, actor=city.OWNER, data=e.Commented(text="x"))
    watched.see(play.state, spoken, module.evolve(play.state, spoken))
    return watched


def test_what_is_missing_is_kept_and_what_is_there_is_not_touched(kept: Path) -> None:
    before = copies.kept_sums(kept)
    assert [copies.name_of(file, kept) for file in keep(played(), kept)] == ["cycle_opened/v1-1.json"]
    assert copies.edited(kept) == []
    assert before.items() < copies.kept_sums(kept).items()
    assert keep(played(), kept) == []
    made = copies.read(kept / "cycle_opened" / "v1-1.json")
    assert (made.before, copies.changed_meaning(made)) == (None, [])


def test_a_new_way_is_kept_beside_the_old_ones_when_it_is_asked_for(kept: Path) -> None:
    watched, play = played(), Play()
    step = watched.steps["commented", 1].popitem()[1]
    changed = step._replace(after=step.after | {"title": "別の題"})
    watched.steps["commented", 1][frozenset({"/title"})] = changed
    known = len(list(kept.glob("commented/*.json")))
    assert [one.name for one in keep(watched, kept, frozenset({"commented"})) if one.parent.name == "commented"] == [
        f"v1-{known + 1}.json"
    ]
    assert play.state.comments == 0


@pytest.mark.parametrize("how", ["edited", "gone", "put there"])
def test_nothing_is_kept_while_an_old_copy_is_not_what_it_was(kept: Path, how: str) -> None:
    file = kept / "pulled_back" / "v1-1.json"
    match how:
        case "edited":
            file.write_text(copies.text_of(GoldenCopy(None, {}, {})), encoding="utf-8")
        case "gone":
            file.unlink()
        case _:
            shutil.copy(file, file.with_name("v1-99.json"))
    with pytest.raises(SystemExit, match=how):
        keep(played(), kept)
    assert not (kept / "cycle_opened").exists()


def test_events_beside_the_text_leave_what_a_step_says_and_whose_turn_it_is() -> None:
    seen = set[str]()
    for file in copies.files():
        one = copies.read(file)
        kind, before = one.event["data"]["type"], copies.state_of(one.before)
        if kind in BESIDE_THE_TEXT and before is not None:
            after = evolve(before, e.Event.model_validate(one.event))
            seen.add(kind)
            for name in ("deliverables", "step", "round", "step_status", "status", "owner"):
                assert getattr(after, name) == getattr(before, name), (file.name, kind, name)
    assert seen == BESIDE_THE_TEXT
