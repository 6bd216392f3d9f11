"""Initiatives and cycles: start, draft, submit, decide, attach, versions."""
