"""Editions side by side, and what becomes of the initiatives under a startup that is renamed, split or gone."""

from datetime import date

from engine.domain.roadmap import Edition, Governance, PillarText, Startup, StartupMilestone, carried, difference

LED = Governance.SECTION_LED


def edition(name: str, *startups: Startup) -> Edition:
    return Edition(id=name, startups=startups)


def test_a_difference_names_every_field_with_what_it_said_and_says() -> None:
    old = edition("one", Startup(code="A", governance=LED), Startup(code="B", governance=LED))
    goal = StartupMilestone(code="M1", name="サンプル", due=date(2027, 3, 31))
    new = edition("two", Startup(code="A", governance=LED, name_ja="名前", milestones=(goal,)))
    found = {(one.what, one.code, one.kind): one.changes for one in difference(old, new)}
    assert set(found) == {
        ("edition", "two", "changed"), ("startup", "A", "changed"), ("startup", "B", "removed"),
        ("milestone", "A/M1", "added"),
    }  # fmt: skip
    (named,) = found["startup", "A", "changed"]
    assert (named.field, named.before, named.after) == ("name_ja", None, "名前")


def test_a_pillar_that_is_worded_otherwise_and_a_milestone_that_moves_are_differences() -> None:
    def made(name: str, due: date) -> Edition:
        goal = StartupMilestone(code="M1", name="サンプル", due=due)
        pillar = PillarText(code="P1", name_ja=name, name_en="x")
        return Edition(id="e", pillars=(pillar,), startups=(Startup(code="A", governance=LED, milestones=(goal,)),))

    changes = difference(made("旧", date(2027, 3, 31)), made("新", date(2027, 9, 30)))
    assert [(one.what, one.code, one.fields) for one in changes] == [
        ("pillar", "P1", ("name_ja",)), ("milestone", "A/M1", ("due",)),
    ]  # fmt: skip


def test_equal_editions_have_no_difference() -> None:
    one = edition("one", Startup(code="A", governance=LED))
    assert difference(one, one) == ()


def test_a_code_continues_is_renamed_over_several_editions_is_split_or_goes() -> None:
    first = edition("1", *(Startup(code=code, governance=LED) for code in "ABCD"))
    second = edition(
        "2",
        Startup(code="A", governance=LED),
        Startup(code="B2", governance=LED, replaces=("B",)),
        Startup(code="C1", governance=LED, replaces=("C",)),
        Startup(code="C2", governance=LED, replaces=("C",)),
    )
    third = edition(
        "3",
        Startup(code="A", governance=LED),
        Startup(code="B3", governance=LED, replaces=("B2",)),
        Startup(code="C1", governance=LED),
    )
    editions = (first, second, third)
    found = {code: carried(code, editions) for code in "ABCD"}
    assert {code: one.code for code, one in found.items()} == {"A": "A", "B": "B3", "C": None, "D": None}
    assert found["C"].candidates == ("C1",)
    assert found["D"].candidates == ()


def test_a_code_that_a_later_edition_brings_stands_in_it() -> None:
    editions = (edition("one", Startup(code="A", governance=LED)), edition("two", Startup(code="N", governance=LED)))
    assert carried("N", editions).code == "N"
    assert carried("never", editions).code is None
