"""Grade one job: fetch, prepare, run A, run B, and say what came of it.

Decides what an outcome is worth. What a learner's code does to itself (endless loops,
memory, output, a dead kernel) is a result: the answers there are get scored. What is the
course's fault or ours is a ``Failure``. A unit of an nbgrader course goes another way,
``in_kernel``. Holds no state; called by ``loop``.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from yanxiu_formats import answers_file
from yanxiu_formats.answers import Answers, Entry, clean_all, place
from yanxiu_formats.answers_file import ANSWERS
from yanxiu_formats.bundle import Files
from yanxiu_formats.tasks import FileTask
from yanxiu_formats.units import NbgraderUnit, Unit, WorksheetUnit

from yanxiu.sandbox.client import SyncLauncher
from yanxiu.settings.limits import RUN

from . import in_kernel, sandbox_runs, scores
from .client import Lease, Records
from .result import Failure, Merged, Result, fetch_files
from .sandbox_runs import Announce


@dataclass(frozen=True)
class _RunA:
    """What run A brought: the report's part, the answers' bytes and the graders' notebook."""

    summary: dict[str, Any]
    answers: bytes | None = None
    executed: bytes | None = None
    rendered: bytes | None = None


def grade(records: Records, launcher: SyncLauncher, lease: Lease, announce: Announce) -> Result:
    """Take the job from its three archives to scores.

    :raises Failure: the course's package or the platform is at fault
    :raises LeaseLost, RecordsAway, LauncherAway: as the two neighbours are
    """
    with ExitStack() as opened:

        def fetch(what: str) -> Files:
            return opened.enter_context(fetch_files(records, lease, what))

        return _grade(records, launcher, lease, announce, fetch)


def _grade(
    records: Records,
    launcher: SyncLauncher,
    lease: Lease,
    announce: Announce,
    fetch: Callable[[str], Files],
) -> Result:
    bundle = fetch("bundle")
    records.started(lease)
    unit = lease.unit
    if isinstance(unit, NbgraderUnit):
        scoring, release = fetch("scoring"), fetch("learner")
        return in_kernel.grade(launcher, lease, unit, bundle, scoring, release, announce)
    run_a = None
    if lease.has_notebook:
        run_a = _run_a(launcher, lease, bundle, fetch("learner"), announce)
    declared, came_from = _declared(unit, run_a, bundle)
    run_b = _run_b(launcher, lease, declared, fetch("scoring"), announce)
    return Result(
        report={
            "run_a": None if run_a is None else run_a.summary | {"answers_from": came_from},
            "run_b": run_b.summary(),
            "answers": declared,
            "scores": _scores(unit, run_b),
        },
        executed=run_a.executed if run_a else None,
        rendered=run_a.rendered if run_a else None,
    )


def _run_a(
    launcher: SyncLauncher,
    lease: Lease,
    bundle: Mapping[str, bytes],
    release: Mapping[str, bytes],
    announce: Announce,
) -> _RunA:
    (notebook,) = lease.unit.notebooks
    if notebook not in release:
        raise Failure("release_without_notebook")
    submitted = bundle.get(notebook, b"")
    # The release's data and unit.json win: a learner's copy may be cut, sorted or "improved".
    folder = Merged(
        dict.fromkeys(learners_own(bundle, release), bundle)
        | dict.fromkeys(release, release)
        | {notebook: {notebook: submitted}}
    )
    ran = sandbox_runs.execute(
        launcher, folder, notebook, release[notebook], lease.limits, announce
    )
    if ran.outcome == "stopped":
        raise Failure("run_stopped", retry=True)
    books = {"submitted.ipynb": submitted, "release.ipynb": release[notebook]}
    if "executed.ipynb" in ran.files:
        books["executed.ipynb"] = ran.files["executed.ipynb"]
    shown = sandbox_runs.show(launcher, {"": books}, {}, announce)
    if shown.outcome == "stopped":
        raise Failure("run_stopped", retry=True)
    told = sandbox_runs.told(shown)
    happened = sandbox_runs.what_happened(ran, lease.limits.get("memory_mb", RUN.memory_mb))
    return _RunA(
        summary=ran.summary()
        | happened
        | {"restored": told.get("restored", []), "shown": shown.outcome},
        answers=ran.files.get(ANSWERS),
        executed=shown.files.get("executed.ipynb"),
        rendered=shown.files.get("executed.html"),
    )


def learners_own(bundle: Iterable[str], release: Iterable[str]) -> list[str]:
    """Return the learner's files that do not stand where a folder of the release must stand.

    >>> learners_own(["data", "my.csv"], ["data/x.csv"])
    ['my.csv']
    """
    folders = {
        name.rsplit("/", depth)[0] for name in release for depth in range(1, name.count("/") + 1)
    }
    return [
        name
        for name in bundle
        if name not in folders and not any(name.startswith(f"{file}/") for file in release)
    ]


def _declared(
    unit: WorksheetUnit, run_a: _RunA | None, bundle: Mapping[str, bytes]
) -> tuple[Answers, str]:
    """Return the answers to score and where they came from: ``run``, ``bundle`` or ``nowhere``."""
    from_run = run_a.answers if run_a else None
    for source, raw in (("run", from_run), ("bundle", bundle.get(ANSWERS))):
        if raw is not None:
            try:
                given = answers_file.read(raw, unit)
            except answers_file.BadAnswers:
                continue
            # Of any shape that a learner's code can write: what no task keeps is as empty. What
            # nobody declared stays out, which a scorer can tell from an empty answer.
            every, _ = clean_all(unit, given)
            kept = {name: value for name, value in every.items() if name in given}
            return without_strange_files(kept, unit, bundle), source
    return {}, "nowhere"


def without_strange_files(
    kept: Answers, unit: WorksheetUnit, bundle: Mapping[str, bytes]
) -> Answers:
    """Return cleaned answers without files that the learner did not hand in.

    A notebook may declare anything when it runs: a file that its bundle does not hold,
    byte for byte and under this task, would be a promise to the grader that nobody can keep.
    """
    there = {
        task.id: [one for one in kept[task.id] if _is_in(bundle, task, one)]
        for task in unit.tasks
        if isinstance(task, FileTask)
    }
    return kept | there


def _is_in(bundle: Mapping[str, bytes], task: FileTask, entry: Entry) -> bool:
    content = bundle.get(place(task.id, entry["name"]))
    return content is not None and (len(content), hashlib.sha256(content).hexdigest()) == (
        entry["size"],
        entry["sha256"],
    )


def _run_b(
    launcher: SyncLauncher,
    lease: Lease,
    declared: Answers,
    scoring: Mapping[str, bytes],
    announce: Announce,
) -> sandbox_runs.Ran:
    ran = sandbox_runs.score(
        launcher, scoring, answers_file.write(lease.unit, declared), {}, announce
    )
    if ran.outcome == "stopped":
        raise Failure("run_stopped", retry=True)
    if ran.outcome != "ok":
        raise Failure(f"score_{ran.outcome}")
    return ran


def _scores(unit: Unit, run_b: sandbox_runs.Ran) -> list[dict[str, Any]]:
    try:
        return scores.read_scores(run_b.files.get("scores.json", b""), unit)
    except scores.BadScores:
        raise Failure("scores_invalid") from None
