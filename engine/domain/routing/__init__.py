"""Who has to decide: the stages of a route with the reasons for each.

Must not know what was decided.
"""
