"""Bubblewrap sandboxes, their limits and what runs in them.

``client`` is what spawn and grading import; ``launcher`` is the process that owns
every sandbox; the modules under ``inside`` run in a sandbox and never import ``yanxiu``.
The contract between them is ``docs/reference/launcher.md``.
"""
