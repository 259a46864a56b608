"""How somebody proves who they are: local accounts, single sign-on, tokens, activation slips.

Decides identity only; what a person may do is decided by the rooms that own the things. The
hub process imports this room without its pages.
"""
