"""The verbs of the records service, one a file.

A verb takes what it uses, checks permission, then policy, then writes once: the change
and its audit event in one transaction. Refusals are audited too.
"""
