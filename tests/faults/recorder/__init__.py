"""A city under load that is killed, stopped, starved and filled up, and a reckoning of what was answered.

Walkers play whole stories by HTTP with a key on every command and repeat what is in doubt; faults are drawn from a
seed; afterwards every answer is looked for in the journal by a reader of its own. Knows nothing of the store's code:
what it compares with is the contract, SQL and the engine's queries.
"""
