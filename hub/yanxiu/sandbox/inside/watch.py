"""The header by which a program says that it only asks whether a login is still there.

Asking is not use: an open Jupyter tab, or the gate, keeps nobody logged in by its questions.
Sent by ``sessions`` (in a server) and ``web.hub`` (the gate), read by ``login.hub_sessions``.
"""

WATCH_HEADER = "X-Yanxiu-Watch"
