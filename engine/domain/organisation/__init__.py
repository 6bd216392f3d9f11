"""Who there is: units, people, posts, absences; whether files of them agree, and what a transfer takes along.

Must not know cycles.
"""
