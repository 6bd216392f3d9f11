"""The spiral, drawn: from a lineage to rings with four quarters, and from a journal to time at scale."""
