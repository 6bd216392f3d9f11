"""How a process that stays loads itself. Must not know which process it is."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """Python's collector rests for the block, and what was loaded in it is never looked through again.

    Modules, models and routes are hundreds of thousands of objects and none of them is garbage: looking for some took
    a quarter of the API's start.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
