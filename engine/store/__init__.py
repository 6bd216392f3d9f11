"""The journal and the tables made from it, on SQLite and PostgreSQL with the same code."""
