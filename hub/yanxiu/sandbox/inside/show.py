"""Make what people read of a notebook: sources, outputs and their HTML, in a run of its own.

Nothing of a learner's runs here, so unlike a run of theirs this one's files are believed; but
all of it is parsed here, and nowhere else: a notebook that takes gigabytes to look at takes
them from this run. Each file is whole when it is there, and comes as soon as it can: whoever
ends this run at a limit keeps what was done before. Reads ``/in``, writes ``/out``;
docs/reference/launcher.md says what each file holds. Started by the launcher as
``python -m inside.show``.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from . import feedback_notebook, outputs, paths, prepare, quick, render
from .execute import folders, leave

_EXIT_MEMORY = 86
#: The longest notebook that is kept, bytes. What its outputs may be is ``outputs``'.
MOST_NOTEBOOK = 29_000_000
#: One written answer, in characters.
MAX_ANSWER = 20_000


def main() -> int:
    """Make the files; returns the exit code."""
    inbox, outbox, _ = folders()
    paths.leave_programs()
    quick.leave_out()
    job = json.loads((inbox / "job.json").read_text())
    try:
        book = (_of_nbgrader if "notebooks" in job else _of_ours)(inbox, outbox, job)
        if book is not None:
            leave(outbox / "executed.html", render.fragment(prepare.read_ours(book)["cells"]))
    except MemoryError:
        return _EXIT_MEMORY
    return 0


def _of_ours(inbox: Path, outbox: Path, job: Mapping[str, Any]) -> bytes | None:
    """Leave the notebook of one of our units, and what had to be put back in it."""
    submitted, release = (inbox / "submitted.ipynb").read_bytes(), _bytes(inbox / "release.ipynb")
    prepared = prepare.prepare(submitted, release)
    leave(outbox / "result.json", json.dumps({"restored": prepare.restored(submitted, release)}))
    # A run that was cut off shows its sources all the same: a person may have to judge them.
    _leave_notebook(outbox, prepared)
    executed = inbox / "executed.ipynb"
    merged = outputs.merge(prepared, executed.read_bytes()) if executed.is_file() else None
    return _leave_notebook(outbox, merged or prepared)


def _of_nbgrader(inbox: Path, outbox: Path, job: Mapping[str, Any]) -> bytes | None:
    """Leave the notebooks of an nbgrader unit as one, and what was written into their cells.

    :param job: ``notebooks``; ``answers``: the ``[task, notebook, grade_id]`` of what a person reads
    """
    submitted = {
        name: prepare.read(data)["cells"]
        for name in job["notebooks"]
        if (data := _bytes(inbox / "submitted" / name))
    }
    written = {
        (name, prepare.grade_id(cell)): cell["source"]
        for name, cells in submitted.items()
        for cell in cells
    }
    answers = {
        task: _text(written[notebook, grade_id])
        for task, notebook, grade_id in job["answers"]
        if (notebook, grade_id) in written
    }
    leave(outbox / "answers.json", json.dumps(answers, ensure_ascii=False))
    if not submitted:
        return None
    ran = _ran(inbox / "executed.json")
    made = {}
    for name in submitted:
        sides = [(inbox / part / name).read_bytes() for part in ("submitted", "grading", "release")]
        made[name] = feedback_notebook.make(sides[0], sides[1], sides[2], ran.get(name))
    return _leave_notebook(outbox, feedback_notebook.join(made))


def _text(source: str) -> str:
    # Half a character or none at all, which no database takes.
    return source[:MAX_ANSWER].replace("\0", "").encode("utf-8", "replace").decode()


def _ran(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(_bytes(path) or b"{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _leave_notebook(outbox: Path, notebook: bytes) -> bytes:
    """Leave a notebook without hidden tests, should any have come this far, and return it."""
    notebook = feedback_notebook.without_marked(notebook)
    if len(notebook) <= MOST_NOTEBOOK:
        leave(outbox / "executed.ipynb", notebook)
    return notebook


def _bytes(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


if __name__ == "__main__":
    sys.exit(main())
