"""Facts that belong to no cycle: milestones of the startups, and the kinds of entries of the ledger's streams.

Must not know how they are kept.
"""
