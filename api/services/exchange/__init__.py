"""Initiatives from files, and what leaves as files: sheets to print, calendars."""
