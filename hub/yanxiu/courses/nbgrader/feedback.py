"""Write one learner's ``autograded`` notebooks and nbgrader's feedback pages of them.

What is parsed and rendered here a learner's code wrote, by parsers without an end (nbformat,
bleach, Jinja): it runs in a limited child of ``prepare``, never in a service. Decides nothing:
the points and comments are in the gradebook already. Asked for by ``writing``.
"""

import logging
from pathlib import Path
from typing import Any

from .exported import Assignment, Cell, autograded, unexecuted, without_hidden

#: Folder below the export, for the while: notebooks without hidden tests, to be rendered.
PUBLIC = ".public"
_quiet = logging.getLogger("yanxiu.courses.nbgrader.quiet")


def write(root: Path, about: Assignment, work: dict[str, Any]) -> None:
    """Write notebooks and pages into their folders, beside the files that are there.

    :param about: the assignment; of its files only notebooks are looked at
    :param work: ``student``; ``executed``: a file, None for a form's ``answers``; ``finished``:
        feedback is wanted; ``course_id``, ``db_url``
    """
    place = f"{work['student']}/{about.name}"
    notebooks = (
        autograded(Path(work["executed"]).read_bytes(), about)
        if work["executed"] is not None
        else unexecuted(about, work["answers"])
    )
    for name, data in notebooks.items():
        (root / "autograded" / place / name).write_bytes(data)
        if work["finished"]:
            shown = without_hidden(data, about.release[name])
            (root / PUBLIC / place / name).write_bytes(shown)
    if work["finished"]:
        _render(root, about.name, work)


def _render(root: Path, assignment: str, work: dict[str, Any]) -> None:
    from nbconvert.exporters import HTMLExporter
    from nbgrader.converters import GenerateFeedback
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import Config

    config = Config()
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.db_url = work["db_url"]
    config.CourseDirectory.course_id = work["course_id"]
    config.CourseDirectory.autograded_directory = PUBLIC
    # What a learner's code wrote stays text: these pages are opened as files.
    config.HTMLExporter.sanitize_html = True
    place = CourseDirectory(config=config, log=_quiet)
    place.assignment_id, place.student_id = assignment, work["student"]
    GenerateFeedback(
        coursedir=place, config=config, log=_quiet, exporter_class=HTMLExporter
    ).start()


def about_of(
    job: dict[str, Any], grading: dict[str, bytes], release: dict[str, bytes]
) -> Assignment:
    """Return the assignment as it came through JSON, without its source."""
    return Assignment(
        job["assignment"], {}, release, grading, tuple(Cell(**one) for one in job["cells"])
    )
