"""Files: imports, exports, sheets, calendars."""
