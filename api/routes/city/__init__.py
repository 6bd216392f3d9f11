"""Dashboards, effects, history and the roadmap."""
