"""Write an nbgrader course: its folders, and a ``gradebook.db`` that its formgrader opens.

Decides where a file lies and how our points are said in nbgrader's gradebook: what the
machine found is ``auto_score``, what a person gave beyond that ``manual_score``. Knows no
store, and looks into no learner's notebook: ``limited`` has that done. Called by
``work.verbs.export_course``.
"""

import logging
import shutil
import warnings
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any

from . import limited
from .exported import Assignment, Cell
from .feedback import PUBLIC
from .prepare import text_of
from .tools import commands_found

_EXECUTED = ".executed"
#: Says in a folder why it is not whole.
INCOMPLETE = "incomplete.txt"
_TOO_MUCH = (
    "这份作业的笔记本读不了，或者太大、太复杂，超出了限制（内存或时间）：这里没有学员写的和运行的内容。"
    "分数和评语在 gradebook.db 里，原件在 submitted 文件夹里。\n"
    "This notebook cannot be read, or is too large or too complex for the limits of memory and time: "
    "nothing that the learner wrote or ran is here. Points and comments are in gradebook.db, the "
    "original is in the folder submitted.\n"
)
_quiet = logging.getLogger("yanxiu.courses.nbgrader.quiet")
#: A spreadsheet runs what begins with these; nbgrader's own export writes names as they are.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Points:
    """One task's points: the machine's, a person's, and what the person wrote.

    :param waits: a person has yet to give them
    """

    auto: float | None = None
    given: float | None = None
    comment: str = ""
    waits: bool = False


@dataclass(frozen=True)
class Work:
    """One learner's submission to one assignment.

    :param files: as they were handed in, each read when it is written
    :param executed: the notebook as it ran, open
    :param points: empty while the machine is not through
    :param answers: what a form declared, by task
    :param comment: about the whole
    :param finished: it has its points, so that feedback can be written
    """

    student: str
    received_at: datetime
    files: Mapping[str, bytes]
    executed: IO[bytes] | None
    points: Mapping[str, Points] = field(default_factory=dict)
    comment: str = ""
    finished: bool = False
    answers: Mapping[str, Any] = field(default_factory=dict)


class Writer:
    """A course on its way to a folder; use ``writing``.

    :ivar incomplete: ``student/assignment`` of work that went beyond its limits
    """

    def __init__(self, root: Path, course_id: str, book: Any):
        self.root, self.course_id, self.book = root, course_id, book
        self.url = f"sqlite:///{root / 'gradebook.db'}"
        self.incomplete: list[str] = []

    def assignment(self, about: Assignment, due_at: datetime | None) -> None:
        """Write an assignment's two versions, and tell the gradebook of its cells."""
        import nbformat
        from nbgrader.preprocessors import SaveCells

        self._put(f"source/{about.name}", about.source)
        self._put(f"release/{about.name}", about.release)
        due = due_at.astimezone(UTC).replace(tzinfo=None) if due_at else None
        self.book.add_assignment(about.name, duedate=due)
        for name, data in about.grading.items():
            place = {"notebook": Path(name).stem, "assignment": about.name, "db_url": self.url}
            notebook = nbformat.reads(data.decode(), as_version=4)
            SaveCells(log=_quiet).preprocess(notebook, {"nbgrader": place})
        self.book.db.expire_all()

    def student(self, student: str, name: str = "") -> None:
        """Add a learner; ``name`` is for those who may have it."""
        if name.startswith(_FORMULA):
            name = f"'{name}"
        self.book.update_or_create_student(student, **({"last_name": name} if name else {}))

    def work(self, about: Assignment, work: Work) -> None:
        """Write a submission with its points."""
        at = work.received_at.astimezone(UTC)
        stamp = {"timestamp.txt": f"{at:%Y-%m-%d %H:%M:%S.%f} UTC\n".encode()}
        place = f"{work.student}/{about.name}"
        self._put(f"submitted/{place}", work.files, beside=stamp)
        self._put(f"submitted/{place}", stamp)
        self.book.add_submission(about.name, work.student, timestamp=at.replace(tzinfo=None))
        for cell in about.cells:
            points = work.points.get(cell.task, Points())
            grade = self.book.find_grade(cell.grade_id, cell.notebook, about.name, work.student)
            grade.auto_score = points.auto
            # nbgrader prefers a manual score: it is only needed where it says something else.
            differs = points.given is not None and points.given != points.auto
            grade.manual_score = points.given if differs else None
            grade.needs_manual_grade = points.waits
            if points.comment:
                self._comment(cell, about.name, work.student, points.comment)
        self.book.db.commit()
        if not work.points:
            return
        # nbgrader believes points only of what lies in ``autograded``; of the other folder
        # feedback is made, to which no time belongs.
        folders = {f"autograded/{place}": {**about.release, **stamp}}
        if work.finished:
            folders[f"{PUBLIC}/{place}"] = {**about.release}
        for folder, ours in folders.items():
            self._put(folder, work.files, beside={**about.grading, **ours})
            self._put(folder, ours)
        if not self._learners_part(about, work):
            self.incomplete.append(place)
            said = {INCOMPLETE: _TOO_MUCH.encode()}
            self._put(f"autograded/{place}", {**about.grading, **said})
            shutil.rmtree(self.root / "feedback" / place, ignore_errors=True)
            if work.finished:
                self._put(f"feedback/{place}", said)
        shutil.rmtree(self.root / PUBLIC, ignore_errors=True)
        if work.finished and work.comment:
            self._put(f"feedback/{place}", {"comment.txt": work.comment.encode()})

    def _learners_part(self, about: Assignment, work: Work) -> bool:
        """Have the learner's notebooks written and rendered; False if that broke off."""
        executed = self.root / _EXECUTED
        if work.executed is not None:
            with executed.open("wb") as file:
                shutil.copyfileobj(work.executed, file)
        try:
            return limited.write(
                {
                    "root": str(self.root),
                    "course_id": self.course_id,
                    "db_url": self.url,
                    "assignment": about.name,
                    "grading": text_of(about.grading),
                    "release": text_of({name: about.release[name] for name in about.grading}),
                    "cells": [vars(cell) for cell in about.cells],
                    "student": work.student,
                    "executed": None if work.executed is None else str(executed),
                    "answers": dict(work.answers),
                    "finished": work.finished,
                }
            )
        finally:
            executed.unlink(missing_ok=True)

    def _comment(self, cell: Cell, assignment: str, student: str, text: str) -> None:
        from nbgrader.api import MissingEntry

        try:
            comment = self.book.find_comment(cell.grade_id, cell.notebook, assignment, student)
        except MissingEntry:  # nbgrader has comments on answers, not on tests
            return
        comment.manual_comment = text

    def _put(self, folder: str, files: Mapping[str, bytes], beside: Collection[str] = ()) -> None:
        """Write files, one in memory at a time; what stands where ``beside`` will is left out."""
        for name in files:
            if _clashes(name, beside):
                continue
            path = self.root / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(files[name])


def _clashes(name: str, others: Collection[str]) -> bool:
    """Say whether a file has the name of another, or one of them is a folder of the other.

    >>> _clashes("data.csv/mine.txt", ["data.csv"]), _clashes("data", ["data/points.csv"])
    (True, True)
    >>> _clashes("data/mine.txt", ["data/points.csv"])
    False
    """

    def places(one: str) -> set[str]:
        return {one, *map(str, PurePosixPath(one).parents)}

    return name in others or any(other in places(name) or name in places(other) for other in others)


@contextmanager
def writing(root: Path, course_id: str) -> Iterator[Writer]:
    """Write into ``root``, an empty folder; the gradebook is complete at the end."""
    from nbgrader.api import Gradebook

    with warnings.catch_warnings(), commands_found():
        # SQLAlchemy's advice to nbgrader is nobody's here.
        warnings.simplefilter("ignore")
        with Gradebook(f"sqlite:///{root / 'gradebook.db'}", course_id) as book:
            yield Writer(root, course_id, book)
