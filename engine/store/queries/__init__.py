"""What pages and the API read from the projections."""
