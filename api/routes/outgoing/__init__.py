"""Notices, webhooks and the live stream."""
