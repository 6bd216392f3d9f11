"""`spiral up`: the embedded whole in one directory - engine, worker, API, database - until somebody says stop.

Knows which parts there are and how they are told where the others are; how parts are kept alive is the supervisor's.
"""

import asyncio
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from types import FrameType
from typing import Annotated, NoReturn

import typer

from api.cli.options import DataDir, Sample, prepare_directory, say
from engine.runtime import ports, runfile
from engine.runtime.embedded import devserver
from engine.runtime.embedded.http_ready import http_ready
from engine.runtime.embedded.supervisor import ProcessPart, Supervisor, open_log, start_process
from engine.runtime.logging import configure_logging
from engine.runtime.runfile import Run, RunningProcess
from engine.runtime.settings import Settings, ensure_secret, load_settings

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
GRACE = 2.0
"""Seconds at most that the worker gets to finish what it holds, so that the whole ends within about five."""
TEMPORAL_PORT, UI_OFFSET = 7233, 1000
"""Where Temporal's own tools look first; any free port does when it is taken."""


@dataclass(frozen=True)
class Whole:
    """The embedded whole as it will run: settings with every address filled in."""

    settings: Settings
    temporal_port: int
    ui_port: int | None = None
    """Where Temporal's own pages can be looked at; None for nowhere."""

    @property
    def reachable_host(self) -> str:
        """An address to open from this machine, also when it listens on all."""
        return "127.0.0.1" if self.settings.host in {"", "0.0.0.0", "::"} else self.settings.host  # noqa: S104

    def run(self, parts: Sequence[RunningProcess] = ()) -> Run:
        """What `run.json` says of it."""
        supervisor = runfile.this_process("supervisor")
        return Run(
            supervisor=supervisor, host=self.reachable_host, port=self.settings.port,
            temporal_port=self.temporal_port, ui_port=self.ui_port, parts=tuple(parts),
        )  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command()(up)


def up(
    data_dir: DataDir = None,
    port: Annotated[int | None, typer.Option(help="0 は空きポート / 0 picks a free one", show_default="8000")] = None,
    temporal_port: Annotated[int | None, typer.Option(help="Temporal", show_default="7233, or any free one")] = None,
    host: Annotated[str | None, typer.Option(help="待ち受けるアドレス / address", show_default="127.0.0.1")] = None,
    sample: Annotated[bool, typer.Option("--sample/--no-sample", help="見本の市 / the sample city")] = True,
    sample_work: Annotated[
        bool, typer.Option("--sample-work/--no-sample-work", help="架空の取組も / and invented initiatives in it")
    ] = True,
    temporal_ui: Annotated[
        bool,
        typer.Option("--temporal-ui", help="Temporal の画面を閲覧専用で / Temporal's own pages, to look at only"),
    ] = False,
) -> None:
    """すべてを起動する / start everything."""
    for number in STOP_SIGNALS:
        signal.signal(number, _interrupt)
    wanted = Sample.NONE if not sample else Sample.WORK if sample_work else Sample.CITY
    try:
        _up(load_settings(data_dir, port=port, host=host), temporal_port, sample=wanted, ui=temporal_ui)
    except KeyboardInterrupt:
        sys.exit(0)


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _up(settings: Settings, temporal_port: int | None, *, sample: Sample, ui: bool) -> None:
    configure_logging(settings)
    prepare_directory(settings)
    with runfile.hold(settings.data_dir):
        for name in runfile.end_leftovers(settings.data_dir):
            say(f"前回の残りを終了しました / ended what a crash had left: {name}")
        whole = _whole(settings, temporal_port, sample=sample, ui=ui)
        binary = devserver.find_binary()
        ensure_secret(whole.settings)
        _prepare_store(whole.settings, sample=sample)
        try:
            asyncio.run(_supervise(whole, str(binary), sample=sample))
        finally:
            runfile.forget_run(settings.data_dir)


def _whole(settings: Settings, temporal_port: int | None, *, sample: Sample, ui: bool) -> Whole:
    """Choose the ports, before anything is started."""
    port = ports.claim(settings.host, settings.port)
    if temporal_port:
        engine_port = ports.claim(devserver.HOST, temporal_port)
    else:
        wished = TEMPORAL_PORT if temporal_port is None else 0
        engine_port = ports.prefer(devserver.HOST, wished, taken=frozenset({port}))
    taken = frozenset({port, engine_port})
    ui_port = ports.prefer(devserver.HOST, engine_port + UI_OFFSET, taken=taken) if ui else None
    address = f"{devserver.HOST}:{engine_port}"
    chosen = {
        "port": port, "temporal_address": address, "sample_sign_in": sample is not Sample.NONE,
        "graceful_timeout": min(settings.graceful_timeout, GRACE),
    }  # fmt: skip
    return Whole(settings.model_copy(update=chosen), engine_port, ui_port)


def _prepare_store(settings: Settings, *, sample: Sample) -> None:
    from engine.store.record.upgrade import bring_up  # noqa: PLC0415 - `spiral --help` need not wait for the tables

    bring_up(settings.database_url)
    if sample is not Sample.NONE:
        from api.cli.operate.sample import load_sample  # noqa: PLC0415 - as above

        load_sample(settings, sample)


def parts_of(whole: Whole, binary: str) -> tuple[ProcessPart, ...]:
    """The parts in the order they need each other."""
    from engine.runtime.embedded.probes import EngineProbe  # noqa: PLC0415 - as above
    from engine.store.database import open_database  # noqa: PLC0415 - as above
    from engine.store.registers.installation import installation_of  # noqa: PLC0415 - as above

    settings = whole.settings
    database = open_database(settings.database_url)
    probe = EngineProbe(settings, installation_of(database))
    database.dispose()
    spiral = (sys.executable, "-P", "-m", "api.cli.main")
    inner = None if whole.ui_port is None else devserver.private_place()
    server = devserver.command(binary, settings.data_dir, whole.temporal_port, inner, settings.temporal_namespace)
    ours = settings.environment()
    looking: tuple[ProcessPart, ...] = ()
    if inner is not None and (port := whole.ui_port) is not None:
        proxy = (sys.executable, "-P", "-m", "api.http.temporal_ui", str(port), inner[0], str(inner[1]))
        looking = (ProcessPart("temporal-ui", proxy, lambda _: http_ready(devserver.HOST, port, "/"), grace=0.5),)
    return (
        ProcessPart("temporal", server, probe.answers, grace=1.0),
        ProcessPart("worker", (*spiral, "worker"), probe.polls, ours, grace=settings.graceful_timeout + 0.5),
        ProcessPart(
            "api", (*spiral, "api"), lambda _: http_ready(whole.reachable_host, settings.port), ours, grace=1.5
        ),
        *looking,
    )


async def _supervise(whole: Whole, binary: str, *, sample: Sample) -> None:
    data_dir = whole.settings.data_dir
    supervisor = Supervisor(
        parts_of(whole, binary),
        whole.settings.log_dir,
        on_change=lambda parts: runfile.write_run(data_dir, whole.run(parts)),
    )
    for number in STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, supervisor.stop)
    await supervisor.run(partial(_when_ready, whole, sample=sample))


async def _when_ready(whole: Whole, *, sample: Sample) -> None:
    run = whole.run()
    say(f"ready {run.url}")
    say(f"  ブラウザーで開いてください / open it in a browser:  {run.url}/")
    say(f"  API       {run.url}/docs")
    if whole.ui_port is not None:
        say(f"  Temporal  http://{devserver.HOST}:{whole.ui_port}")
    say(f"  data      {whole.settings.data_dir}")
    if sample is Sample.NONE and (begin := _first_run(whole.settings, run.url)):
        say(f"  最初の設定（一度だけ有効） / first run, works once:  {begin}")
    if sample is not Sample.NONE:
        from api.cli.operate.sample import who_can_sign_in  # noqa: PLC0415 - as above

        for person_id, who in who_can_sign_in(whole.settings):
            say(f"  {person_id:<9} {who}")
        say("  token     spiral token PERSON_ID")
        await _play_sample(whole.settings, sample)


def _first_run(settings: Settings, url: str) -> str | None:
    """The address that sets the city up, while there is none."""
    from api.cli.operate.one_time import address  # noqa: PLC0415 - as above
    from engine.store.database import open_database  # noqa: PLC0415 - as above
    from engine.store.directory.directory import Directory  # noqa: PLC0415 - as above

    database = open_database(settings.database_url)
    try:
        return None if Directory(database).facts().organisation.units else address(settings, url)
    finally:
        database.dispose()


async def _play_sample(settings: Settings, sample: Sample) -> None:
    """Plays the sample in a process of its own, which a stop ends at once: every start goes on where it was."""
    command = (sys.executable, "-P", "-m", "api.cli.operate.play_sample", sample.value)
    with open_log(settings.log_dir / "sample.log") as log:
        player = await start_process(command, settings.environment(), out=None, errors=log)
    try:
        await player.wait()
    finally:
        with suppress(ProcessLookupError):
            player.kill()
        await player.wait()
