"""Who there is: units, people, posts, absences; who decides for a vacant post or an absent holder; files that agree.

Must not know cycles.
"""
