"""What crosses the Temporal wire: names, ids, and one model in and one out for each message."""
