"""The table of named states and moves, as data: what each person may do in each state, and what comes of it.

Must not know the rules themselves: `decide` and `allowed` read it, and tests hold it against them.
"""
