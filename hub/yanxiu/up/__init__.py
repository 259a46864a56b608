"""``yanxiu up``: one foreground command that runs and watches every part of the product.

Wiring, beside ``cli`` and ``configure``: it knows how each part is started, and nothing
of what the parts do. Entered through ``main.run``. Why it is our own:
``docs/decisions/supervisor.md``.
"""
