"""Submissions a second that are safely kept, with twenty people handing in at once.

Ours: through traefik to records, each with a portal session that the hub has confirmed;
records judges the bundle, writes blob, row, job and audit event to disk, then answers. Stock:
ngshare 0.6.0 behind the same proxy, each with a hub token, as ngshare_exchange sends it.
The grading worker is paused while the clock runs, because ngshare grades nothing; once more
with it at work is in the details, and what each part of either side took of the processor for
one submission, which does not depend on what else the machine does. Afterwards every receipt's
row and bytes are looked for. ``submit_2`` and ``submit_postgresql`` are the same on other sites.
"""

import hashlib
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import psutil
from sqlalchemy import text
from yanxiu.store.engine import make_engine

from benchmarks.result import Result, percentile
from benchmarks.support import processes, unit
from benchmarks.support.both import Both, both
from benchmarks.support.exchange import Load, our_body, our_desk, send, stock_body, stock_desks
from benchmarks.support.measure import say, take_turns
from benchmarks.support.site import visitor

NAME = "submit"
ROUNDS = 3
CLIENTS = 20
EACH = 5
NOTEBOOK_BYTES = 150_000


def run() -> Result:
    """Measure a site as it is installed."""
    return compare()


def compare(settings: str = "", database_url: str = "") -> Result:
    """Load both sides in turn and count what is left.

    :param settings: more of our ``site.yaml``
    :param database_url: of ours, instead of SQLite
    """
    loads: dict[str, list[Load]] = {"ours": [], "stock": []}
    spent: dict[str, Counter[str]] = {"ours": Counter(), "stock": Counter()}

    with both(
        teachers=CLIENTS, ngshare=True, settings=settings, database_url=database_url
    ) as sides:
        say("logging in")
        ours_desks = [our_desk(visitor(sides.ours, n + 1)) for n in range(CLIENTS)]
        theirs = stock_desks(sides.stock, CLIENTS)
        everybody = {"ours": sides.our_process, "stock": psutil.Process()}

        def hand_in(side: str) -> float:
            number = len(loads[side])
            books = [
                unit.submitted(f"round {number}, {n}", NOTEBOOK_BYTES)
                for n in range(CLIENTS * EACH)
            ]
            body = our_body if side == "ours" else stock_body
            desks = ours_desks if side == "ours" else theirs
            bodies = [body(book) for book in books]
            before = processes.spent(everybody[side])
            loads[side].append(send(desks, bodies))
            after = processes.spent(everybody[side])
            if side == "stock":
                # The client is this process, and everything of ours is its descendant too.
                for part in processes.spent(everybody["ours"]):
                    after.pop(part, None)
            spent[side] += after - before
            return loads[side][-1].rate

        workers = grading_workers(sides)
        for worker in workers:
            worker.suspend()
        ours, stock = take_turns(lambda: hand_in("ours"), lambda: hand_in("stock"), ROUNDS)
        counted = {side: len(loads[side]) * CLIENTS * EACH for side in loads}
        milliseconds = {
            side: {part: 1000 * seconds / counted[side] for part, seconds in parts.items()}
            for side, parts in spent.items()
        }
        for worker in workers:
            worker.resume()
        while_grading = hand_in("ours")
        url = database_url or f"sqlite:///{sides.ours.data}/db/yanxiu.sqlite"
        lost = {
            "ours": lost_of_ours(url, sides.ours.data / "blobs", loads["ours"]),
            "stock": lost_of_stock(sides.stock.folder, loads["stock"]),
        }
    if lost["ours"]:
        raise RuntimeError(f"{lost['ours']} accepted submissions were lost")
    # Without the first, which warmed up, and without ours while grading.
    used = {side: loads[side][1 : len(ours) + 1] for side in loads}
    latencies = {side: [s for one in used[side] for s in one.latencies] for side in loads}
    return Result.of_rates(
        ours,
        stock,
        "submissions/s",
        p50_s={side: percentile(values, 0.5) for side, values in latencies.items()},
        p99_s={side: percentile(values, 0.99) for side, values in latencies.items()},
        cpu_ms_per_submission=milliseconds,
        sent={side: sum(len(one.answers) for one in loads[side]) for side in loads},
        lost=lost,
        ours_while_grading=while_grading,
    )


def grading_workers(sides: Both) -> list[psutil.Process]:
    """Return the processes that grade."""
    everybody = sides.our_process.children(recursive=True)
    return [one for one in everybody if _grades(one)]


def _grades(process: psutil.Process) -> bool:
    try:
        return "yanxiu.grading.worker" in process.cmdline()
    except psutil.NoSuchProcess:  # it ended just now
        return False


def lost_of_ours(database_url: str, blobs: Path, loads: list[Load]) -> int:
    """Count the receipts whose row, job or bytes are missing."""
    query = text(
        "SELECT s.receipt_no, s.bundle_blob FROM attempts s"
        " JOIN grading_jobs j ON j.attempt_id = s.id"
    )
    engine = make_engine(database_url)
    with engine.connect() as database:
        kept = {one.receipt_no: one.bundle_blob for one in database.execute(query)}
    engine.dispose()  # PostgreSQL does not end before its last client has gone
    receipts = [str(answer["receipt"]) for load in loads for answer in load.answers]
    return sum(not _whole(blobs, kept.get(receipt, "")) for receipt in receipts)


def _whole(blobs: Path, digest: str) -> bool:
    path = blobs / digest[:2] / digest
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == digest


def lost_of_stock(folder: Path, loads: list[Load]) -> int:
    """Count the answers without a row that has its file."""
    query = (
        "SELECT f.actual_name FROM submissions s"
        " JOIN submission_files_assoc_table a ON CAST(a.left_id AS INTEGER) = s._id"
        " JOIN files f ON f._id = a.right_id"
    )
    with closing(sqlite3.connect(folder / "ngshare.db")) as database:
        names = [name for (name,) in database.execute(query)]
    kept = sum((folder / "files" / name).stat().st_size >= NOTEBOOK_BYTES for name in names)
    return sum(len(load.answers) for load in loads) - kept
