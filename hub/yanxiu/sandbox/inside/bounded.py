"""nbgrader's ``Execute``, with an end to what a notebook may print.

Everything else is its own: errors do not stop a notebook, a cell that takes too long is
interrupted and the next has its turn. The converter makes the instance itself, so what is
noted stands on the class. Called by ``nbgrade``.
"""

import asyncio
import tempfile
from pathlib import Path
from typing import Any, ClassVar

from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import run_sync
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from nbgrader.preprocessors import Execute

from .notebook import weight

#: What a message costs beyond its text.
_EACH = 200


class Bounded(Execute):
    """Execute one notebook; ``reason`` says why it was cut short, if it was."""

    left: ClassVar[int] = 0
    reason: ClassVar[str | None] = None
    _waiting: ClassVar[set[asyncio.Future[Any]]] = set()

    @classmethod
    def begin(cls, output_bytes: int) -> None:
        """Begin a notebook that may print so much."""
        cls.left, cls.reason = output_bytes, None

    def create_kernel_manager(self) -> AsyncKernelManager:
        """Return the manager of a kernel of ours: a notebook does not choose what executes it."""
        # Sockets in a folder of their own: left to itself, jupyter_client names them relative to
        # wherever each of the two processes stands.
        place = Path(tempfile.mkdtemp(prefix="k")) / "k"
        self.km = AsyncKernelManager(kernel_name="python3", transport="ipc", ip=str(place))
        return self.km

    def process_message(
        self, msg: dict[str, Any], cell: NotebookNode, cell_index: int
    ) -> NotebookNode | None:
        """Count a message, then let nbclient have it; beyond the limit it has none."""
        if msg["msg_type"] in ("stream", "display_data", "execute_result", "error"):
            Bounded.left -= weight(msg["content"]) + weight(msg.get("buffers", [])) + _EACH
        if Bounded.left < 0 and msg["msg_type"] not in ("status", "error"):
            if Bounded.reason is None:
                Bounded.reason = "output"
                Bounded._waiting = {asyncio.ensure_future(self.km.interrupt_kernel())}
            return None
        return super().process_message(msg, cell, cell_index)

    async def async_execute_cell(self, cell: NotebookNode, cell_index: int, **more: Any) -> Any:
        """Execute a cell, and note what became of the kernel."""
        try:
            found = await super().async_execute_cell(cell, cell_index, **more)
        except DeadKernelError:
            Bounded.reason = "kernel_died"
            raise
        names = {out.get("ename") for out in cell.get("outputs", [])}
        if "CellTimeoutError" in names and Bounded.reason is None:
            Bounded.reason = "timeout"
        return found

    # nbclient bound its own to this name.
    execute_cell = run_sync(async_execute_cell)
