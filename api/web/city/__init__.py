"""Pages that show the city: dashboard, drill-down, roadmap."""
