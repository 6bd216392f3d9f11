"""Every word for people, in Japanese and English: refusals, fields, enums, notices, help.

Must not know where a sentence is shown.
"""
