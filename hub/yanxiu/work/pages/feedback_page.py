"""The feedback of one attempt as a page to keep: one file, no script, nothing from the web.

For ``nbgrader fetch_feedback``, which puts it into the teacher's own folder; Jupyter shows
HTML there under its own rules. The notebook's cells are those that were rendered when it was
graded; nothing of them is parsed here. Called by ``api.feedback``.
"""

from typing import Any

from markupsafe import Markup
from yanxiu_formats.units import Unit

from yanxiu.courses.model import Course
from yanxiu.i18n import Translator
from yanxiu.web.pages import environment
from yanxiu.work.model import Attempt

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'none'"


_CELLS = Markup("<!--cells-->")


def around(
    tr: Translator,
    *,
    row: Attempt,
    unit: Unit,
    course: Course,
    tasks: list[dict[str, Any]],
    has_notebook: bool,
    has_cells: bool,
) -> tuple[str, str]:
    """Return the page before and after the notebook's cells, which may be large.

    :param tasks: as the API describes them
    :param has_cells: False when rendering them went beyond its limits
    """
    page = environment.get_template("feedback.html").render(
        _=tr.gettext,
        t=tr.pick,
        lang=tr.lang,
        policy=POLICY,
        row=row,
        unit=unit,
        course=course,
        tasks=tasks,
        has_notebook=has_notebook,
        cells=_CELLS if has_cells else "",
    )
    head, _, tail = page.partition(str(_CELLS))
    return head, tail
