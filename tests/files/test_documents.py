from pathlib import Path

import pytest

import engine
from engine.data.shipped import shipped_edition
from engine.domain.roadmap import Edition, Governance, Pillar, Startup, difference
from engine.exchange.document_import import read_edition, read_policy
from engine.exchange.errors import FileError
from tests.support import city

DATA = Path(engine.__file__).parent / "data"


def written(at: Path, text: str) -> Path:
    file = at / "given.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_shipped_edition_says_what_the_city_published_and_invents_no_names() -> None:
    edition = shipped_edition()
    assert [pillar.code for pillar in edition.pillars] == list(Pillar)
    governed = [startup.governance for startup in edition.startups]
    assert (governed.count(Governance.CROSS_AGENCY), governed.count(Governance.SECTION_LED)) == (8, 9)
    assert {startup.display_name("ja") for startup in edition.startups} == {"(名称未取得)"}
    assert {startup.display_name("en") for startup in edition.startups} == {"(name not obtained)"}
    assert {startup.pillar for startup in edition.startups} == {None}
    assert edition.declaration is not None
    assert "どうなれば心地いいか" in edition.declaration.mindset_ja
    assert (edition.published, edition.updated) == ("2021-07", "2023-06")


def test_two_editions_differ_where_a_startup_came_went_or_changed() -> None:
    one = Startup(code="CA-01", governance=Governance.CROSS_AGENCY)
    old = Edition(id="a", startups=(one, Startup(code="SL-01", governance=Governance.SECTION_LED)))
    named = one.model_copy(update={"name_ja": "書かない窓口", "pillar": Pillar.P1})
    new = Edition(id="b", startups=(named, Startup(code="SL-02", governance=Governance.SECTION_LED)))
    startups = [one for one in difference(old, new) if one.what == "startup"]
    assert [(change.code, change.kind, change.fields) for change in startups] == [
        ("CA-01", "changed", ("name_ja", "pillar")), ("SL-01", "removed", ()), ("SL-02", "added", ()),
    ]  # fmt: skip


def test_the_example_policy_can_be_put_in_force() -> None:
    policy = read_policy(DATA / "policy" / "example.yaml")
    assert [rule.stages[-1].kind.value for rule in policy.rules] == ["final"] * 3


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("id: x\ngrowth: sideways\n", ":2 [growth]"),
        ("id: x\nrules:\n  - when: {step: [fly]}\n", ":3 [rules.0.when.step.0]"),
        ("id: x\nrules:\n  - stages:\n      - {kind: final}\n      - {kind: final}\n", ":3 [rules.0.stages]"),
        ("id: x\nrules:\n  - stages: [{kind: line}]\n", ":3 [rules.0.stages]"),
        ("id: x\nrules:\n  - stages: [{kind: final, posts: [boss]}]\n", "[rules.0.stages.0.posts.0]"),
        ("id: x\nobservation_days: many\n", ":2 [observation_days]"),
        ("id: x\nid: y\n", ":2 [id]"),
        ("id: x\n  bad: indent\n", ":2"),
        ("id: &a x\ntitle_ja: *a\n", ":2"),
        ("id: !!python/object/apply:os.system ['true']\n", ":1 [id]"),
        ("id: !!python/name:os.system\n", ":1"),
        ("- 1\n", "given.yaml"),
    ],
)
def test_a_policy_with_an_error_is_named_by_line_and_key(tmp_path: Path, text: str, place: str) -> None:
    with pytest.raises(FileError) as refused:
        read_policy(written(tmp_path, text))
    assert place in str(refused.value)
    assert "\n" not in str(refused.value)


def test_every_error_of_a_file_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(FileError) as refused:
        read_policy(written(tmp_path, "id: x\ngrowth: sideways\nobservation_days: many\n"))
    assert ":2 [growth]" in str(refused.value)
    assert "3 [observation_days]" in str(refused.value)


@pytest.mark.parametrize(
    ("text", "ja", "en"),
    [
        ("id: x\ngrowth: sideways\n", "次のどれかにしてください: ", "must be one of "),
        ("id: x\nwings: 2\n", "この項目はありません", "there is no such key"),
        ("id: x\nobservation_days: many\n", "整数が必要です", "must be a whole number"),
        ("id: x\nobservation_days: -1\n", "0 以上にしてください", "must be 0 or more"),
        ("id: x\nhourly_rate_yen: much\n", "数が必要です", "must be a number"),
        ("id: x\npost_review: maybe\n", "true か false にしてください", "must be true or false"),
        ("id: ''\n", "1 文字以上必要です", "must have at least 1 characters"),
        ("id: x\nconcurrence: [{mode: opinion}]\n", "入力が必要です", "this is needed"),
        ("id: x\nrules: 5\n", "一覧が必要です", "must be a list"),
        ("id: x\nrules: [5]\n", "項目と値の組が必要です", "must be keys with values"),
        ("id: x\ndue: {duration: soon}\n", "長さが必要です", "must be a duration"),
        ("id: x\nrules: [{stages: [{kind: final, posts: [boss]}]}]\n", "職の書き方が違います", "not a post: 'boss'"),
        (
            "id: x\nrules: [{stages: [{kind: final, mode: opinion}]}]\n",
            "意見(opinion)にできるのは合議(concurrence)だけです", "only a concurrence can be an opinion",
        ),
        (
            "id: x\nrules: [{stages: [{kind: final, posts: [superiors]}]}]\n",
            "superiors は line の段階に単独で置きます", "superiors stand alone",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_our_own_words_in_both_languages(
    tmp_path: Path, text: str, ja: str, en: str
) -> None:
    with pytest.raises(FileError) as refused:
        read_policy(written(tmp_path, text))
    assert ja in refused.value.ja
    assert en in refused.value.en
    assert "Input should" not in str(refused.value)
    assert not any("\u3040" <= one <= "\u9fff" for one in refused.value.en.replace(str(tmp_path), ""))


def test_all_the_following_errors_stand_in_both_languages_and_very_many_become_a_number(tmp_path: Path) -> None:
    with pytest.raises(FileError) as refused:
        read_policy(written(tmp_path, "id: x\nobservation_days: many\nwings: 2\n"))
    assert "; 3 [wings]: この項目はありません" in refused.value.ja
    assert "; 3 [wings]: there is no such key" in refused.value.en
    with pytest.raises(FileError) as refused:
        read_policy(written(tmp_path, "id: x\n" + "".join(f"w{number}: 1\n" for number in range(60))))
    assert refused.value.ja.endswith("; ほか 10 件")
    assert refused.value.en.endswith("; and 10 more")


def test_a_value_that_could_be_two_things_is_named_once_by_its_key_alone(tmp_path: Path) -> None:
    with pytest.raises(FileError) as refused:
        read_policy(written(tmp_path, "id: x\nrules:\n  - stages:\n      - {kind: final, quorum: most}\n"))
    assert str(refused.value).count("rules.0.stages.0.quorum]") == 1
    assert refused.value.column == "rules.0.stages.0.quorum"


def test_a_policy_names_every_unit_that_is_not_there_and_every_rule_without_a_decider(tmp_path: Path) -> None:
    text = (
        "id: x\nholidays_country: XX\nrules:\n  - stages:\n      - kind: final\n        posts: [head@NOWHERE]\n"
        "  - stages:\n      - {kind: line, quorum: 3}\n"
    )
    with pytest.raises(FileError) as refused:
        read_policy(written(tmp_path, text), city.organisation())
    said = str(refused.value)
    for place in (":2 [holidays_country]", "6 [rules.0.stages.0.posts.0]", "7 [rules.1.stages]"):
        assert place in said
    assert "8 [rules.1.stages.0.quorum]" in said
    known = written(tmp_path, "id: x\nrules:\n  - stages: [{kind: final, posts: [head@D]}]\n")
    assert read_policy(known, city.organisation()).rules[0].stages[0].posts == ("head@D",)


def test_an_edition_names_each_startup_once(tmp_path: Path) -> None:
    startup = "{code: A, governance: section_led}"
    with pytest.raises(FileError, match="A stands twice"):
        read_edition(written(tmp_path, f"id: x\nstartups: [{startup}, {startup}]\n"))
