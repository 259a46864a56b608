"""What pages and verbs ask of the database about work: SQL, no rules.

Rows come as models or small frozen values, lists one page at a time. Who may see them is
decided by the caller, who says so with the paths of the subtrees.
"""
