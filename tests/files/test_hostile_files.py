import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from engine.exchange.errors import FileError
from engine.exchange.records import InitiativeRecord, read_records

HEADING = "title,org_scope,org_unit,work_scope,owner"
ROW = "届く窓口,unit,U,task,owner"


def read(path: Path) -> list[InitiativeRecord]:
    return [record for _, record in read_records("initiatives", InitiativeRecord, path, back=False)]


def refused(path: Path) -> str:
    with pytest.raises(FileError) as error:
        read(path)
    said = str(error.value)
    assert "\n" not in said
    assert " / " in said
    return said


def book(at: Path, *, change: Any = None, rows: list[list[Any]] | None = None, name: str = "initiatives") -> Path:
    made = Workbook()
    sheet = made.worksheets[0]
    sheet.title = name
    for row in rows or [HEADING.split(","), ROW.split(",")]:
        sheet.append(row)
    if change is not None:
        change(made, sheet)
    made.save(at / "x.xlsx")
    return at / "x.xlsx"


def repacked(path: Path, part: str, change: Any) -> Path:
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    parts[part] = change(parts.get(part, b""))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return path


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "empty"),
        (b"  \r\n", "empty"),
        (b"PK\x03\x04rest", ".xlsx"),
        (HEADING.encode() + b"\n\x81\xff\xff,unit,U,task,x\n", "x.csv:2: UTF-8"),
        ((HEADING + "\n" + ROW + ",more\n").encode(), "x.csv:2:"),
        ((HEADING + ",colour\n" + ROW + ",red\n").encode(), "x.csv:1 [colour]"),
        ((HEADING + ",owner\n" + ROW + ",owner\n").encode(), "x.csv:1 [owner]"),
        (("title,org_scope\n題,unit\n").encode(), "x.csv:1 [org_unit]"),
        ((HEADING + "\n" + "長" * 40_000 + ",unit,U,task,x\n").encode(), "x.csv:2 [title]"),
        ((HEADING + '\n"題,unit,U,task,x\n').encode(), "not CSV"),
        ((HEADING + "\n題,team,U,task,x\n").encode(), "x.csv:2 [org_scope]"),
        ((HEADING + "\n,unit,U,task,x\n").encode(), "x.csv:2 [title]"),
        (b",,\n", "no heading"),
    ],
)  # fmt: skip
def test_a_bad_csv_is_one_line_that_names_the_place(tmp_path: Path, raw: bytes, said: str) -> None:
    (tmp_path / "x.csv").write_bytes(raw)
    assert said in refused(tmp_path / "x.csv")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
def test_every_usual_encoding_is_read_with_quotes_and_line_ends_in_cells(tmp_path: Path, encoding: str) -> None:
    text = HEADING + '\r\n"届く""窓口"", その\n2",unit,U,task,owner\r\n\r\n'
    (tmp_path / "x.csv").write_bytes(text.encode(encoding))
    assert [one.title for one in read(tmp_path / "x.csv")] == ['届く"窓口", その\n2']


def test_another_ending_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.ods").write_bytes(b"PK\x03\x04")
    assert ".xlsx" in refused(tmp_path / "x.ods")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda _, sheet: sheet.__setitem__("A2", "=1+1"), "initiatives:2 [A2]"),
        (lambda _, sheet: sheet.merge_cells("B2:C2"), "B2:C2"),
        (lambda made, sheet: (made.create_sheet("other"), setattr(sheet, "sheet_state", "hidden")), "hidden"),
        (lambda made, sheet: (made.create_sheet("other"), setattr(sheet, "title", "mine")), "missing"),
        (lambda _, sheet: sheet.__setitem__("G2", "far"), "initiatives:2:"),
        (lambda _, sheet: sheet.__setitem__("A2", "#REF!"), "initiatives:2 [A2]"),
    ],
)
def test_a_workbook_that_hides_something_is_refused_with_its_place(tmp_path: Path, change: Any, said: str) -> None:
    assert said in refused(book(tmp_path, change=change))


def test_the_only_sheet_is_taken_whatever_it_is_called(tmp_path: Path) -> None:
    assert len(read(book(tmp_path, name="Sheet1"))) == 1


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = repacked(book(tmp_path), "xl/worksheets/sheet1.xml", lambda part: part + b" " * 60_000_000)
    assert path.stat().st_size < 200_000
    assert "too large when unpacked" in refused(path)


def test_a_workbook_of_very_many_parts_is_refused(tmp_path: Path) -> None:
    path = book(tmp_path)
    with zipfile.ZipFile(path, "a") as package:
        for number in range(2_001):
            package.writestr(f"xl/media/{number}.bin", b"")
    assert "too large when unpacked" in refused(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_external_entities_are_refused(tmp_path: Path, encoding: str) -> None:
    evil = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><worksheet>&e;</worksheet>'
    path = repacked(book(tmp_path), "xl/worksheets/sheet1.xml", lambda _: evil.encode(encoding))
    assert "DTD" in refused(path)


def test_an_old_or_locked_workbook_and_a_text_in_disguise_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0" + struct.pack("<Q", 7))
    assert "password" in refused(path)
    path.write_text("title,org_scope", encoding="utf-8")
    assert "not a spreadsheet" in refused(path)
    path.write_bytes(b"")
    assert "empty" in refused(path)


def test_a_sheet_that_claims_to_be_endless_costs_nothing(tmp_path: Path) -> None:
    path = repacked(
        book(tmp_path), "xl/worksheets/sheet1.xml",
        lambda part: part.replace(b'<dimension ref="A1:E2"', b'<dimension ref="A1:XFD1048576"'),
    )  # fmt: skip
    assert len(read(path)) == 1


def test_a_row_at_the_far_end_of_a_sheet_is_not_waited_for(tmp_path: Path) -> None:
    path = book(tmp_path, change=lambda _, sheet: sheet.__setitem__("A1048576", "x"))
    assert len(read(path)) == 1


def test_a_hundred_thousand_rows_are_read_one_at_a_time_and_one_more_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(HEADING + "\n" + (ROW + "\n") * 100_001, encoding="utf-8")
    rows = read_records("initiatives", InitiativeRecord, path, back=False)
    count = 0
    with pytest.raises(FileError, match=r"x\.csv:100002: 100,000"):
        for count, _ in rows:  # noqa: B007 - the last number is what is asked
            pass
    assert count == 100_001


def test_a_day_is_read_as_text_as_a_day_and_as_excels_serial(tmp_path: Path) -> None:
    from engine.exchange.tables import Layout, rows_of

    path = book(tmp_path, rows=[["on"], ["2026-04-01"], [46113], [45000.5]], name="days")
    layout = Layout(name="days", columns=("on",), needed=("on",), dates=frozenset({"on"}))
    found = [row.values["on"] for row in rows_of(path, layout)]
    assert found == ["2026-04-01", "2026-04-01", "2023-03-15T12:00:00"]
    assert load_workbook(path).sheetnames == ["days"]
