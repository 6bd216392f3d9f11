import csv
import io
import string
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from engine.domain.deliverables.imagine import Direction
from engine.domain.deliverables.share import PublicLevel
from engine.domain.deliverables.transform import Difficulty
from engine.domain.roadmap import Governance, Pillar
from engine.domain.scope import OrgScope, WorkScope
from engine.domain.steps import CycleKind, CycleStatus, Step
from engine.exchange.cells import guarded, lines_of, shown, unguarded
from engine.exchange.errors import FileError
from engine.exchange.kinds import Format
from engine.exchange.records import (
    CaseRecord,
    EffectRecord,
    EventRecord,
    ExchangeRecord,
    InitiativeRecord,
    read_cases,
    read_effects,
    read_records,
    write_records,
)

TABLES = (Format.CSV, Format.XLSX, Format.JSON)
ODD = ["=1+1", "+81 72", "-", "@sum", "\tx", "\rx", "'=x", "'", "''", "＝SUM(A1)", "0012", "1e5", "TRUE", "#N/A",
       " x ", "a\r\nb", "a\nb", "_x000D_", "\x07", '"quoted", and "more"', "髙﨑🦆", "…[1]", "\\n",
       "nan", "None"]  # fmt: skip
TEXT = st.one_of(
    st.sampled_from(ODD),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=30),
)
NAME = st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=12)
NUMBER = st.one_of(
    st.none(), st.floats(-1e12, 1e12, allow_nan=False), st.integers(-(10**9), 10**9).map(float), st.just(0.1)
)
MAYBE = st.one_of(st.none(), TEXT)
MOMENT = st.integers(10**9, 4 * 10**9).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
DAY = st.one_of(st.none(), st.dates(date(1950, 1, 1), date(2090, 1, 1)))
COUNT = st.integers(0, 10**6)
LINES = st.lists(st.one_of(st.just(""), TEXT), max_size=4).map(tuple)

INITIATIVE = st.builds(
    InitiativeRecord, id=NAME, title=TEXT, org_scope=st.sampled_from(OrgScope), org_unit=st.just("0101"),
    work_scope=st.sampled_from(WorkScope), pillar=st.none() | st.sampled_from(Pillar), startup=MAYBE,
    adopted_from=MAYBE, owner=MAYBE, fiscal_year=st.integers(2000, 2100), created_at=MOMENT, cycles=COUNT,
    open_cycles=COUNT, largest_scope=st.sampled_from(OrgScope), status=st.sampled_from(CycleStatus),
    step=st.sampled_from(Step), hours_saved_per_year=NUMBER, yen_per_year=NUMBER,
)  # fmt: skip
CASE = st.builds(
    CaseRecord, cycle_id=NAME, initiative_id=NAME, turn=COUNT, kind=st.sampled_from(CycleKind), title=TEXT,
    pillar=st.none() | st.sampled_from(Pillar), startup=MAYBE, governance=st.sampled_from(Governance),
    org_scope=st.sampled_from(OrgScope), org_unit=TEXT, work_scope=st.sampled_from(WorkScope), owner=TEXT,
    fiscal_year=COUNT, shared_at=MOMENT, summary=MAYBE, before=MAYBE, after=MAYBE, minutes_before=NUMBER,
    cost_initial_yen=NUMBER, difficulty=st.none() | st.sampled_from(Difficulty), tools=LINES, core_elements=LINES,
    voices=LINES, assets=LINES, lessons_failed=MAYBE, public_level=st.none() | st.sampled_from(PublicLevel),
)  # fmt: skip
EFFECT = st.builds(
    EffectRecord, cycle_id=NAME, initiative_id=NAME, turn=COUNT, kind=st.sampled_from(CycleKind),
    status=st.sampled_from(CycleStatus), title=TEXT, org_scope=st.sampled_from(OrgScope), org_unit=TEXT, owner=TEXT,
    fiscal_year=st.none() | COUNT, measure=TEXT, name=MAYBE, unit=TEXT, direction=st.sampled_from(Direction),
    baseline=NUMBER, target=NUMBER, actual=NUMBER, increment=NUMBER, method=MAYBE, measured_on=DAY, result_from=DAY,
    result_to=DAY, n=st.none() | COUNT, same_method=st.none() | st.booleans(),
)  # fmt: skip
EVENT = st.builds(
    EventRecord, position=COUNT, cycle_id=NAME, seq=COUNT, at=MOMENT, type=NAME, actor=TEXT, on_behalf_of=MAYBE,
    command_id=MAYBE, data=TEXT, hash=MAYBE,
)  # fmt: skip
OFTEN = settings(
    max_examples=15,
    deadline=None,
    phases=(Phase.generate,),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def written(at: Path, what: str, records: list[Any], file_format: Format, **more: bool) -> Path:
    path = at / f"{what}.{file_format.value}"
    path.write_bytes(b"".join(write_records(what, type(records[0]), records, file_format, **more)))
    return path


def back(what: str, model: type[ExchangeRecord], path: Path) -> list[ExchangeRecord]:
    return [record for _, record in read_records(what, model, path)]


@pytest.mark.parametrize("file_format", TABLES)
@pytest.mark.parametrize(
    ("what", "records"),
    [("initiatives", INITIATIVE), ("cases", CASE), ("effects", EFFECT), ("events", EVENT)],
)
def test_what_is_written_reads_back_the_same_in_every_format(
    tmp_path: Path, what: str, records: st.SearchStrategy[ExchangeRecord], file_format: Format
) -> None:
    @OFTEN
    @given(st.lists(records, min_size=1, max_size=5))
    def holds(found: list[ExchangeRecord]) -> None:
        assert back(what, type(found[0]), written(tmp_path, what, found, file_format)) == found

    holds()


@given(st.one_of(TEXT, st.sampled_from(ODD).map(lambda text: f"'{text}")))
def test_no_guarded_cell_is_a_formula_and_each_reads_back(text: str) -> None:
    cell = guarded(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"))
    assert unguarded(cell) == text


def test_an_apostrophe_that_somebody_typed_before_a_word_stays() -> None:
    assert unguarded("'tis") == "'tis"


@given(LINES)
def test_a_list_keeps_its_items_whatever_line_ends_they_hold(items: tuple[str, ...]) -> None:
    assert lines_of(shown(items)) == items


def case(**changed: Any) -> CaseRecord:
    plain = {
        "cycle_id": "i1-1", "initiative_id": "i1", "turn": 1, "kind": "start", "title": "題",
        "governance": "section_led", "org_scope": "unit", "org_unit": "0101",
        "work_scope": "task", "owner": "p1", "fiscal_year": 2026, "shared_at": datetime(2026, 11, 24, tzinfo=UTC),
    }  # fmt: skip
    return CaseRecord.model_validate(plain | changed)


def test_a_list_longer_than_a_cell_of_excel_comes_back_whole(tmp_path: Path) -> None:
    long = case(core_elements=tuple(f"{number} " + "=長い\r\n" * 500 for number in range(40)), hard_parts="…[1]")
    path = written(tmp_path, "cases", [long, long], Format.XLSX)
    sheet = load_workbook(path)["cases"]
    assert max(len(str(cell.value or "")) for row in sheet for cell in row) <= 32_767
    assert list(read_cases(path)) == [long, long]


def test_excel_sees_text_numbers_and_days_for_what_they_are(tmp_path: Path) -> None:
    effect = EffectRecord.model_validate(
        {
            "cycle_id": "i1-1", "initiative_id": "i1", "turn": 1, "kind": "start", "status": "completed",
            "title": "=HYPERLINK(0)", "org_scope": "unit", "org_unit": "0101", "owner": "p1", "measure": "m",
            "unit": "分/件", "direction": "down", "actual": -12.5, "measured_on": "2026-04-01", "n": 7,
        }
    )  # fmt: skip
    sheet = load_workbook(written(tmp_path, "effects", [effect], Format.XLSX))["effects"]
    cells = {str(sheet.cell(1, one).value): sheet.cell(2, one) for one in range(1, sheet.max_column + 1)}
    assert (cells["title"].data_type, cells["title"].quotePrefix) == ("s", True)
    assert (cells["org_unit"].value, cells["actual"].value, cells["n"].value) == ("0101", -12.5, 7)
    assert cells["measured_on"].is_date
    assert list(read_effects(tmp_path / "effects.xlsx")) == [effect]


def test_a_csv_for_excel_begins_with_a_mark_and_keeps_negative_numbers_plain(tmp_path: Path) -> None:
    path = written(tmp_path, "cases", [case(title="-5", yen_per_year=-5.0)], Format.CSV, bom=True)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))
    found = dict(zip(*lines, strict=True))
    assert (found["title"], found["yen_per_year"]) == ("'-5", "-5")


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (("p1", "p1", "section_led", "other_led"), "cases.csv:2 [governance]"),
        (("", "", "0101", ""), "cases.csv:2 [org_unit]"),
        (("", "", "cycle_id", "cycle"), "cases.csv:1 [cycle]"),
    ],
)
def test_a_changed_file_is_refused_with_its_place(tmp_path: Path, change: tuple[str, ...], place: str) -> None:
    path = written(tmp_path, "cases", [case()], Format.CSV)
    path.write_text(path.read_text(encoding="utf-8").replace(change[2], change[3]), encoding="utf-8")
    with pytest.raises(FileError) as refused:
        list(read_cases(path))
    assert place in str(refused.value)


@pytest.mark.parametrize(
    "text", ["[]", "{}", '{"dx_spiral": "cases", "items": 3}', "{" * 5000, '{"dx_spiral": "cases"']
)
def test_json_that_is_no_export_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "cases.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FileError, match=r"cases\.json"):
        list(read_cases(path))
