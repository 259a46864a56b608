"""Who somebody is: rosters, local accounts, claims of identity providers, hub scopes.

Decides identity only; what a person may do is decided by the rooms that own the things.
"""
