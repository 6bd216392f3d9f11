"""Thin, durable shells around `engine.domain`; they hold no rules of their own."""
