"""What runs inside a sandbox: standard library and the environment's packages only.

Seen there as the package ``inside`` under ``/yanxiu``; never imports ``yanxiu``.
"""
