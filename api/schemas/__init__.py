"""Shapes of requests and answers, as the contract fixes them.

Must not know the database.
"""
