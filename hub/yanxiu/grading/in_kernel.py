"""Grade a unit of an nbgrader course: its tests run where the learner's code runs.

Such code can read the tests, and can make them say what it likes. So what comes out is
marked ``in_kernel`` and is a proposal: records lets a person confirm every point. Nothing
that the sandbox wrote is believed further than that: points within each cell's range, and
the notebooks that the person reads are made by ``show`` from what was handed in, in a run
where none of it is executed. Called by ``job``.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from yanxiu_formats.numbers import is_number
from yanxiu_formats.units import NbgraderUnit

from yanxiu.sandbox.client import SyncLauncher

from . import sandbox_runs
from .client import Lease
from .result import Failure, Merged, Result
from .sandbox_runs import Announce

#: Folder of the scoring package that the sandbox may have; ``source/`` has the solutions.
GRADING = "grading/"
REASONS = frozenset({"timeout", "output", "memory", "kernel_died", "missing", "refused"})

#: A kind of error, such as ``ValueError``: a learner's code may have written anything.
_KIND = re.compile(r"[A-Za-z_]{1,60}")

_PASSED = {"zh_CN": "测试通过。", "en": "The test passed."}
_FAILED = {"zh_CN": "测试没有通过。", "en": "The test did not pass."}
_PARTLY = {"zh_CN": "测试给了部分分。", "en": "The test gave part of the points."}
_EMPTY = {"zh_CN": "没有作答。", "en": "No response."}
_NOT_RUN = {
    "zh_CN": "没有得到结果：这一格不在交来的笔记本里，或没有运行到。",
    "en": "No result: the cell is not in the notebook, or was not reached.",
}
_WHY = {
    "missing": {"zh_CN": "没有交这个笔记本。", "en": "This notebook was not handed in."},
    "refused": {
        "zh_CN": "nbgrader 不能批改这个笔记本。",
        "en": "nbgrader cannot grade this notebook.",
    },
    "timeout": {"zh_CN": "运行超时。", "en": "It ran for too long."},
    "memory": {"zh_CN": "内存超限。", "en": "It used too much memory."},
    "output": {"zh_CN": "输出超限。", "en": "It printed too much."},
    "kernel_died": {"zh_CN": "内核中断。", "en": "The kernel died."},
    "processes": {"zh_CN": "进程数超限。", "en": "It started too many processes."},
    "disk": {"zh_CN": "临时文件超限。", "en": "It wrote too many files."},
}


def grade(
    launcher: SyncLauncher,
    lease: Lease,
    unit: NbgraderUnit,
    bundle: Mapping[str, bytes],
    scoring: Mapping[str, bytes],
    release: Mapping[str, bytes],
    announce: Announce,
) -> Result:
    """Run the notebooks once and propose points for their cells.

    :param scoring: the course's side; :param release: what learners got

    :raises Failure: the course's package lacks a notebook, or the run was stopped
    """
    grading = {
        name.removeprefix(GRADING): data
        for name, data in scoring.items()
        if name.startswith(GRADING)
    }
    if not set(unit.notebooks) <= grading.keys() & release.keys():
        raise Failure("release_without_notebook")
    # The other files too: a notebook may read what was handed in beside it.
    names = [name for name in bundle if not name.endswith(".ipynb") or name in unit.notebooks]
    submitted = Merged(dict.fromkeys(names, bundle))
    limits = dict(lease.limits)
    if unit.cell_timeout_s is not None:
        limits["cell_timeout_s"] = unit.cell_timeout_s
    ran = sandbox_runs.nbgrade(launcher, grading, submitted, unit.notebooks, limits, announce)
    if ran.outcome == "stopped":
        raise Failure("run_stopped", retry=True)
    shown = _shown(launcher, unit, (bundle, grading, release), ran, announce)
    found = _results(ran)
    why = None if ran.outcome == "ok" else _ended(ran.outcome)
    return Result(
        report={
            "in_kernel": True,
            "run_a": ran.summary()
            | {
                "in_kernel": True,
                "failed_cells": sum(one["failed_cells"] for one in found.values()),
                "reason": why
                or next((one["reason"] for one in found.values() if one["reason"]), None),
                "refused_by": next((one["why"] for one in found.values() if one.get("why")), None),
                "shown": shown.outcome,
            },
            "run_b": None,
            "answers": sandbox_runs.told(shown, "answers.json"),
            "scores": scores(unit, found, why),
        },
        executed=shown.files.get("executed.ipynb"),
        rendered=shown.files.get("executed.html"),
    )


def _shown(
    launcher: SyncLauncher,
    unit: NbgraderUnit,
    sides: tuple[Mapping[str, bytes], Mapping[str, bytes], Mapping[str, bytes]],
    ran: sandbox_runs.Ran,
    announce: Announce,
) -> sandbox_runs.Ran:
    """Have the notebooks made that a person reads, and the answers in them.

    :param sides: what was handed in, the course's side without solutions, what learners got
    """
    inbox: dict[str, Mapping[str, bytes]] = {
        part: Merged({name: files for name in unit.notebooks if name in files})
        for part, files in zip(("submitted", "grading", "release"), sides, strict=True)
    }
    if "executed.json" in ran.files:
        inbox[""] = {"executed.json": ran.files["executed.json"]}
    asked = [
        (task.id, task.notebook, task.grade_id) for task in unit.tasks if task.kind == "rubric"
    ]
    job = {"notebooks": list(unit.notebooks), "answers": asked}
    shown = sandbox_runs.show(launcher, inbox, job, announce)
    if shown.outcome == "stopped":
        raise Failure("run_stopped", retry=True)
    return shown


def scores(
    unit: NbgraderUnit, found: Mapping[str, Mapping[str, Any]], why: str | None
) -> list[dict[str, Any]]:
    """Return what is proposed: every test, then the answers that were left empty.

    :param found: ``{notebook: {"reason", "cells": {grade_id: points or None}}}``
    :param why: the run was cut off, so that there is nothing of any notebook
    """
    proposed, by_hand = [], []
    for task in unit.tasks:
        one = found.get(task.notebook, {"reason": why or "refused", "cells": {}})
        points = _points(one["cells"].get(task.grade_id), task.points)
        missing = one["reason"] == "missing"
        if task.kind == "auto":
            given = points or 0.0
            message = _say(points, task.points, one["reason"])
            proposed.append({"task": task.id, "points": given, "message": message})
        elif points == 0 or missing:
            message = _WHY["missing"] if missing else _EMPTY
            by_hand.append({"task": task.id, "points": 0.0, "message": message})
    return proposed + by_hand


def _say(points: float | None, most: float, reason: str | None) -> dict[str, str]:
    if points is None:
        return _WHY.get(reason or "", _NOT_RUN)
    if points >= most:
        return _PASSED
    said = _PARTLY if points else _FAILED
    if reason not in _WHY:
        return said
    return {language: said[language] + _WHY[reason][language] for language in said}


def _points(value: Any, most: float) -> float | None:
    """Return points that a cell can have, None for anything else."""
    return float(value) if is_number(value) and 0 <= value <= most else None


def _ended(outcome: str) -> str:
    return outcome if outcome in _WHY else "refused"


def _results(ran: sandbox_runs.Ran) -> dict[str, dict[str, Any]]:
    """Return ``result.json`` by notebook: known words, a count, and whatever cells it names."""
    found: dict[str, dict[str, Any]] = {}
    try:
        for one in json.loads(ran.files.get("result.json", b"{}"))["notebooks"]:
            cells, reason, failed = one["cells"], one["reason"], one["failed_cells"]
            found[str(one["name"])] = {
                "reason": reason if reason in REASONS else None,
                "why": why if (why := one.get("why")) and _KIND.fullmatch(str(why)) else None,
                "cells": cells if isinstance(cells, dict) else {},
                "failed_cells": failed if isinstance(failed, int) and 0 <= failed < 10_000 else 0,
            }
    except (ValueError, KeyError, TypeError, RecursionError):
        return found
    return found
