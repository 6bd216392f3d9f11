"""One function for each thing a person can do; JSON wraps it, pages render it.

Must not know HTML or JSON.
"""
