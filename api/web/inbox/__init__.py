"""The inbox of the pages."""
