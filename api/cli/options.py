"""What every command of `spiral` has in common: its options and how it speaks. Must not know any command."""

import os
import sys
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from engine.runtime.embedded.private import close_to_others
from engine.runtime.settings import SECRET_FILE, Settings, load_settings

DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir", envvar="SPIRAL_DATA_DIR", help="データディレクトリ / data directory", show_default=".spiral"
    ),
]


def say(line: str) -> None:
    """One line on standard output, at once. That nobody reads it any more is no reason to stop."""
    try:
        print(line, flush=True)  # noqa: T201 - a command's output
    except BrokenPipeError:
        # Otherwise the interpreter fails on its way out, when it flushes what is left.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def prepare_directory(settings: Settings) -> None:
    """Looks at the data directory before anything starts on it; what was open to others is closed, and named.

    Raises:
        SetupError: it belongs to another account.
    """
    opened = close_to_others(settings.data_dir)
    if opened:
        names = ", ".join(opened)
        _warn(f"他の人が開けたため、閉じました / was open to others, and is closed now: {names}")
    if SECRET_FILE in opened:
        _warn("secret.key は読まれたおそれがあります。変更してください / secret.key may have been read: change it")


def _warn(line: str) -> None:
    print(f"spiral: {line}", file=sys.stderr)  # noqa: T201 - a command's output


def office_time(moment: str | None) -> str:
    """An instant of an answer (ISO 8601) by the office's clock, as one word: `2026-12-03T17:15`; `-` for none."""
    if not moment:
        return "-"
    return f"{datetime.fromisoformat(moment).astimezone(load_settings().zone):%Y-%m-%dT%H:%M}"


class Sample(StrEnum):
    """What the embedded default begins with."""

    NONE = "none"
    CITY = "city"
    """The sample city, the city's published roadmap, published cases."""
    WORK = "work"
    """And invented initiatives, under an invented roadmap."""
