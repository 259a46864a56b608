"""Copies of a site that can be put back: rows of every table, blobs, the list of homes.

Decides what an archive is, and that half of one never passes for one. Knows no capability: rows
are read as the database itself describes them, so that any version's database can be saved by a
newer program. Neither homes nor secrets are in an archive (docs/how-to/back-up.md). Called by
``yanxiu backup`` and ``yanxiu restore``.
"""
