"""決裁: a round of review, its stages and decisions, who has authority, the policy, consultation, mentions.

Must not know how a route is found or what a command does.
"""
