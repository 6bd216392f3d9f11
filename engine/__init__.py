"""The engine: what the spiral is, how it is stored, and what it runs on."""
