"""The database and the blobs, for every room; no capability has a name here.

``engine`` opens it and gives out transactions, ``audit`` makes every write carry its event,
``blobs`` keeps files by digest, ``base`` is what all tables share.
"""
