"""What cities really bring, and what would put one out of work: each is one line that names the place."""

from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from engine.domain.organisation.consistency import contradictions
from engine.domain.organisation.organisation import Organisation, Person
from engine.domain.review.policy import Policy
from engine.exchange.document_import import read_edition, read_policy
from engine.exchange.errors import FileError
from engine.exchange.organisation_import import read_organisation
from engine.exchange.records import InitiativeRecord, read_records

UNITS = "code,name_ja,name_en,level,parent_code\nC,全庁,City,citywide,\nD,市民部,Citizens,department,C\n"
PEOPLE = "person_id,name,email,locale\na,茨木 花子,a@example.jp,ja\nb,Ms B,b@example.jp,en\n"
POSTS = "person_id,unit_code,title,role,duties,valid_from,valid_to\na,D,部長,head,cdo,2026-04-01,\n"

HEADED = {"people": PEOPLE[: PEOPLE.index("\n") + 1], "posts": POSTS[: POSTS.index("\n") + 1]}


def refused(at: Path, **changed: str) -> FileError:
    for name, text in {"units": UNITS, "people": PEOPLE, "posts": POSTS}.items():
        (at / f"{name}.csv").write_text(changed.get(name, text), encoding="utf-8")
    with pytest.raises(FileError) as error:
        read_organisation(at)
    assert "\n" not in str(error.value)
    return error.value


def yaml(at: Path, text: str) -> Path:
    file = at / "given.yaml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    "day", ["0", "-5", "60", "1774483200", "20270331", "46113", "2026/4/1", "2026-4-1", "R8.4.1", "令和8年4月1日"]
)
def test_a_day_in_a_file_is_an_iso_day_and_the_answer_says_how_to_write_it(tmp_path: Path, day: str) -> None:
    error = refused(tmp_path, posts=POSTS + f"b,D,主任,staff,,,{day}\n")
    assert "posts.csv:3 [valid_to]: 日付は 2027-04-01 のように書いてください" in error.ja
    assert "must be a date, such as 2027-04-01" in error.en


@pytest.mark.parametrize("day", ["1899-12-25", "1900-02-28", "9999-12-31"])
def test_a_day_of_nobodys_working_life_is_refused(tmp_path: Path, day: str) -> None:
    assert "must be a day from 1950 to 2199" in refused(tmp_path, posts=POSTS + f"b,D,主任,staff,,,{day}\n").en


@pytest.mark.parametrize(
    ("changed", "ja", "en"),
    [
        (
            {"people": PEOPLE + "c,x\x1by,,ja\n"},
            "people.csv:4 [name]: 使えない文字(U+001B)",
            "written (U+001B)",
        ),
        ({"people": PEOPLE + "p1/../x,C,,ja\n"}, "people.csv:4 [person_id]: 半角の英数字", "ASCII letters"),
        ({"people": PEOPLE + "p 1,C,,ja\n"}, "people.csv:4 [person_id]", "ASCII letters"),
        ({"people": PEOPLE + "c,C,A@EXAMPLE.JP,ja\n"}, "people.csv:2 [email]: 同じメールアドレス", "the same e-mail"),
        (
            {"people": PEOPLE + "c,C,not an email,ja\n"},
            "people.csv:4 [email]: メールアドレスではありません",
            "no e-mail",
        ),
        (
            {"people": HEADED["people"]},
            "people.csv:1: 見出しだけで、1行もありません",
            "a heading and no row",
        ),
        (
            {"posts": HEADED["posts"]},
            "posts.csv:1: 見出しだけで、1行もありません",
            "a heading and no row",
        ),
        ({"units": UNITS.replace(",", "\t")}, "units.csv:1: タブ区切りです", "separated by tabs"),
        ({"units": UNITS.replace(",", ";")}, "units.csv:1: セミコロン(;)区切りです", "separated by semicolons"),
    ],
)
def test_what_would_lock_people_out_or_hide_is_named(
    tmp_path: Path, changed: dict[str, str], ja: str, en: str
) -> None:
    error = refused(tmp_path, **changed)
    assert ja in error.ja
    assert en in error.en


def test_what_is_in_force_already_stays_readable() -> None:
    one = Person(person_id="p 1", name="x\x1by", email="nowhere")
    assert Organisation.model_validate_json(Organisation(people=(one,)).model_dump_json()).people == (one,)
    assert [found.code for found in contradictions(Organisation(people=(one,)))][-1:] == ["no_address"]
    assert Policy.model_validate_json('{"rules": [{"stages": [{"posts": []}]}], "due": {"duration": "-PT3S"}}')


def test_a_code_that_a_spreadsheet_made_a_number_is_refused_with_its_cell(tmp_path: Path) -> None:
    made = Workbook()
    made.remove(made.worksheets[0])
    for name, text in {"units": UNITS, "people": PEOPLE, "posts": POSTS}.items():
        sheet = made.create_sheet(name)
        for line in text.strip().split("\n"):
            sheet.append(line.split(","))
    made["units"]["A3"].value = 110
    made.save(tmp_path / "city.xlsx")
    with pytest.raises(FileError) as error:
        read_organisation(tmp_path / "city.xlsx")
    assert "city.xlsx!units:3 [A3]: コードが数値になっています" in error.value.ja
    assert "format the cell as text" in error.value.en
    rows = Workbook()
    rows.active.title = "initiatives"
    rows.active.append(["title", "org_scope", "org_unit", "work_scope"])
    rows.active.append(["題", "unit", 110, "task"])
    rows.save(tmp_path / "rows.xlsx")
    with pytest.raises(FileError, match="C2"):
        list(read_records("initiatives", InitiativeRecord, tmp_path / "rows.xlsx", back=False))


def test_a_workbook_damaged_anywhere_is_one_line(tmp_path: Path) -> None:
    made = Workbook()
    made.active.title = "initiatives"
    made.active.append(["title", "org_scope", "org_unit", "work_scope"])
    for number in range(300):
        made.active.append([f"題{number}", "unit", "U", "task"])
    made.save(tmp_path / "whole.xlsx")
    whole = (tmp_path / "whole.xlsx").read_bytes()
    for start in range(0, len(whole), max(1, len(whole) // 60)):
        damaged = bytearray(whole)
        for place in range(start, min(start + 40, len(whole))):
            damaged[place] ^= 0xFF
        file = tmp_path / "damaged.xlsx"
        file.write_bytes(damaged)
        try:
            found: list[Any] = list(read_records("initiatives", InitiativeRecord, file, back=False))
        except FileError as error:
            assert "\n" not in str(error)  # noqa: PT017 - most are refused, a few bytes do not matter
        else:
            assert len(found) == 300


@pytest.mark.parametrize(
    ("text", "place", "en"),
    [
        ("id: x\nrules: [{stages: [{kind: final, posts: []}]}]\n", "rules.0.stages.0.posts", "at least one post"),
        ("id: x\ndue: {business_days: null, duration: P99999999D}\n", "due", "at most three years"),
        (
            "id: x\nescalate_after: {business_days: null, duration: P99999999D}\n",
            "escalate_after",
            "at most",
        ),
        ("id: x\ndue: {business_days: null, duration: -PT3S}\n", "due", "longer than nothing"),
        ("id: x\ndue: {business_days: null, duration: PT0S}\n", "due", "longer than nothing"),
        ("id: x\ndue: {business_days: 5, duration: PT3S}\n", "due", "exclude each other"),
        ("id: x\ndue: {business_days: null}\n", "due", "must say business_days or duration"),
        ("id: x\nrules: [{due: {business_days: null, duration: PT0S}}]\n", "rules.0.due", "longer"),
        ("id: x\nhourly_rate_yen: .inf\n", "hourly_rate_yen", "not infinite"),
        ("id: x\nhourly_rate_yen: 1e400\n", "hourly_rate_yen", "not infinite"),
        ("id: x\nobservation_days: yes\n", "observation_days", "whole number"),
        ("title_ja: 規程\n", "id", "this is needed"),
        ('id: x\ntitle_ja: "\\e"\n', "title_ja", "U+001B"),
    ],
)
def test_a_policy_that_would_stop_the_city_is_refused_by_line_and_key(
    tmp_path: Path, text: str, place: str, en: str
) -> None:
    with pytest.raises(FileError) as error:
        read_policy(yaml(tmp_path, text))
    assert error.value.column == place
    assert error.value.row == (1 if place in {"id", "title_ja"} and "id: x" not in text else 2)
    assert en in error.value.en


EDITION = "id: e\ntitle_ja: 版\nstartups:\n  - {code: A, governance: section_led}\n"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("id: hello\n", "given.yaml:1 [startups]: 柱もスタートアップもありません"),
        (EDITION + "  - {code: A, governance: section_led}\n", "given.yaml:5 [startups.1.code]: A が重複しています"),
        (EDITION + "  - {code: B, governance: section_led, replaces: [B]}\n", ":5 [startups.1.replaces]"),
        (EDITION + "  - {code: B, governance: section_led, pillar: P1}\npillars:\n"
         "  - {code: P2, name_ja: 二, name_en: two}\n", ":5 [startups.1.pillar]"),
        (EDITION + "  - code: B\n    governance: section_led\n    milestones:\n      - {code: M, name: x, due: 0}\n",
         ":8 [startups.1.milestones.0.due]: 日付は 2027-04-01 のように書いてください"),
        (EDITION + "  - code: B\n    governance: section_led\n    milestones:\n"
         "      - {code: M, name: x, due: 9999-12-31}\n", ":8 [startups.1.milestones.0.due]"),
        (EDITION + "  - code: B\n    governance: section_led\n    milestones:\n"
         "      - {code: M, name: x, due: 2027-04-01}\n      - {code: M, name: y, due: 2027-04-01}\n",
         ":9 [startups.1.milestones.1.code]: M が重複しています"),
        ('id: "\\ufffe"\npillars: [{code: P1, name_ja: 一, name_en: one}]\n', ":1 [id]"),
        ("id: x\na: " + "[" * 20_000 + "\n", ":2: 入れ子が深すぎます"),
        ("id: x\na: " + "{a: " * 5_000 + "\n", ":2: 入れ子が深すぎます"),
    ],
)  # fmt: skip
def test_an_edition_that_says_too_little_or_too_much_is_refused_at_its_line(
    tmp_path: Path, text: str, place: str
) -> None:
    with pytest.raises(FileError) as error:
        read_edition(yaml(tmp_path, text))
    assert place in str(error.value)


def test_a_row_says_which_values_there_are_and_how_long_it_may_be(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("title,org_scope,org_unit,work_scope\n題,planet,U,task\n", encoding="utf-8")
    with pytest.raises(FileError) as error:
        list(read_records("initiatives", InitiativeRecord, file, back=False))
    assert "2 [org_scope]: 選べる値: 'individual', 'unit'" in error.value.ja
