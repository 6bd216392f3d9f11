"""Everything a workflow asks of the outside world, as classes with injected ports."""
