"""The `spiral` command: gathers the modules that hold its subcommands, and turns refusals into one plain line.

Must not know what any subcommand does; a new one is a module with `register(app)` and its name in `MODULES`.
"""

import os
import sys

import typer
from typer.exceptions import TyperException

from api.cli import absences, changes, telling
from api.cli.city import accounts, admin, exchange, first_run
from api.cli.cycles import moves, trail, work
from api.cli.cycles.work import Refused
from api.cli.figures import board, effects, spread
from api.cli.operate import backup, processes, record, releases, seal, up
from engine.exchange.errors import FileError
from engine.runtime.embedded.leaving import leave
from engine.runtime.embedded.private import UMASK
from engine.runtime.problems import SetupError

MODULES = (
    up,
    processes,
    admin,
    absences,
    changes,
    accounts,
    work,
    moves,
    record,
    backup,
    releases,
    first_run,
    seal,
    trail,
    telling,
    effects,
    exchange,
    spread,
    board,
)

PLAIN = (SetupError, FileError, Refused, TyperException)
"""Errors that are for people: their text is the line to print."""

app = typer.Typer(
    name="spiral",
    help="想像する・取り組む・実感する・共有する、次の周回へ / imagine, transform, realise, share, and turn again.",
    add_completion=False,
    pretty_exceptions_enable=False,
)
for module in MODULES:
    module.register(app)


def main() -> None:
    """Run the command line; exit 0, or non-zero after one line that says why.

    What it writes (databases, logs, exports) holds the city's record, so it is this account's alone.
    """
    os.umask(UMASK)
    try:
        code = app(sys.argv[1:] or ["--help"], standalone_mode=False)
    except PLAIN as problem:
        print(f"spiral: {_line(problem)}", file=sys.stderr)  # noqa: T201 - a command's output
        code = 2 if isinstance(problem, TyperException) else 1
    except SystemExit as asked:
        code = asked.code
    except Exception as problem:
        line = _of_the_database(problem)
        if line is None:
            raise
        print(f"spiral: {line}", file=sys.stderr)  # noqa: T201 - as above
        code = 1
    leave(code if isinstance(code, int) else 0)


def _of_the_database(problem: Exception) -> str | None:
    """The line for what the database is at fault for; None for everything else."""
    from engine.store.faults import NewerTablesError, cause, is_away  # noqa: PLC0415 - only who fails waits for it

    if isinstance(problem, NewerTablesError):
        return str(problem)
    if not is_away(problem):
        return None
    said = cause(problem)
    return f"データベースが応答しません / the database does not answer{f': {said}' if said else ''}"


def _line(problem: Exception) -> str:
    return problem.format_message() if isinstance(problem, TyperException) else str(problem)


if __name__ == "__main__":
    main()
