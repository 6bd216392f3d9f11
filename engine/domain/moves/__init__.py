"""What a person may do with a cycle and what comes of it: a handler for each command, collected in `catalogue`.

A move stands in one file: its rule, what it looks up, how it is tried, its rows of the table. What an owner does with
a step is in `drafting`, decisions in `deciding`, all else in `beside`.

Must not know HTTP, SQL or Temporal.
"""
