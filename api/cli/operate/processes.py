"""`spiral api` and `spiral worker`: one process each, configured by `SPIRAL_*`; this is how production runs.

Must not know about each other: either may start first, and each waits for the engine by itself.
"""

import asyncio
import os
import signal
from collections.abc import Coroutine
from typing import Annotated

import typer

from api.cli.options import DataDir, prepare_directory
from engine.language.catalogues import both
from engine.runtime.embedded.loading import loading
from engine.runtime.logging import configure_logging
from engine.runtime.problems import SetupError
from engine.runtime.settings import Settings, load_settings

OPEN_STREAMS = 1
"""Seconds that open pages and event streams get to finish when the API stops."""


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(api)
    app.command()(worker)


def api(
    data_dir: DataDir = None,
    host: Annotated[str | None, typer.Option(help="待ち受けるアドレス / address to listen on")] = None,
    port: Annotated[int | None, typer.Option(help="ポート / port")] = None,
) -> None:
    """API と画面 / the API and the pages."""
    settings = _prepared(load_settings(data_dir, host=host, port=port))
    _has_tables(settings)
    asyncio.run(_is_ours(settings))
    with loading():
        import uvicorn  # noqa: PLC0415 - the other commands need not wait for it

        from api.app import create_app  # noqa: PLC0415 - nor does who is told what is missing
    uvicorn.run(
        create_app, factory=True, host=settings.host, port=settings.port,
        log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=OPEN_STREAMS,
        forwarded_allow_ips=settings.proxies, limit_concurrency=settings.connections,
    )  # fmt: skip


def worker(data_dir: DataDir = None) -> None:
    """ワーカー / the worker."""
    with loading():
        from workflows.worker import run  # noqa: PLC0415 - it brings every adapter along

    settings = _prepared(load_settings(data_dir))
    _has_tables(settings)
    asyncio.run(_until_stopped(run(settings)))


def _has_tables(settings: Settings) -> None:
    """Before anything is started.

    Raises:
        SetupError: the database does not answer, or its tables are older than this version.
    """
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415 - `spiral --help` need not wait for the tables

    from engine.store.database import is_behind, open_database  # noqa: PLC0415 - as above
    from engine.store.faults import cause  # noqa: PLC0415 - as above

    database = open_database(settings.database_url)
    place = database.url.render_as_string(hide_password=True)
    try:
        behind = is_behind(database)
    except SQLAlchemyError as error:
        raise SetupError(
            f"データベースに接続できません: {place}", f"the database does not answer: {place} {cause(error)}".rstrip()
        ) from error
    finally:
        database.dispose()
    if behind:
        raise SetupError(
            *both(
                "the database has no tables, or older ones than this version: run spiral migrate first ({place})",
                place=place,
            ),
        )


async def _is_ours(settings: Settings) -> None:
    """Once before anything is served: uvicorn would tell what is wrong with the engine in forty lines."""
    from engine.runtime.identity import identify  # noqa: PLC0415 - `spiral --help` need not wait for the tables
    from engine.store.database import open_database  # noqa: PLC0415 - as above

    database = open_database(settings.database_url)
    try:
        await identify(settings, database)
    finally:
        database.dispose()


def _prepared(settings: Settings) -> Settings:
    # The application's factory takes no arguments; it reads the environment and must find the same there.
    os.environ.update(settings.environment())
    prepare_directory(settings)
    configure_logging(settings)
    return settings


async def _until_stopped(work: Coroutine[object, object, None]) -> None:
    """Do the work until it ends or SIGINT or SIGTERM asks for it; a worker that is cancelled finishes in order."""
    task = asyncio.create_task(work)
    asked = asyncio.Event()

    def ask() -> None:
        asked.set()
        task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ask)
    try:
        await task
    except asyncio.CancelledError:
        if not asked.is_set():
            raise
