"""From asking the hub's API for a server until the hub calls it ready.

Ours: JupyterLab in a sandbox of its own. Stock: ``jupyterhub-singleuser`` by JupyterHub's
simple local spawner. The same requests, by a person with a browser's cookies; the proxy is
the same. The page is opened each time, so that what counts as ready does serve.
"""

import psutil

from benchmarks.result import Result
from benchmarks.support.both import both
from benchmarks.support.measure import take_turns
from benchmarks.support.processes import cost, descendants
from benchmarks.support.site import visitor
from benchmarks.support.visitor import Visitor

NAME = "server-start"
ROUNDS = 5


def run() -> Result:
    """Start and stop servers of both sides in turn."""
    costs: dict[str, list[dict[str, float]]] = {"ours": [], "stock": []}

    def start(side: str, who: Visitor, root: psutil.Process) -> float:
        before = descendants(root)
        seconds = who.start_server()
        who.enter_server()
        costs[side].append(cost(root, before))
        who.stop_server()
        return seconds

    with both() as sides:
        alice, someone = visitor(sides.ours), sides.stock.visitor("alice")
        ours, stock = take_turns(
            lambda: start("ours", alice, sides.our_process),
            lambda: start("stock", someone, sides.stock.process),
            ROUNDS,
        )
    return Result.of_seconds(ours, stock, costs=costs)
