"""What a person may do with a cycle and what comes of it: one rule for each move, collected in `dispatch`.

Handing in, pulling back, resuming and what follows from time stand in `dispatch` itself; decisions in `deciding`.

Must not know HTTP, SQL or Temporal.
"""
