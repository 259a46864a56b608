"""Execute a learner's notebook in its folder, as Jupyter would, for looking at.

Not a grading run: no sandbox, the author's own machine and notebook. Every cell is tried,
so that one mistake does not hide the rest. Called by ``build.py run``.
"""

from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

SECONDS = 60


class RunError(Exception):
    """The notebook could not be executed; the text is a sentence."""


def execute(folder: Path, out: Path) -> None:
    """Execute the notebook in ``folder`` and write it to ``out`` with what came out.

    :raises RunError: there is no notebook, a cell takes too long, or the kernel died
    """
    found = sorted(folder.glob("*.ipynb"))
    if not found:
        raise RunError(f"{folder} 里没有笔记本，请先生成课程")
    notebook = nbformat.read(found[0], as_version=4)
    resources = {"metadata": {"path": str(folder)}}
    client = NotebookClient(notebook, timeout=SECONDS, allow_errors=True, resources=resources)
    try:
        client.execute()
    except (CellTimeoutError, DeadKernelError, CellExecutionError) as error:
        raise RunError(
            f"笔记本没有执行完（{type(error).__name__}，每格最多 {SECONDS} 秒）"
        ) from None
    nbformat.write(notebook, out)
