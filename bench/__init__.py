"""Side by side with bare Temporal, in one run: `make bench`."""

import os

os.environ.setdefault("SPIRAL_LIMITS", "off")  # a bench asks as often as it can, and is no run-away
