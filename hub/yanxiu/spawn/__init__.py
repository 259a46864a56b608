"""Start teachers' servers: what they may use and know, and the hub's hand on the launcher.

``profiles`` is pure; ``spawner`` is glue. Sandboxes and limits are made by
``yanxiu.sandbox``, behind its socket.
"""
