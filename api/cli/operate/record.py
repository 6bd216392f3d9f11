"""`spiral verify`, `spiral rebuild`, `spiral readopt`: is the record whole, and does the engine agree with it?"""

import asyncio
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.options import DataDir, say
from engine.language.catalogues import both
from engine.runtime.problems import SetupError
from engine.runtime.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from engine.store.record.verify import Report
    from workflows.upkeep.census import Compared

SHOWN = 20
"""Faults named one by one; the rest is counted."""
ONLY_ITSELF = (
    "記録が自身と矛盾しないことの検査です。書き換えの検査には、別に保管した封印を --against で渡してください / "
    "this shows that the record agrees with itself; seals kept elsewhere (--against) show whether it was rewritten"
)

MENDED_WITHIN = 60.0
"""Seconds that a worker gets to mend a difference by itself, before it is named as a fault."""
LOOK = 2.0
"""Seconds between two looks."""

GUARDED_ALONE = (
    "このアカウントは表の所有者なので、記録を守るのはトリガーだけです / "
    "this account owns the tables, so triggers alone guard the record here"
)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(verify)
    app.command()(rebuild)
    app.command()(readopt)


def verify(
    against: Annotated[
        Path | None, typer.Option("--against", help="別に保管した封印 / seals that were kept elsewhere")
    ] = None,
    export: Annotated[
        Path | None,
        typer.Option(
            "--export", help="データベースなしで検査する spiral backup のファイル / a backup, with no database"
        ),
    ] = None,
    public_key: Annotated[
        str | None, typer.Option("--public-key", help="封印の公開鍵 / the key that must have signed the seals")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """記録と動作中の周回を検査する / check journal, projections and engine."""
    if public_key is not None and against is None:
        raise SetupError(*both("--public-key needs --against"))
    if export is not None:
        _verify_export(export, against, public_key)
        return
    from engine.store.record import verify as check  # noqa: PLC0415 - the other commands need not wait for it

    settings = load_settings(data_dir, connect_timeout=5)
    database = open_current(settings)
    with progress("verify", check.events_in(database)) as advance:
        report = check.verify(database, advance)
    found = asyncio.run(_compare(settings, database))
    say(f"cycles {report.cycles}  events {report.events}  facts {report.facts}  open {len(report.open_cycles)}")
    faults = [str(fault) for fault in report.faults]
    faults += [f"{cycle}: open_but_not_running" for cycle in found.missing]
    faults += [f"{cycle}: running_but_not_open" for cycle in found.unexpected]
    faults += [f"{cycle}: engine_differs" for cycle in found.differing or ()]
    faults += [f"{cycle}: next_missing" for cycle in _not_followed(database)]
    if against is not None:
        from api.cli.operate.seal import against as compared  # noqa: PLC0415 - as above

        faults += compared(against, database, public_key)
    else:
        say(ONLY_ITSELF)
    faults += told_of_guards(database)
    say(f"installation {found.installation}")
    if found.plain:
        say(f"封をする前に始まった実行 {found.plain} 件 / {found.plain} runs began before payloads were sealed")
    if found.differing is None:
        say("エンジンとの版の比較はしていません / revisions were not compared: no worker or no key")
    for line in faults[:SHOWN]:
        say(f"  {line}")
    _tell_differences(database)
    _warn(database)
    if faults:
        raise SetupError(*both("{count} faults found", count=len(faults)))
    say("ok")


def told_of_guards(database: "Engine") -> list[str]:
    """The triggers that should guard the record and are gone; says when they are all that guards it."""
    from engine.store.guards import may_drop_guards, missing_guards  # noqa: PLC0415 - as above

    if may_drop_guards(database):
        say(GUARDED_ALONE)
    return [f"{name}: guard_missing" for name in missing_guards(database)]


def _verify_export(export: Path, against: Path | None, public_key: str | None) -> None:
    from api.cli.operate.seal import offline  # noqa: PLC0415 - as above

    faults = offline(export, against, public_key)
    if against is None:
        say(ONLY_ITSELF)
    for line in faults[:SHOWN]:
        say(f"  {line}")
    if faults:
        raise SetupError(*both("{count} faults found", count=len(faults)))
    say("ok")


def rebuild(data_dir: DataDir = None) -> None:
    """表を記録から作り直す / make every projection anew from the journal."""
    from engine.store.record import verify as check  # noqa: PLC0415 - as above

    database = open_current(load_settings(data_dir))
    try:
        with progress("rebuild", check.events_in(database)) as advance:
            count = check.rebuild(database, advance)
    except check.DamagedError as error:
        raise SetupError(
            *both("the record is damaged, nothing was changed: {error}", error=error),
        ) from error
    say(f"rebuilt {count} cycles")


def readopt(
    from_record: Annotated[
        list[str] | None,
        typer.Option(
            "--from-record",
            metavar="CYCLE",
            help="エンジンの実行を終え、記録の状態から再開する周回 / end its run and go on from the record",
        ),
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """エンジンが知らない周回を再開する / start again every open cycle the engine does not know."""
    settings = load_settings(data_dir, connect_timeout=5)
    database = open_current(settings)
    open_cycles = _report(database).open_cycles
    if strange := sorted(set(from_record or ()) - set(open_cycles)):
        raise SetupError(*both("not an open cycle: {join}", join=", ".join(strange)))
    started = asyncio.run(_readopt(settings, database, open_cycles, from_record or ()))
    say(f"started {started} cycles again")


def _not_followed(database: "Engine") -> list[str]:
    from engine.store.queries.reconciling import Reconciling  # noqa: PLC0415 - as above

    return [planned.cycle_id for _, planned in Reconciling(database).not_followed()]


def _warn(database: "Engine") -> None:
    """Open cycles that wait for nobody: no fault of the record, but somebody must put it right."""
    from engine.domain.moves.deciding.unattended import unattended  # noqa: PLC0415 - as above
    from engine.store.directory.directory import Directory  # noqa: PLC0415 - as above
    from engine.store.queries.reconciling import Reconciling  # noqa: PLC0415 - as above

    facts = Directory(database).facts()
    found = [
        f"{state.cycle_id}: {why}"
        for state in Reconciling(database).open_states()
        if (why := unattended(state, facts.organisation, facts.today)) is not None
    ]
    if found:
        say(f"待っている相手がいない周回 {len(found)} 件 / {len(found)} warnings: open cycles that wait for nobody")
    for line in found[:SHOWN]:
        say(f"  {line}")


def _tell_differences(database: "Engine") -> None:
    """What a worker has found lately, with what to do about it."""
    from engine.language.differences import DIFFERENCES  # noqa: PLC0415 - as above
    from engine.store.registers.differences import Differences  # noqa: PLC0415 - as above

    for one in Differences(database).now()[:SHOWN]:
        say(f"  {one.subject}: {one.kind.value}: {' / '.join(DIFFERENCES[one.kind])}")


def _report(database: "Engine") -> "Report":
    from engine.store.record import verify as check  # noqa: PLC0415 - as above

    report = check.verify(database)
    if report.faults:
        raise SetupError(*both("the record is not whole: {what}", what=report.faults[0]))
    return report


def open_current(settings: Settings) -> Any:
    """The database, if its tables are those of this version.

    Raises:
        SetupError: they are not, or there are none.
    """
    from engine.store.database import is_current, open_database  # noqa: PLC0415 - as above

    database = open_database(settings.database_url)
    if not is_current(database):
        raise SetupError(
            *both(
                "no database of this version in {data_dir}: run `spiral up` or `spiral migrate` first",
                data_dir=settings.data_dir,
            ),
        )
    return database


async def _compare(settings: Settings, database: "Engine") -> "Compared":
    """Holds the engine against the record.

    While a city works, a cycle opens or ends between two looks, and after a stop the engine may still be catching
    up. So a difference counts when it lasts, or when the worker says that it cannot mend it.
    """
    from engine.runtime.embedded.own_engine import engine_of  # noqa: PLC0415 - as above
    from engine.runtime.identity import identify, unlock  # noqa: PLC0415 - as above
    from engine.store.directory.directory import Directory  # noqa: PLC0415 - as above
    from engine.store.queries.reconciling import Reconciling  # noqa: PLC0415 - as above
    from engine.store.registers.differences import Differences  # noqa: PLC0415 - as above
    from workflows.upkeep.census import compare  # noqa: PLC0415 - as above

    record, told, state_of = Reconciling(database), Differences(database), Directory(database).state
    deadline = time.monotonic() + MENDED_WITHIN
    async with engine_of(settings) as asked:
        known, reader = await identify(asked.settings, database), None
        if asked.has_worker:
            with suppress(SetupError):  # no key: what cycles say could not be read
                reader = unlock(known, asked.settings).client
        while True:
            found = await compare(known, reader, lambda: list(record.open_cycles()), state_of)
            waits = found.subjects - {one.subject for one in told.now()}
            if not (waits and found.has_worker and time.monotonic() < deadline):
                return found
            await asyncio.sleep(LOOK)


async def _readopt(
    settings: Settings, database: "Engine", open_cycles: Sequence[str], from_record: Sequence[str]
) -> int:
    from engine.runtime.embedded.own_engine import engine_of  # noqa: PLC0415 - as above
    from engine.runtime.identity import open_engine  # noqa: PLC0415 - as above
    from engine.store.directory.directory import Directory  # noqa: PLC0415 - as above
    from engine.store.record.journal import Journal  # noqa: PLC0415 - as above
    from workflows.upkeep.census import end_runs, readopt_cycles, running_cycles  # noqa: PLC0415 - as above

    async with engine_of(settings) as asked:
        engine = await open_engine(asked.settings, database)
        await end_runs(engine.client, from_record)
        unknown, _ = await running_cycles(engine.client, open_cycles)
        return await readopt_cycles(
            engine.client, Directory(database).state, unknown, engine.names.task_queue, Journal(database).seen
        )


@contextmanager
def progress(what: str, total: int | None) -> "Iterator[Callable[[int], None]]":
    """A bar on a terminal, nothing elsewhere; None when nobody knows how much it will be."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # noqa: PLC0415 - only for people who look
    from rich.progress import Progress  # noqa: PLC0415 - as above

    bar: AbstractContextManager[Progress] = Progress(console=Console(stderr=True), transient=True)
    with bar as shown:
        task = shown.add_task(what, total=total)
        yield lambda count: shown.advance(task, count)
