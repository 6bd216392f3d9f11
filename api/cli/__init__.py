"""The `spiral` command."""
