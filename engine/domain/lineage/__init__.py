"""How cycles grow from each other: opening, next cycles, joins, and the edges between them.

Must not know the engine that starts them.
"""
