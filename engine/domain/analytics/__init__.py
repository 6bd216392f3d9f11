"""What dashboards ask: a question (filters, grouping), the figures that answer it, and the history behind them.

Must not know SQL or pages.
"""
