"""What every suite can ask for: databases of both kinds, and a Temporal dev server for the test process."""

import gc
import os
import re
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from zlib import crc32

import hypothesis
import pytest
import structlog
from _pytest.unraisableexception import gc_collect_iterations_key
from sqlalchemy import Engine
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner
from temporalio.workflow import _Definition

from engine.runtime.embedded.devserver import DYNAMIC_CONFIG, find_binary
from engine.store import database as opening
from engine.store.database import open_database
from tests.support.databases import alike, fresh_postgres, fresh_sqlite, postgres_cluster, unhurried
from tests.support.warm import process_of_tests

TESTS = Path(__file__).parent
sys.dont_write_bytecode = False  # the sandbox loads workflow code anew for each run of it, and processes all of it
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
gc.disable()  # until the tests are collected: loading makes next to no garbage
for patience in ("SPIRAL_ENGINE_PATIENCE", "SPIRAL_DATABASE_PATIENCE"):
    os.environ.setdefault(patience, "20")  # a slow machine is no fault of the code; hurried tests say so themselves
os.environ.setdefault("SPIRAL_LIMITS", "off")  # what many tests ask at once is no run-away; those of the door say so
hypothesis.settings.register_profile("untimed", deadline=None)  # a slow machine is no fault of the code
hypothesis.settings.load_profile("untimed")
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)  # its own default draws every local of every frame: seconds for one unhandled error


opening.create_engine = alike  # type: ignore[assignment]
opening._prepare_sqlite = unhurried(opening._prepare_sqlite)
_prepare, _prepared = SandboxedWorkflowRunner.prepare_workflow, set[type]()


def _prepare_once(runner: SandboxedWorkflowRunner, workflow: _Definition) -> None:
    """Tries a workflow in the sandbox when a first worker is made; a thousand workers of tests have the same code."""
    if workflow.cls not in _prepared:
        _prepare(runner, workflow)
        _prepared.add(workflow.cls)


SandboxedWorkflowRunner.prepare_workflow = _prepare_once  # type: ignore[method-assign]


ABOVE_THE_STORE = ("api", "faults", "workflows")
"""Suites in which both databases are reached through the same rooms; these themselves are tried on both always."""


def _is_second(item: pytest.Item) -> bool:
    """Whether a test is another one's second form: on the other database, without script, with nothing remembered."""
    suite, given = Path(item.path).relative_to(TESTS).parts[0], getattr(item, "callspec", None)
    if suite in ABOVE_THE_STORE and item.get_closest_marker("postgres"):
        return True
    return given is not None and (given.params.get("script") is False or "uncached" in given.id)


def _leave_out_other_parts(config: pytest.Config, items: list[pytest.Item]) -> None:
    given = config.getoption("--part")
    if given is None:
        return
    if not re.fullmatch(r"[1-9]/[1-9]", given):
        raise pytest.UsageError(f"--part is K/N, such as 1/2, and not {given}")
    part, parts = map(int, given.split("/"))
    of = {file: crc32(file.encode()) % parts for file in {item.location[0] for item in items}}
    others = [item for item in items if of[item.location[0]] != part % parts]
    config.hook.pytest_deselected(items=others)
    items[:] = [item for item in items if of[item.location[0]] == part % parts]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Second forms belong to the whole run. Files of whole processes come first: one of them last would keep one of
    two test processes waiting.
    """
    for item in items:
        if _is_second(item):
            item.add_marker("slow")
    _leave_out_other_parts(config, items)
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--part 2/3`: the second of three parts of the files, each in one of them; what is long in CI takes turns."""
    parser.addoption("--part", metavar="K/N", help="only the files of part K of N")


def pytest_configure(config: pytest.Config) -> None:
    """What nobody ended is looked for once at the end and not five times, which takes seconds of what is loaded.

    Where a run has several processes, each is a fork of one that has collected the tests.
    """
    config.stash[gc_collect_iterations_key] = 1
    asked = config.getoption("tx", None)
    if asked and set(asked) == {"popen"} and (python := process_of_tests(config.invocation_params.args)):
        config.option.tx = [f"popen//python={python}"] * len(asked)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What was loaded to collect the tests stays: looking through it again and again cost a third of the time."""
    gc.freeze()
    gc.enable()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    with postgres_cluster(tidied=False) as cluster:
        yield cluster


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh, migrated database; the test runs once on each kind."""
    if request.param == "sqlite":
        return fresh_sqlite(tmp_path)
    return fresh_postgres(request.getfixturevalue("postgres"))


@pytest.fixture
def database(database_url: str) -> Iterator[Engine]:
    engine = open_database(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Engine]:
    """For what has nothing to do with the kind of database."""
    engine = open_database(fresh_sqlite(tmp_path))
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
async def temporal() -> AsyncIterator[Client]:
    """A client of a real dev server, one for the test process, without keys; tests keep apart by queue and id."""
    arguments = [word for value in DYNAMIC_CONFIG for word in ("--dynamic-config-value", value)]
    environment = await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(find_binary()), dev_server_extra_args=arguments
    )
    async with environment:
        yield environment.client
