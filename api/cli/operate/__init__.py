"""The command line's share of running the whole: its parts, and what is played in it. Must not know a move."""
