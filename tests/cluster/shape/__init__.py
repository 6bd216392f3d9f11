"""The shape of production on one machine.

Temporal's four services over mutual TLS, PostgreSQL with TLS and roles of their own, our workers and APIs, and a
proxy before them. Real programs throughout; knows nothing of what is tried on it.
"""
