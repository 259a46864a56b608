"""The changes, one a file.

A verb takes what it uses, checks permission, then rules, then writes once: the change and its
audit event in one transaction. Refusals are audited too.
"""
