"""Write an nbgrader course: its folders, and a ``gradebook.db`` that its formgrader opens.

Decides where a file lies and how our points are said in nbgrader's gradebook: what the
machine found is ``auto_score``, what a person gave beyond that ``manual_score``. Knows no
store. Called by ``work.verbs.export_course``.
"""

import logging
import os
import shutil
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .exported import Assignment, Cell, autograded, unexecuted, without_hidden
from .folder import Files
from .tools import commands_found

_PUBLIC = ".public"
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

    :param points: empty while the machine is not through
    :param answers: what a form declared, by task
    :param comment: about the whole
    :param finished: it has its points, so that feedback can be written
    """

    student: str
    received_at: datetime
    files: Files
    executed: bytes | None
    points: Mapping[str, Points] = field(default_factory=dict)
    comment: str = ""
    finished: bool = False
    answers: Mapping[str, Any] = field(default_factory=dict)


class Writer:
    """A course on its way to a folder; use ``writing``."""

    def __init__(self, root: Path, course_id: str, book: Any):
        self.root, self.course_id, self.book = root, course_id, book
        self.url = f"sqlite:///{root / 'gradebook.db'}"
        self._finished: list[tuple[Assignment, Work]] = []

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
        self._put(f"submitted/{place}", {**work.files, **stamp})
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
        # nbgrader believes points only of what lies in this folder.
        notebooks = (
            autograded(work.executed, about)
            if work.executed is not None
            else unexecuted(about, work.answers)
        )
        others = {name: data for name, data in about.release.items() if name not in notebooks}
        own = {name: data for name, data in work.files.items() if name not in about.grading}
        self._put(f"autograded/{place}", {**own, **others, **notebooks, **stamp})
        if work.finished:
            public = {
                name: without_hidden(data, about.release[name]) for name, data in notebooks.items()
            }
            self._put(f"{_PUBLIC}/{place}", {**own, **others, **public})
            self._finished.append((about, work))

    def _comment(self, cell: Cell, assignment: str, student: str, text: str) -> None:
        from nbgrader.api import MissingEntry

        try:
            comment = self.book.find_comment(cell.grade_id, cell.notebook, assignment, student)
        except MissingEntry:  # nbgrader has comments on answers, not on tests
            return
        comment.manual_comment = text

    def feedback(self) -> None:
        """Write nbgrader's feedback pages, from notebooks without hidden tests."""
        from nbconvert.exporters import HTMLExporter
        from nbgrader.converters import GenerateFeedback
        from nbgrader.coursedir import CourseDirectory
        from traitlets.config import Config

        config = Config()
        config.CourseDirectory.root = str(self.root)
        config.CourseDirectory.db_url = self.url
        config.CourseDirectory.course_id = self.course_id
        config.CourseDirectory.autograded_directory = _PUBLIC
        # What a learner's code wrote stays text: these pages are opened as files.
        config.HTMLExporter.sanitize_html = True
        for about, work in self._finished:
            place = CourseDirectory(config=config, log=_quiet)
            place.assignment_id, place.student_id = about.name, work.student
            GenerateFeedback(
                coursedir=place, config=config, log=_quiet, exporter_class=HTMLExporter
            ).start()
            if work.comment:
                text = {"comment.txt": work.comment.encode()}
                self._put(f"feedback/{work.student}/{about.name}", text)
        shutil.rmtree(self.root / _PUBLIC, ignore_errors=True)

    def _put(self, folder: str, files: Files) -> None:
        for name, data in files.items():
            path = self.root / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)


@contextmanager
def writing(root: Path, course_id: str) -> Iterator[Writer]:
    """Write into ``root``, an empty folder; the gradebook is complete at the end."""
    from nbgrader.api import Gradebook

    before = Path.cwd()
    with warnings.catch_warnings(), commands_found():
        # SQLAlchemy's advice to nbgrader is nobody's here.
        warnings.simplefilter("ignore")
        try:
            with Gradebook(f"sqlite:///{root / 'gradebook.db'}", course_id) as book:
                writer = Writer(root, course_id, book)
                yield writer
                writer.feedback()
        finally:
            os.chdir(before)
