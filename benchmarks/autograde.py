"""Pandas notebooks graded in a second, from handing in to the score in the database.

Ours: handed in over HTTP, then leased by the worker and graded in two sandboxes, as shipped
(one worker). Stock: ``nbgrader autograde`` of the same learner's cells with hidden tests, one
student after another as its formgrader does, in a process that is imported and warm.
Everybody must get full points.
"""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

from benchmarks.result import Result
from benchmarks.support import stock_env, unit
from benchmarks.support.both import folder
from benchmarks.support.exchange import Desk, our_body, our_desk, send
from benchmarks.support.measure import say, take_turns
from benchmarks.support.nbgrader import POINTS, nbgrader
from benchmarks.support.site import our_site, visitor

NAME = "autograde"
ROUNDS = 3
SUBMISSIONS = 4
PATIENCE_S = 100.0


def run() -> Result:
    """Grade batches on both sides in turn."""
    rounds = 0

    def ours_rate(desks: list[Desk], database: Path) -> float:
        nonlocal rounds
        rounds += 1
        began = time.perf_counter()
        books = [our_body(unit.submitted(f"round {rounds}, {n}")) for n in range(SUBMISSIONS)]
        receipts = [str(one["receipt"]) for one in send(desks, books).answers]
        wait_until_graded(database, receipts)
        return SUBMISSIONS / (time.perf_counter() - began)

    stock_env.prepare()
    with folder() as place:
        say("starting our site")
        with our_site(place / "ours", SUBMISSIONS) as site:
            desks = [our_desk(visitor(site, n + 1)) for n in range(SUBMISSIONS)]
            database = site.data / "db" / "yanxiu.sqlite"
            say("starting nbgrader")
            with nbgrader(place / "stock") as stock:
                ours, theirs = take_turns(
                    lambda: ours_rate(desks, database),
                    lambda: SUBMISSIONS / stock.grade(SUBMISSIONS),
                    ROUNDS,
                )
            stages = stages_of(database)
    return Result.of_rates(ours, theirs, "submissions/s", ours_stages_s=stages)


def wait_until_graded(database: Path, receipts: list[str]) -> None:
    """Wait until each has the points of its automatic tasks."""
    marks = ", ".join("?" * len(receipts))
    query = (
        "SELECT j.state, j.failure, p.auto_points FROM attempts s"
        f" JOIN grading_jobs j ON j.attempt_id = s.id JOIN standings p ON p.attempt_id = s.id WHERE s.receipt_no IN ({marks})"
    )
    deadline = time.monotonic() + PATIENCE_S
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        while True:
            rows = connection.execute(query, receipts).fetchall()
            if all(state == "done" for state, _, _ in rows):
                break
            if any(failure for _, failure, _ in rows) or time.monotonic() > deadline:
                raise RuntimeError(f"grading: {rows}")
            time.sleep(0.05)
    if [points for _, _, points in rows] != [POINTS] * len(receipts):
        raise RuntimeError(f"points: {rows}")


def stages_of(database: Path) -> list[dict[str, float]]:
    """Return the seconds that each job spent in its two runs, and from lease to score."""
    query = (
        "SELECT json_extract(g.run_a, '$.wall_s'), json_extract(g.run_b, '$.wall_s'),"
        " (julianday(g.graded_at) - julianday(j.leased_at)) * 86400"
        " FROM gradings g JOIN grading_jobs j ON j.id = g.job_id"
    )
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        rows = connection.execute(query).fetchall()
    return [dict(zip(("run_a", "run_b", "lease_to_score"), row, strict=True)) for row in rows]
