"""Let nbgrader find the commands that it calls by their bare names.

Making a gradebook runs ``alembic``; without the environment's ``bin`` on ``PATH`` that
fails, and a second try leaves a database without its version. Used around every gradebook.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def commands_found() -> Iterator[None]:
    """Put the folder of this Python first on ``PATH`` for the block."""
    before = os.environ.get("PATH")
    here = str(Path(sys.executable).parent)
    os.environ["PATH"] = f"{here}{os.pathsep}{before}" if before else here
    try:
        yield
    finally:
        if before is None:
            del os.environ["PATH"]
        else:
            os.environ["PATH"] = before
