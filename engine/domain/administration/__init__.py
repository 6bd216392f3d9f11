"""Administration by two: which documents change who decides, and who has to agree before they do.

Must not know how documents are read or kept.
"""
