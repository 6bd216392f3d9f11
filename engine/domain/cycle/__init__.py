"""One cycle: what happened to it and what it amounts to."""
