"""One cluster for the tests of this folder; skipped in words where its programs cannot be had."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.shape.programs import missing
from tests.cluster.shape.whole import Shape, shape


@pytest.fixture(scope="module")
def cluster() -> Iterator[Shape]:
    if lacks := missing():
        pytest.skip(lacks)
    # A command that takes a busy machine three seconds is no fault, whichever it waits for.
    patience = {"SPIRAL_ENGINE_PATIENCE": "10", "SPIRAL_DATABASE_PATIENCE": "10"}
    with tempfile.TemporaryDirectory(prefix="spiral-cluster-") as folder, shape(Path(folder), **patience) as found:
        yield found
