"""Which room may know which: import-linter's contracts, and the few doors it cannot say."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path


@cache
def _all_imports(file: Path) -> tuple[str, ...]:
    return tuple(_imports(file))


def _imports(file: Path) -> Iterator[str]:
    """Every name a file imports, as `module` and `module.name`, wherever in the file the import stands."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _who_imports(root: Path, folder: str, *wanted: str) -> set[str]:
    return {
        file.relative_to(root).as_posix()
        for file in (root / folder).rglob("*.py")
        if any(name == want or name.startswith(f"{want}.") for name in _all_imports(file) for want in wanted)
    }


def test_the_contracts_of_the_import_linter_hold(root: Path) -> None:
    program = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([program, "--no-cache"], cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_only_the_gateway_knows_temporal_inside_the_api(root: Path) -> None:
    assert _who_imports(root, "api", "temporalio") <= {"api/gateway.py"}


def test_only_the_workers_own_module_makes_workers(root: Path) -> None:
    rooms = ("engine", "workflows", "activities", "api")
    makers = set[str]().union(*(_who_imports(root, room, "temporalio.worker.Worker") for room in rooms))
    assert makers <= {"workflows/worker.py"}


def test_only_the_worker_asks_for_the_wired_activities(root: Path) -> None:
    askers = _who_imports(root, "workflows", "activities.wiring") | _who_imports(root, "api", "activities.wiring")
    assert askers <= {"workflows/worker.py"}


def test_only_the_worker_joins_workflows_to_tables_and_settings(root: Path) -> None:
    assert _who_imports(root, "workflows", "engine.store", "engine.runtime") <= {"workflows/worker.py"}


def test_an_import_inside_a_function_is_seen_too(tmp_path: Path) -> None:
    (tmp_path / "api").mkdir()
    (tmp_path / "api" / "page.py").write_text("def late():\n    from temporalio import client\n", encoding="utf-8")
    assert _who_imports(tmp_path, "api", "temporalio") == {"api/page.py"}


def test_the_command_line_knows_its_words_before_it_loads_tables_engine_or_workbooks() -> None:
    heavy = ("sqlalchemy", "temporalio", "openpyxl", "fastapi", "fpdf", "holidays", "jinja2")
    asks = f"import sys, api.cli.main; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
