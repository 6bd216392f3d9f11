"""The documents in force on a day, the facts that commands need, and the files that people attach."""
