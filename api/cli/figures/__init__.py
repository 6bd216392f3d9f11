"""What dashboards show: board, effects, lineage, spread."""
