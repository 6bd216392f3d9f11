"""The running whole for every test of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.whole import Whole


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[Whole]:
    running = Whole(tmp_path / "city")
    running.up()
    yield running
    if running.process is not None and running.process.poll() is None:
        running.kill()
