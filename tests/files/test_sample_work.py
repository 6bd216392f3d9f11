"""The invented initiatives as they stand in their files: labelled, complete, and by people who are there."""

from datetime import date

import pytest

from engine.data.sample_work import HandIn, PlayedRing, PlayedStory, sample_around, sample_roadmap, sample_stories
from engine.data.shipped import sample_organisation, shipped_edition
from engine.domain.deliverables.required import Profile, missing

TODAY = date(2026, 11, 25)
DAYS = [date(2025, 12, 31), TODAY, date(2027, 4, 1), date(2028, 2, 29)]
STORIES = sample_stories(TODAY)
RINGS = [
    pytest.param(story, ring, id=f"{story.key}{ring.at}{ring.taken_over_by or ''}")
    for story in STORIES
    for ring in story.rings
]


def forms(ring: PlayedRing) -> list[HandIn]:
    return [act for act in ring.acts if isinstance(act, HandIn)]


def test_everything_invented_says_so_in_both_languages() -> None:
    assert all(story.asked.title.startswith("【サンプル】") for story in STORIES)
    roadmap = sample_roadmap(TODAY)
    assert roadmap.title_ja.startswith("【サンプル】")
    assert roadmap.title_en.startswith("【Sample】")
    for startup in roadmap.startups:
        assert (startup.name_ja or "").startswith("【サンプル】")
        assert (startup.name_en or "").startswith("【Sample】")
        assert (startup.overview or "").startswith("サンプル")
        assert all(one.name.startswith("サンプル") for one in startup.milestones)
    assert all((one.note or "").startswith("サンプル") for one in sample_around(TODAY).reports)


def test_the_invented_roadmap_keeps_the_seventeen_places_and_the_words_that_are_published() -> None:
    published, invented = shipped_edition(), sample_roadmap(TODAY)
    assert invented.pillars == published.pillars
    places = [[(one.code, one.governance) for one in edition.startups] for edition in (invented, published)]
    assert places[0] == places[1]


def test_the_set_reaches_over_departments_pillars_and_both_kinds_of_startup() -> None:
    departments = {story.asked.org_unit[0] for story in STORIES}
    assert departments == set("02345678")
    assert {story.asked.pillar for story in STORIES} == {f"P{n}" for n in range(1, 6)}
    codes = {story.asked.startup or "" for story in STORIES}
    assert len(codes) >= 8
    assert {code[:2] for code in codes} == {"CA", "SL"}
    roadmap = sample_roadmap(TODAY)
    for story in STORIES:
        startup = roadmap.startup(story.asked.startup or "")
        assert startup is not None
        assert startup.pillar is story.asked.pillar


@pytest.mark.parametrize(("story", "ring"), RINGS)
def test_every_form_that_is_handed_in_is_complete_and_every_person_is_there(
    story: PlayedStory, ring: PlayedRing
) -> None:
    organisation = sample_organisation()
    people = {ring.owner}
    for form in forms(ring):
        people |= set(form.approved_by)
        if form.submit:
            assert list(missing(form.deliverable, Profile.FULL)) == []
        else:
            assert list(missing(form.deliverable, Profile.LIGHT)) != [], "a draft has something left to do"
    for act in ring.acts:
        people |= {
            getattr(act, name).by for name in ("decide", "comment", "ask", "answer_offer") if hasattr(act, name)
        }
    assert [person for person in sorted(people) if organisation.person(person) is None] == []


@pytest.mark.parametrize("day", DAYS)
def test_days_are_counted_from_the_day_it_is_played(day: date) -> None:
    stories, roadmap, around = sample_stories(day), sample_roadmap(day), sample_around(day)
    assert len(stories) == len(STORIES)
    (absence,) = around.absences
    assert absence.first == day
    late = [one for startup in roadmap.startups for one in startup.milestones if one.due < day]
    assert [one.code for one in late] == ["M1", "M1"]
    for story in stories:
        for ring in story.rings:
            for form in forms(ring):
                for metric in form.imagine.metrics if form.imagine else ():
                    assert metric.measured_on is not None
                    assert metric.measured_on <= day
                for result in form.realise.results if form.realise else ():
                    assert result.start is not None
                    assert result.to is not None
                    assert result.start <= result.to < day
