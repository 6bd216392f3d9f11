"""What is kept in SQL, on SQLite and PostgreSQL with one code.

Must not know HTTP, Temporal or pages.
"""
