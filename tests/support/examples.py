"""How many examples a test of properties draws."""

import os


def examples(usual: int) -> int:
    """`usual` for every change; `make test-all` says with SPIRAL_EXAMPLES how many for each ten of them."""
    return usual * int(os.environ.get("SPIRAL_EXAMPLES", "10")) // 10
