"""What it brought: measured effects of a cycle, and sums over a lineage that count nothing twice.

Must not know SQL or pages; unmeasured is never zero.
"""
