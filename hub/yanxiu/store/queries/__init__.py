"""Read models: what one page shows, in a number of queries that does not grow with the data.

Rows come as small frozen values, and lists one page at a time. Who may see them is
decided by the caller, who says so with the ``paths`` of the subtrees.
"""
