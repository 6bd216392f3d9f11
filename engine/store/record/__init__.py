"""The record: journal and ledger with their hash chains, appending, verifying, rebuilding."""
