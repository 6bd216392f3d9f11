"""Pages of who decides: the list, many at once, the decision page with its checks."""
