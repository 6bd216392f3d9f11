"""Who may come in: people who hold a post today; and what an import may not take away or call itself.

Must not know cycles, nor how anybody proves who they are.
"""
