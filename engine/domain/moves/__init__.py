"""What a person may do with a cycle and what comes of it: one rule for each move, collected in `dispatch`.

Must not know HTTP, SQL or Temporal.
"""
