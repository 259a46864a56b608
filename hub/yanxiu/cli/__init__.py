"""The ``yanxiu`` command: wiring for the operator, one subcommand a module.

The only room beside ``configure`` that knows all others. Errors are sentences on standard
error; exit codes: 0 done, 1 refused or failed, 2 wrong usage, 130 ended by Ctrl-C.
"""

from .main import main

__all__ = ["main"]
