"""Paper and calendars: decision and case sheets, PDF, iCalendar.

Must not know who may read them.
"""
