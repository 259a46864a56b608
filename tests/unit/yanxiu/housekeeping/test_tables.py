"""The process that removes blobs knows every table that might refer to one."""

import subprocess
import sys

from sqlalchemy import create_engine, inspect
from yanxiu.store import schema

#: In a process of its own: the tests import every room, the housekeeping process need not.
_KNOWN = (
    "import yanxiu.housekeeping.process\n"
    "from yanxiu.store.base import Base\n"
    "print(*Base.metadata.tables)"
)


def test_no_table_is_unknown_to_it(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path}/fresh.sqlite")
    schema.upgrade(engine)
    there = set(inspect(engine).get_table_names()) - {"alembic_version"}
    engine.dispose()
    known = subprocess.run(
        [sys.executable, "-c", _KNOWN], capture_output=True, text=True, check=True
    ).stdout.split()
    assert there - set(known) == set()
