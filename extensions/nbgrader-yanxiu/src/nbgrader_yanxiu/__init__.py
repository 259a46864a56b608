"""The records service from a teacher's own server.

``bundle`` packs, ``records`` talks, ``exchange`` are nbgrader's plugins over both. Importing
this package imports none of them: nbgrader alone takes seconds.
"""

__version__ = "0.1.0"
