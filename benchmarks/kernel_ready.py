"""From asking one's server for a kernel until the first pandas cell has printed its result.

Ours: a kernel in the sandbox of a teacher's server, as shipped. Stock: a kernel of a
``jupyterhub-singleuser``. Both are asked as JupyterLab asks: POST, then a WebSocket, through
the same proxy. A file cache that is warm: the first kernels are not counted.
"""

import time

import psutil

from benchmarks.result import Result
from benchmarks.support.both import both
from benchmarks.support.measure import take_turns
from benchmarks.support.processes import cost, descendants
from benchmarks.support.site import visitor
from benchmarks.support.visitor import Visitor

NAME = "kernel-ready"
ROUNDS = 7
CELL = """
import pandas as pd
quiz = pd.DataFrame({"pupil": ["S01", "S02", "S03"], "points": [3, None, 5]})
print(quiz["points"].mean())
"""
RESULT = "4.0\n"


def run() -> Result:
    """Start and end kernels of both sides in turn."""
    costs: dict[str, list[dict[str, float]]] = {"ours": [], "stock": []}

    def first_cell(side: str, who: Visitor, root: psutil.Process) -> float:
        before = descendants(root)
        began = time.perf_counter()
        kernel = who.start_kernel()
        printed = who.run_cell(kernel, CELL)
        seconds = time.perf_counter() - began
        if printed != RESULT:
            raise RuntimeError(f"the cell printed {printed!r}")
        costs[side].append(cost(root, before))
        who.stop_kernel(kernel)
        return seconds

    with both() as sides:
        alice, someone = visitor(sides.ours), sides.stock.visitor("alice")
        for one in (alice, someone):
            one.start_server()
            one.enter_server()
        ours, stock = take_turns(
            lambda: first_cell("ours", alice, sides.our_process),
            lambda: first_cell("stock", someone, sides.stock.process),
            ROUNDS,
        )
        for one in (alice, someone):
            one.stop_server()
    return Result.of_seconds(ours, stock, costs=costs)
