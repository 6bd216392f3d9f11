"""Which posts a route asks, stage by stage, and why; who holds a post or stands in is `organisation.deciders`.

Must not know what was decided.
"""
