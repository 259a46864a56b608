"""Expand AUTOTEST in an instructor's notebooks with nbgrader's own ``InstantiateTests``.

It runs the course's code to learn what the tests should compare with, and renders the course's
templates: so it happens here, and the platform takes what comes out for the course's own
notebook, as it would have taken one that was expanded elsewhere. Reads ``/in``, works in
``/work``, writes ``/out``; docs/reference/launcher.md says what each file holds.
Started by the launcher as ``python -m inside.autotest``.
"""

import contextlib
import json
import logging
import os
import shutil
import signal
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

from . import paths, quick
from .execute import folders, leave

_SILENT = logging.getLogger("yanxiu.autotest")


def main() -> int:
    """Expand; returns the exit code."""
    isolated = os.environ.pop("YANXIU_ISOLATED", "") == "1"
    inbox, outbox, work = folders()
    paths.leave_programs()
    quick.leave_out()
    # nbgrader and nbconvert speak of their own future on every run.
    warnings.simplefilter("ignore")
    _SILENT.addHandler(logging.NullHandler())
    _SILENT.propagate = False
    job = json.loads((inbox / "job.json").read_text())
    course = work / "course"
    shutil.copytree(inbox / "course", course)
    os.chdir(course)
    made: dict[str, Any] = {}
    reasons: dict[str, str] = {}
    for name in job["notebooks"]:
        try:
            made[name] = expanded(Path(job["folder"]) / name, job["settings"])
        except Exception as error:  # a template, a file or a cell of the course's, in any way
            reasons[name] = reason(error)
    # The parent of a program in a sandbox is outside of it and has no number there.
    if isolated and os.getppid() == 0:
        # What a notebook left running may not change the results while they are written.
        with contextlib.suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)
    leave(outbox / "expanded.json", json.dumps(made))
    leave(outbox / "result.json", json.dumps({"reasons": reasons}))
    return 0


def expanded(path: Path, settings: dict[str, Any]) -> Any:
    """Return a notebook with its tests; the cells of header and footer take part and stay out."""
    import nbformat
    from nbgrader.preprocessors import InstantiateTests, instantiatetests
    from traitlets.config import Config

    instantiatetests.start_new_kernel = _start_kernel
    config = Config(settings)
    book = nbformat.read(path, as_version=4)
    around = config.IncludeHeaderFooter
    before, after = (
        nbformat.read(around[part], as_version=4).cells if around.get(part) else []
        for part in ("header", "footer")
    )
    own = len(book.cells)
    # As nbgrader's IncludeHeaderFooter has it: a test's salt depends on where its cell stands.
    book.cells = [*before, *book.cells, *after]
    resources = {"metadata": {"path": str(path.parent), "name": path.stem}}
    book, _ = InstantiateTests(config=config, log=_SILENT).preprocess(book, resources)
    book.cells = book.cells[len(before) : len(before) + own]
    return book


def reason(error: Exception) -> str:
    """Return in a few words of nbgrader's why it could not."""
    said = str(error).strip().split("\n")[0][:200]
    # nbgrader raises a bare Exception for tests outside of a graded cell, and says so to its log.
    return said or "AUTOTEST outside of an 'Autograder tests' cell"


def _start_kernel(kernel_name: str, cwd: str | None = None, **more: Any) -> Any:
    """Start a kernel of ours: a notebook does not choose what executes it."""
    from jupyter_client.manager import KernelManager

    # Sockets in a folder of their own: left to itself, jupyter_client names them relative to
    # wherever each of the two processes stands.
    place = Path(tempfile.mkdtemp(prefix="k")) / "k"
    manager = KernelManager(kernel_name="python3", transport="ipc", ip=str(place))
    manager.start_kernel(cwd=cwd)
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    return manager, client


if __name__ == "__main__":
    sys.exit(main())
