"""The embedded whole on one directory: Temporal's development server, the supervisor, what runs now.

Must not know what its parts are for.
"""
