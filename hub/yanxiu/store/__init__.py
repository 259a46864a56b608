"""The only room that talks to the database and to the blobs.

``engine`` opens it, ``models`` say what is kept, ``audit`` makes every write carry its
event, ``blobs`` keeps files by digest. The other modules are grouped by subject and hold
SQL and nothing else: who may and what may happen are decided above, in ``records``.
"""
