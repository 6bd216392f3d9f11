"""Who is told of what, by which channel, and what other systems are told.

Must not know how messages travel.
"""
