"""Tables made from the journal and the ledger in the transaction that appends; `rebuild` makes them anew."""
