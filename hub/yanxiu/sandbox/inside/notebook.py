"""Execute a notebook's cells within limits of time and output.

nbclient does the work; this subclass counts what arrives while it arrives, because a
cell can print more than any memory holds. Called by ``execute``.
"""

import asyncio
from pathlib import Path
from typing import Any

import zmq
import zmq.asyncio
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.paths import jupyter_runtime_dir
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from zmq.utils.monitor import recv_monitor_message

#: What a message costs beyond its text.
_EACH = 200


def weight(thing: Any) -> int:
    """Return about how many bytes a message takes in memory."""
    total, waiting = 0, [thing]
    while waiting:
        part = waiting.pop()
        total += 16
        if isinstance(part, str | bytes):
            total += len(part)
        elif isinstance(part, memoryview):
            total += part.nbytes
        elif isinstance(part, dict):
            waiting += part.keys()
            waiting += part.values()
        elif isinstance(part, list | tuple):
            waiting += part
    return total


class Runner(NotebookClient):
    """One execution of one notebook, changed in place.

    :param output_bytes: of all cells together
    """

    def __init__(self, book: NotebookNode, cell_timeout_s: float, output_bytes: int, cwd: Path):
        context = zmq.asyncio.Context()
        # One message alone must not fill the memory either: the socket refuses it.
        context.setsockopt(zmq.MAXMSGSIZE, output_bytes + (1 << 20))
        self._manager = AsyncKernelManager(
            kernel_name="python3",
            context=context,
            # A Unix address holds 107 bytes; only outside of a sandbox is the folder longer.
            transport="ipc" if len(jupyter_runtime_dir()) < 40 else "tcp",
        )
        super().__init__(
            book,
            km=self._manager,
            timeout=cell_timeout_s,
            allow_errors=True,
            force_raise_errors=False,
            record_timing=False,
            resources={"metadata": {"path": str(cwd)}},
            kernel_name="python3",
        )
        self._left = output_bytes
        self._at = 0
        self.stopped_at: int | None = None
        self.reason: str | None = None

    def run(self) -> None:
        """Execute all cells, or up to the one that went over a limit."""
        asyncio.run(self._run())

    async def _run(self) -> None:
        self.reset_execution_trackers()
        async with self.async_setup_kernel(cwd=self.resources["metadata"]["path"]):
            refusals = asyncio.ensure_future(self._refused_messages())
            try:
                await self._cells()
            finally:
                refusals.cancel()
                self.set_widgets_metadata()
                await self._manager.shutdown_kernel(now=True)

    async def _cells(self) -> None:
        for index, cell in enumerate(self.nb.cells):
            self._at = index
            try:
                await self.async_execute_cell(cell, index)
            except CellTimeoutError:
                self._stop("timeout")
            except DeadKernelError:
                self._stop("kernel_died")
            if any(out.get("ename") == "MemoryError" for out in cell.get("outputs", [])):
                self._stop("memory")
            if self.reason:
                return

    def _stop(self, reason: str) -> None:
        if self.reason is None:
            self.reason, self.stopped_at = reason, self._at

    def process_message(
        self, msg: dict[str, Any], cell: NotebookNode, cell_index: int
    ) -> NotebookNode | None:
        """Count a message, then let nbclient have it."""
        self._left -= weight(msg["content"]) + weight(msg.get("buffers", [])) + _EACH
        if self._left < 0:
            self._too_much()
            return None
        return super().process_message(msg, cell, cell_index)

    def _too_much(self) -> None:
        self._stop("output")
        if self.task_poll_for_reply:
            # nbclient takes this for a dead kernel and stops waiting for it.
            self.task_poll_for_reply.cancel()

    async def _refused_messages(self) -> None:
        """Notice that the socket dropped the connection over a message that is too large."""
        assert self.kc is not None
        monitor = self.kc.iopub_channel.socket.get_monitor_socket(zmq.EVENT_DISCONNECTED)
        await recv_monitor_message(monitor)
        await asyncio.sleep(1)  # a dying kernel closes its sockets before it is gone
        if await self._manager.is_alive():
            self._too_much()

    def failed_cells(self) -> int:
        """Return how many cells ended in an error."""
        return sum(
            any(out.output_type == "error" for out in cell.get("outputs", []))
            for cell in self.nb.cells
        )
