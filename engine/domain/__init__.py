"""What the spiral is, in pure Python: one function decides what a command does, one applies what happened.

At the top stand the words that every room uses: steps, scopes, days, texts, errors; each subject has a room.
Knows the standard library's pure part and pydantic; never a clock, chance or I/O.
"""
