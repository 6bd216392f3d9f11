"""`spiral export …`, `spiral import initiatives`, `spiral compare`: tables and event logs, in and out."""

import asyncio
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.city.admin import imports, ready
from api.cli.operate.record import progress
from api.cli.options import DataDir, say
from engine.domain.roadmap import Pillar
from engine.exchange.errors import FileError
from engine.exchange.kinds import Format, What
from engine.language.catalogues import both
from engine.runtime.problems import SetupError
from engine.runtime.settings import Settings, load_settings
from engine.runtime.signing import Purpose

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.exchange.export_rows import Gathering
    from engine.exchange.initiative_import import Planned, Planner

SHOWN = 5
"""Wrong rows named one by one; the rest is counted."""
Kind = Annotated[What, typer.Argument(help="何を / what", show_default=False)]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(export)
    app.command()(compare)
    app.command()(sheet)
    imports.command()(initiatives)


def export(
    what: Kind,
    file_format: Annotated[Format, typer.Option("--format", help="形式 / format; xes, ocel: events")] = Format.CSV,
    output: Annotated[Path | None, typer.Option(help="ファイル / file", show_default="standard output")] = None,
    bom: Annotated[bool, typer.Option("--bom", help="Excel で開く CSV / CSV for Excel")] = False,
    fiscal_year: Annotated[int | None, typer.Option(help="年度 2026 / fiscal year, April to March")] = None,
    pillar: Annotated[Pillar | None, typer.Option(help="柱 P1–P5 / pillar")] = None,
    org_unit: Annotated[str | None, typer.Option(help="組織とその下 / an office and all below it")] = None,
    pseudonyms: Annotated[bool, typer.Option("--pseudonyms", help="職員を仮名に / other names for persons")] = False,
    data_dir: DataDir = None,
) -> None:
    """取組・事例・効果・記録を書き出す / initiatives, cases, effects or events as a file."""
    from engine.exchange import exports  # noqa: PLC0415 - `spiral --help` need not wait for it
    from engine.exchange.eventlog.pseudonyms import Pseudonyms  # noqa: PLC0415 - as above

    settings = load_settings(data_dir)
    if output is None and sys.stdout.isatty() and file_format is Format.XLSX:
        raise SetupError(*both("a workbook is no text: give --output FILE"))
    hidden = Pseudonyms(settings.signing_keys().signing(Purpose.PSEUDONYM).encode()) if pseudonyms else None
    with progress(f"export {what.value}", None) as advance:
        gathering = _gathering(settings, fiscal_year, pillar, org_unit, advance)
        _put(exports.export(what, file_format, gathering, bom=bom, pseudonyms=hidden), output)


def compare(
    what: Kind,
    path: Annotated[Path, typer.Argument(help="書き出したファイル / an exported file", show_default=False)],
    data_dir: DataDir = None,
) -> None:
    """書き出したファイルを記録と比べる / does an exported file still say what the record says?"""
    from engine.exchange.exports import model_of, records  # noqa: PLC0415 - as above
    from engine.exchange.records import read_records  # noqa: PLC0415 - as above

    gathering = _gathering(load_settings(data_dir), None, None, None, lambda _: None)
    theirs = read_records(what.value, model_of(what), path)
    rows = 0
    for (number, found), held in zip_longest(theirs, records(what, gathering), fillvalue=(0, None)):
        rows += 1
        ours = None if isinstance(held, tuple) else held
        if found is None:
            raise FileError(path, *both("rows of the record are missing"), row=rows + 1)
        if ours is None:
            raise FileError(path, *both("this row is not in the record"), row=number)
        wrong = [name for name in model_of(what).columns() if getattr(found, name) != getattr(ours, name)]
        if wrong:
            raise FileError(path, *both("the record says something else"), row=number, column=wrong[0])
    say(f"{what.value}: {rows} rows, the same as the record")


def sheet(
    cycle: Annotated[str, typer.Argument(help="周回 / cycle", show_default=False)],
    output: Annotated[Path, typer.Option("--output", "-o", help="PDF ファイル / PDF file", show_default=False)],
    version: Annotated[int | None, typer.Option(help="版 / submission", show_default="newest")] = None,
    case: Annotated[bool, typer.Option("--case", help="事例シート / the case sheet")] = False,
    english: Annotated[bool, typer.Option("--english", help="英語で / in English")] = False,
    data_dir: DataDir = None,
) -> None:
    """決裁書または事例シートを PDF にする / a decision sheet or case sheet as PDF."""
    from engine.domain.errors import DomainError  # noqa: PLC0415 - as above
    from engine.runtime.seals import latest  # noqa: PLC0415 - as above
    from engine.sheets.case_sheet import case_sheet  # noqa: PLC0415 - as above
    from engine.sheets.decision_sheet import decision_sheet  # noqa: PLC0415 - as above
    from engine.sheets.pdf import pdf  # noqa: PLC0415 - as above
    from engine.sheets.sheets import Speech  # noqa: PLC0415 - as above
    from engine.store.database import open_database  # noqa: PLC0415 - as above
    from engine.store.directory.directory import Directory  # noqa: PLC0415 - as above
    from engine.store.record.journal import Journal  # noqa: PLC0415 - as above

    settings = ready(load_settings(data_dir))
    database = open_database(settings.database_url)
    directory = Directory(database)
    facts, state = directory.facts(), directory.state(cycle)
    if state is None or (case and not state.decisions):
        raise SetupError(*both("there is no cycle {cycle}", cycle=cycle))
    speech = Speech("en" if english else "ja", facts.policy.utc_offset_minutes)
    try:
        if case:
            made = case_sheet(state, facts.organisation, speech)
        else:
            events = Journal(database).events(cycle)
            last = latest(settings.seals_path)
            seal = (last.moment, last.root) if last is not None else None
            made = decision_sheet(state, events, facts.organisation, speech, version, seal=seal)
    except DomainError as error:
        raise SetupError(*both("there is no such submission")) from error
    _put([pdf(made, state.updated_at)], output)


def initiatives(
    path: Annotated[Path, typer.Argument(help="CSV または .xlsx / CSV or .xlsx", show_default=False)],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="始めずに確かめる / check only")] = False,
    data_dir: DataDir = None,
) -> None:
    """取組をまとめて始める / start one initiative a row; rows that are there already are left alone."""
    from engine.exchange.initiative_import import Planner  # noqa: PLC0415 - as above
    from engine.store.database import open_database  # noqa: PLC0415 - as above
    from engine.store.directory.directory import Directory  # noqa: PLC0415 - as above
    from engine.store.queries.cycles import Reader  # noqa: PLC0415 - as above

    settings = ready(load_settings(data_dir, connect_timeout=5))
    database = open_database(settings.database_url)
    planner = Planner(Directory(database).facts(), Reader(database), caller=None, for_others=True)
    with progress("check", None) as advance:
        counts = _checked(path, planner, advance)
    new, there = counts["new"], counts["exists"] + counts["differs"]
    if dry_run:
        say(f"initiatives: {new} to start, {there} already there ({counts['differs']} differ)")
        return
    if new:
        with progress("start", new + there) as advance:
            asyncio.run(_start(settings, planner, path, advance))
    say(f"initiatives: {new} started, {there} already there ({counts['differs']} differ)")


def _checked(path: Path, planner: "Planner", advance: "Callable[[int], None]") -> dict[str, int]:
    """How many rows will do what; raises at once after the first wrong ones, when nothing has been started."""
    from engine.language.refusals import sentence  # noqa: PLC0415 - as above

    counts = {"new": 0, "exists": 0, "differs": 0, "wrong": 0}
    wrong: list[Planned] = []
    for one in planner.plan(path):
        counts[one.outcome] += 1
        if one.outcome == "wrong" and len(wrong) < SHOWN:
            wrong.append(one)
        advance(1)
    if not wrong:
        return counts
    places = [(one.row, error) for one in wrong for error in one.errors]
    row, first = places[0]
    more = "".join(
        f"; {number} [{error.pointer[1:]}]: {sentence(error.code, 'en', error.params)}"
        for number, error in places[1:]
    )
    left = counts["wrong"] - len(wrong)
    raise FileError(
        path,
        sentence(first.code, "ja", first.params),
        sentence(first.code, "en", first.params) + more + (f"; and {left} more rows" if left else ""),
        row=row,
        column=first.pointer[1:],
    )


async def _start(settings: Settings, planner: "Planner", path: Path, advance: "Callable[[int], None]") -> None:
    from api.gateway import EngineAwayError, gateway_of  # noqa: PLC0415 - as above
    from api.services.exchange.initiative_import import start_all  # noqa: PLC0415 - as above
    from engine.store.database import open_database  # noqa: PLC0415 - as above

    database = open_database(settings.database_url)
    gateway = await gateway_of(settings, database)
    try:
        await start_all(planner.plan(path), gateway, actor=None, advance=advance)
    except EngineAwayError as error:
        raise SetupError(
            *both("the engine does not answer; run the same file again, and it goes on where it stopped"),
        ) from error


def _gathering(
    settings: Settings,
    fiscal_year: int | None,
    pillar: Pillar | None,
    org_unit: str | None,
    advance: "Callable[[int], None]",
) -> "Gathering":
    from engine.domain.access.reading import EVERYTHING  # noqa: PLC0415 - as above
    from engine.exchange.export_rows import Gathering, Wanted  # noqa: PLC0415 - as above
    from engine.store.database import open_database  # noqa: PLC0415 - as above
    from engine.store.directory.directory import Directory  # noqa: PLC0415 - as above
    from engine.store.queries.cycles import Reader  # noqa: PLC0415 - as above
    from engine.store.queries.effects import AccountReader  # noqa: PLC0415 - as above

    database = open_database(ready(settings).database_url)
    facts = Directory(database).facts()
    if org_unit is not None and facts.organisation.unit(org_unit) is None:
        raise SetupError(*both("there is no office {org_unit}", org_unit=org_unit))
    wanted = Wanted(fiscal_year=fiscal_year, pillar=pillar, org_unit=org_unit)
    offset = facts.policy.utc_offset_minutes
    account = AccountReader(database)
    return Gathering(
        Reader(database), account, facts.organisation, wanted, clearance=EVERYTHING, offset=offset, advance=advance
    )


def _put(chunks: Iterable[bytes], output: Path | None) -> None:
    """To standard output, or to a file that is there whole or not at all."""
    if output is None:
        try:
            for chunk in chunks:
                sys.stdout.buffer.write(chunk)
            sys.stdout.buffer.flush()
        except BrokenPipeError:  # nobody reads any further
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return
    try:
        _write_whole(iter(chunks), output)
    except OSError as error:
        raise FileError(output, *both("cannot be written: {why}", why=error.strerror or error)) from error


def _write_whole(chunks: Iterator[bytes], output: Path) -> None:
    with tempfile.NamedTemporaryFile(dir=output.parent, prefix=f".{output.name}.", delete=False) as file:
        part = Path(file.name)
        try:
            for chunk in chunks:
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
            part.chmod(0o640)
            part.replace(output)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
