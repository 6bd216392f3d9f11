"""What the spiral is, in pure Python: no clock, no randomness, no I/O, nothing of ours from outside this room."""
