"""`spiral releases`: which build of the worker runs how many open cycles, and which one is current."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.operate.record import open_current
from api.cli.options import DataDir, say
from engine.language.catalogues import both
from engine.runtime.problems import SetupError
from engine.runtime.settings import load_settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from engine.runtime.settings import Settings
    from workflows.upkeep.releases import Release

HINTS = {
    "waiting": "まだ現行になっていません: spiral releases --promote {build} / nobody has promoted it",
    "drained": "ワーカーを止められます / its workers may go",
    "unnamed": "順に現行へ移ります / they move by themselves",
}
GONE = "ワーカーがいません。記録から移します / no worker: they are moved by record"


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command()(releases)


def releases(
    promote: Annotated[
        str | None, typer.Option(metavar="BUILD", help="現行にするビルド / make this build current")
    ] = None,
    ramp: Annotated[
        float | None,
        typer.Option(min=0, max=100, metavar="PERCENT", help="新しく始まる分の割合 / of what begins"),
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """ワーカーのビルドと周回の数を見る・切り替える / which build runs how many open cycles, and which is current."""
    if ramp is not None and promote is None:
        raise SetupError(*both("--ramp goes with --promote BUILD"))
    settings = load_settings(data_dir, connect_timeout=5)
    found = asyncio.run(_releases(settings, open_current(settings), promote, ramp))
    if not found:
        say("名前のあるビルドはありません（SPIRAL_BUILD_ID） / no build has a name (SPIRAL_BUILD_ID)")
    for one in found:
        say(_line(one))


async def _releases(
    settings: "Settings", database: "Engine", build: str | None, percent: float | None
) -> "list[Release]":
    from engine.runtime.embedded.own_engine import engine_of  # noqa: PLC0415 - as in `record`
    from engine.runtime.identity import open_engine  # noqa: PLC0415 - as above
    from workflows.upkeep.releases import UnknownBuildError, promote, releases  # noqa: PLC0415 - as above

    async with engine_of(settings) as asked:
        engine = await open_engine(asked.settings, database)
        if build is not None:
            try:
                await promote(engine.known.bare, engine.names, build, percent)
            except UnknownBuildError as error:
                raise SetupError(*both("no worker of build {build} asks for work", build=build)) from error
        return await releases(engine.known.bare, engine.names)


def _line(one: "Release") -> str:
    state = f"{one.state.value} {one.percent:g}%" if one.percent else one.state.value
    hint = HINTS.get(one.state.value, "")
    if one.cycles and not one.has_worker:
        hint = GONE
    return f"{one.build} {one.cycles} {state}" + (f"  ({hint.format(build=one.build)})" if hint else "")
