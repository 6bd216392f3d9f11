"""What a worker does beside its workflows: compare engine and record, wake, start again, move to newer code.

Holds no workflow and knows no table.
"""
