"""What people do with cycles: start, draft, hand in, decide, read; and when an answer is fresh enough to be given."""
