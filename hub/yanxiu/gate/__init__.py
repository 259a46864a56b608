"""The gate in front of teachers' servers: who may reach one, asked before a byte does.

The proxy asks ``door`` about every request below ``/user/`` (traefik's forwardAuth, see
``routes`` and ``up.traefik``); ``proxy`` puts it in front of each route that the hub adds. What
stands in the browser is ``passes``' business. Why: ``docs/explanation/origins.md``.
"""
