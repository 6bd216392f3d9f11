"""Who may come in, and who may read a cycle; and what an import may not take away or call itself.

Must not know how anybody proves who they are.
"""
