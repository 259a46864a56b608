"""The one judge of notebooks: what of anybody's file can be graded, mended where that loses nothing.

Portal, panel, command, import and the grading run all ask ``read``: so what was taken at the
door is never "unreadable" afterwards, and what is refused is refused at once, with the cell. The
file itself is never changed; ``read`` gives a notebook of format 4.5 made anew, in which
everything but outputs is of the shape that nbformat asks for: those are made anew when it is
graded, and whoever shows one judges it then. Pure, and without pydantic: it is called
inside of runs too.
"""

import json

from .mending import KINDS, MAX_CELLS, mend
from .naming import meant, notebook_name
from .problem import BadNotebook, Cell, Notebook
from .reading import parse, text_of

__all__ = [
    "KINDS",
    "MAX_CELLS",
    "BadNotebook",
    "Cell",
    "Notebook",
    "grade_ids",
    "meant",
    "mend",
    "notebook_name",
    "parse",
    "read",
    "text_of",
    "write",
]


def read(raw: bytes, *, bounded: bool = True) -> Notebook:
    """Return the notebook that a file holds, whole and of a known shape.

    :param bounded: refuse what would take too much memory; runs have limits of their own
    :raises BadNotebook: it holds none, or a cell that nobody could grade
    """
    return mend(parse(raw, bounded=bounded))


def write(notebook: Notebook) -> bytes:
    """Return a notebook as UTF-8 JSON.

    :raises BadNotebook: it holds something nested without end
    """
    try:
        text = json.dumps(notebook, ensure_ascii=False)
    except RecursionError:
        raise BadNotebook("notebook.intricate") from None
    try:
        return text.encode()
    except UnicodeEncodeError:
        # Halves of characters are legal in JSON's escapes and in nothing that reads it
        # afterwards. Two that were torn apart between two lines are one again here.
        whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        return whole.encode()


def grade_ids(notebook: Notebook) -> set[str]:
    """Return the names that nbgrader's marks give to cells."""
    marks = (cell["metadata"].get("nbgrader") for cell in notebook["cells"])
    found = (mark.get("grade_id") for mark in marks if isinstance(mark, dict))
    return {name for name in found if isinstance(name, str)}
