"""How a good case travels: cases, similar ones, offers to other sections, adoptions.

Must not know how offers are sent.
"""
