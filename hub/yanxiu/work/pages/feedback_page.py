"""The feedback of one attempt as a page to keep: one file, no script, nothing from the web.

For ``nbgrader fetch_feedback``, which puts it into the teacher's own folder; Jupyter shows
HTML there under its own rules. Everything of a learner's notebook is escaped or cleaned as in
``notebooks``. Called by ``api.feedback``.
"""

from typing import Any

from yanxiu_formats.units import Unit

from yanxiu.courses.model import Course
from yanxiu.i18n import Translator
from yanxiu.web.pages import environment
from yanxiu.work.model import Attempt

from .notebooks import cells_of

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'none'"


def render(
    tr: Translator,
    *,
    row: Attempt,
    unit: Unit,
    course: Course,
    tasks: list[dict[str, Any]],
    notebook: Any,
) -> str:
    """Return the page.

    :param tasks: as the API describes them
    :param notebook: the executed notebook, None when there is none
    """
    try:
        cells = cells_of(notebook) if notebook is not None else []
    except Exception:
        # Written by a learner's code; the points are there all the same.
        cells = []
    return environment.get_template("feedback.html").render(
        _=tr.gettext,
        t=tr.pick,
        lang=tr.lang,
        policy=POLICY,
        row=row,
        unit=unit,
        course=course,
        tasks=tasks,
        cells=cells,
    )
