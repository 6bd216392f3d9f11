"""Requests made up from the published description, fitting it and breaking it, as two roles on both databases.

Whatever is asked, the answer is no server error and one that the description names. A few examples
of each call run always; `make fuzz` tries many, from their edges, and in the order in which one leads to another.
"""

import asyncio
import os
import re
import sys
from pathlib import Path

import pytest

from tests.api.conftest import Http
from tests.support import city

CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,"
    "allow_header_conformance"
)
LATER = '[checks]\nnot_a_server_error.expected-statuses = ["2xx", "3xx", "4xx", "503"]\n'
"""A machine that is slow for a moment may say *try again* (503, in the description); anything else is an error."""
ROLES = pytest.mark.parametrize("person", [city.ADMIN, city.OWNER], ids=["administrator", "owner"])


async def tried(http: Http, served: str, folder: Path, person: str, *options: str) -> str:
    """What the run says; fails when it found something."""
    cycle = await http.start()
    await http.hand_in(cycle, city.imagine())
    (folder / "schemathesis.toml").write_text(LATER, encoding="utf-8")
    run = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "schemathesis.cli", "run", f"{served}/openapi.json", "--checks", CHECKS,
        "--header", f"Authorization: Bearer {http.token(person)}", "--exclude-path", "/api/v1/stream",
        "--suppress-health-check", "all", "--seed", "1", "--generation-database", "none", "--no-color",
        "--warnings", "off", "--request-timeout", "60", "--continue-on-failure", *options,
        cwd=folder, env=os.environ | {"COLUMNS": "200"},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    out, _ = await run.communicate()
    said = out.decode()
    assert run.returncode == 0, said[-12_000:]
    assert re.search(r"\d+ generated", said), said[-2000:]
    return said


@pytest.mark.slow
@ROLES
async def test_a_few_made_up_requests_of_each_kind_are_answered_as_described(
    http: Http, served: str, tmp_path: Path, person: str
) -> None:
    await tried(http, served, tmp_path, person, "--phases", "examples,fuzzing", "--max-examples", "1", "--no-shrink")


@pytest.mark.long
@pytest.mark.timeout(7200)
@ROLES
async def test_many_made_up_requests_are_answered_as_described(
    http: Http, served: str, tmp_path: Path, person: str
) -> None:
    await tried(http, served, tmp_path, person, "--max-examples", os.environ.get("SPIRAL_FUZZ_EXAMPLES", "50"))
