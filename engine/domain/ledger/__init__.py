"""Facts that belong to no cycle: milestones of the startups, how long a token may be good for, the ledger's entries.

Must not know how they are kept.
"""
