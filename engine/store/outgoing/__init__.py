"""What leaves the house: messages, webhook deliveries, reminders, calendar feeds.

Each is queued in the transaction that caused it.
"""
