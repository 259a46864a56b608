"""Read the due dates of a course's ``gradebook.db``; nothing else of it is taken.

A copy is opened, so that the course's own file is never written. Called by
``verbs.import_course``.
"""

import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from yanxiu.errors import N_

from .problems import Problem

MAX_BYTES = 500_000_000


@dataclass
class Known:
    """What a gradebook says: due instants by assignment, and notes for the operator."""

    due: dict[str, datetime] = field(default_factory=dict)
    notes: list[Problem] = field(default_factory=list)


def read(path: Path | None) -> Known:
    """Read a gradebook; one that cannot be read is a note, not a failure."""
    known = Known()
    if path is None:
        return known
    unreadable = Problem(path.name, N_("成绩库打不开，没有读取截止时间；请用 --due 给出。"))
    if path.stat().st_size > MAX_BYTES:
        known.notes.append(unreadable)
        return known
    from nbgrader.api import Gradebook

    from .tools import commands_found

    with tempfile.TemporaryDirectory() as folder, commands_found():
        copy = Path(folder) / "gradebook.db"
        shutil.copyfile(path, copy)
        try:
            with Gradebook(f"sqlite:///{copy}") as book:
                known.due = {
                    one.name: one.duedate.replace(tzinfo=UTC)
                    for one in book.assignments
                    if one.duedate
                }
                if students := len(book.students):
                    known.notes.append(
                        Problem(
                            path.name,
                            N_("成绩库里 {count} 名学生的成绩没有导入：他们不是本平台的人。"),
                            {"count": students},
                        )
                    )
        except Exception:  # an old or broken database: SQLAlchemy has many kinds for it
            known.notes.append(unreadable)
    return known
