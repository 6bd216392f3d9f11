import zipfile
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook

from engine.data.shipped import sample_absences, sample_organisation
from engine.domain.organisation.consistency import contradictions
from engine.domain.organisation.organisation import PostRef, UnitLevel
from engine.exchange.errors import FileError
from engine.exchange.organisation_import import COLUMNS, read_organisation

UNITS = "code,name_ja,name_en,level,parent_code\nC,全庁,City,citywide,\nD,市民部,Citizens,department,C\n"
PEOPLE = "person_id,name,email,locale\na,茨木 花子,a@example.jp,ja\nb,Ms B,b@example.jp,en\n"
POSTS = "person_id,unit_code,title,role,duties,valid_from,valid_to\na,D,部長,head,cdo; dx_team,2026-04-01,\n"


def folder(at: Path, encoding: str = "utf-8", **changed: str) -> Path:
    for name, text in {"units": UNITS, "people": PEOPLE, "posts": POSTS}.items():
        (at / f"{name}.csv").write_bytes(changed.get(name, text).encode(encoding))
    return at


def book(at: Path, **changed: str) -> Path:
    made = Workbook()
    made.remove(made.worksheets[0])
    for name, text in {"units": UNITS, "people": PEOPLE, "posts": POSTS}.items():
        sheet = made.create_sheet(name)
        for line in changed.get(name, text).strip().split("\n"):
            sheet.append(line.split(","))
    made.save(at / "city.xlsx")
    return at / "city.xlsx"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_a_folder_of_csv_files_is_read_in_every_usual_encoding(tmp_path: Path, encoding: str) -> None:
    found = read_organisation(folder(tmp_path, encoding))
    assert found.people[0].name == "茨木 花子"
    assert [duty.value for duty in found.posts[0].duties] == ["cdo", "dx_team"]
    assert found.posts[0].valid_from == date(2026, 4, 1)


def test_a_spreadsheet_says_the_same_as_the_folder(tmp_path: Path) -> None:
    assert read_organisation(book(tmp_path)) == read_organisation(folder(tmp_path))


def test_blank_lines_and_the_order_of_columns_do_not_matter(tmp_path: Path) -> None:
    people = "name,person_id,locale,email\n\n茨木 花子, a ,ja,a@example.jp\n,,,\nMs B,b,en,b@example.jp\n"
    assert read_organisation(folder(tmp_path, people=people)) == read_organisation(folder(tmp_path))


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"units": UNITS + "D,二つ目,,department,C\n"}, "units.csv:3 [code]"),
        ({"units": UNITS + "S,課,,section,X\n"}, "units.csv:4 [parent_code]"),
        ({"units": UNITS + "S,課,,unit,D\nT,課,,section,S\n"}, "units.csv:5 [parent_code]"),
        ({"units": UNITS + "E,全庁,,citywide,\n"}, "units.csv:4 [level]"),
        ({"units": UNITS + "S,課,,team,D\n"}, "units.csv:4 [level]"),
        ({"units": UNITS.replace("市民部", "")}, "units.csv:3 [name_ja]"),
        ({"units": UNITS.replace("level", "grade")}, "units.csv:1 [grade]"),
        ({"units": UNITS.replace(",parent_code", "").replace(",\n", "\n").replace(",C\n", "\n")},
         "units.csv:1 [parent_code]"),
        ({"people": PEOPLE + "a,同じ,,ja\n"}, "people.csv:2 [person_id]"),
        ({"people": PEOPLE + "c,仏語,,fr\n"}, "people.csv:4 [locale]"),
        ({"people": PEOPLE + "c,多い,,ja,余分\n"}, "people.csv:4:"),
        ({"posts": POSTS + "ghost,D,主査,staff,,,\n"}, "posts.csv:3 [person_id]"),
        ({"posts": POSTS + "b,X,主査,staff,,,\n"}, "posts.csv:3 [unit_code]"),
        ({"posts": POSTS + "b,D,部長,head,,,\n"}, "posts.csv:3 [role]"),
        ({"posts": POSTS + "b,D,主査,staff,juggler,,\n"}, "posts.csv:3 [duties]"),
        ({"posts": POSTS + "b,D,主査,staff,,2026-04-01,2026-03-31\n"}, "posts.csv:3 [valid_to]"),
        ({"posts": POSTS + "b,D,主査,staff,,昨日,\n"}, "posts.csv:3 [valid_from]"),
        ({"posts": POSTS + 'b,D,"主査,staff,,,\n'}, "posts.csv:"),
    ],
)  # fmt: skip
def test_a_broken_line_is_one_line_that_says_file_row_and_column(
    tmp_path: Path, changed: dict[str, str], place: str
) -> None:
    with pytest.raises(FileError) as refused:
        read_organisation(folder(tmp_path, **changed))
    line = str(refused.value)
    assert place in line
    assert " / " in line
    assert "\n" not in line


def test_every_broken_row_of_every_file_is_named_at_once_in_our_own_words(tmp_path: Path) -> None:
    broken = {
        "units": UNITS + "S,課,,team,D\n",
        "people": PEOPLE + "c,,,fr\nd,仏語,,fr\n",
        "posts": POSTS + "b,D,主査,staff,,昨日,\n",
    }
    with pytest.raises(FileError) as refused:
        read_organisation(folder(tmp_path, **broken))
    for told in (refused.value.ja, refused.value.en):
        assert told.startswith(f"{tmp_path / 'units.csv'}:4 [level]:")
        for place in ("people.csv:4 [name]:", "people.csv:5 [locale]:", "posts.csv:3 [valid_from]:"):
            assert place in told
    assert "Input should be" not in refused.value.en


def test_every_contradiction_is_named_at_once(tmp_path: Path) -> None:
    posts = POSTS + "ghost,D,主査,staff,,,\nb,X,主査,staff,,,\n"
    with pytest.raises(FileError) as refused:
        read_organisation(folder(tmp_path, posts=posts))
    assert "posts.csv:3 [person_id]" in refused.value.ja
    assert "; 4 [unit_code]: その組織はありません (X)" in refused.value.ja


def test_two_heads_in_turn_are_no_contradiction(tmp_path: Path) -> None:
    posts = POSTS.replace("2026-04-01,", "2026-04-01,2027-03-31") + "b,D,部長,head,,2027-04-01,\n"
    found = read_organisation(folder(tmp_path, posts=posts))
    post = PostRef.parse("head@D")
    assert [found.holders(post, day) for day in (date(2027, 3, 31), date(2027, 4, 1))] == [("a",), ("b",)]


def test_what_is_no_organisation_is_said_plainly(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("hello")
    fake = tmp_path / "fake.xlsx"
    fake.write_text("hello")
    for path, word in ((tmp_path / "none", "見つかりません"), (text, ".xlsx"), (fake, "not a spreadsheet")):
        with pytest.raises(FileError, match=word):
            read_organisation(path)
    binary = folder(tmp_path)
    (binary / "people.csv").write_bytes(b"\xff\xfe\x00\x81\xff")
    with pytest.raises(FileError, match="CP932"):
        read_organisation(binary)


def test_a_spreadsheet_that_hides_something_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"people:3 \[A3\].*formulas"):
        read_organisation(book(tmp_path, people=PEOPLE.replace("b,Ms B", "=1+1,Ms B")))
    merged = Workbook()
    merged.remove(merged.worksheets[0])
    for name, columns in COLUMNS.items():
        merged.create_sheet(name).append(list(columns))
    merged["people"].merge_cells("A2:B3")
    merged.save(tmp_path / "merged.xlsx")
    with pytest.raises(FileError, match="A2:B3"):
        read_organisation(tmp_path / "merged.xlsx")


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as package:
        for number in range(3):
            package.writestr(f"{number}.xml", b"0" * 80_000_000)
    assert bomb.stat().st_size < 1_000_000
    with pytest.raises(FileError, match="too large when unpacked"):
        read_organisation(bomb)


def test_the_sample_city_is_whole_and_as_large_as_promised() -> None:
    city = sample_organisation()
    today = date(2026, 11, 24)
    assert contradictions(city) == ()
    levels = [unit.level for unit in city.units]
    assert [levels.count(level) for level in (UnitLevel.DEPARTMENT, UnitLevel.SECTION)] == [8, 30]
    assert levels.count(UnitLevel.UNIT) > 50
    assert len(city.people) == 150
    assert {person.locale for person in city.people} == {"ja", "en"}
    assert "サンプル" in city.citywide().name_ja
    vacant = [
        unit.name_ja for unit in city.units
        if not city.holders(PostRef(kind="head", unit=unit.code), today)
    ]  # fmt: skip
    assert vacant == ["文化振興課"]
    assert [person.person_id for person in city.people if len(city.posts_of(person.person_id, today)) == 2] == [
        "p006"
    ]
    before, after = (city.holders(PostRef.parse("head@3100"), day) for day in (today, date(2027, 4, 1)))
    assert before != after
    (absence,) = sample_absences()
    assert city.person(absence.person_id) is not None
    assert absence.covers(today)
