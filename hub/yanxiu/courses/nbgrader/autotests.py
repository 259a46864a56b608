"""Have AUTOTEST expanded where the course's code may run: in a sandbox of the launcher.

nbgrader learns what such a test should compare with by running the instructor's notebook.
Decides which notebooks need that and what the sandbox is given (the course's settings, its
``autotests.yml``, the assignment); the program is ``sandbox/inside/autotest.py``. Without a
launcher they stay as they are, and ``notebooks`` refuses them. Called by ``verbs.import_course``.
"""

import json
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from yanxiu.errors import N_, Refused
from yanxiu.sandbox.boxes import read_left, write
from yanxiu.sandbox.client import LauncherGone, SyncLauncher

from .config import Settings
from .folder import NOTEBOOK, Assignment, CourseFolder, Files
from .problems import Problem

DELIMITER, TEMPLATES = "AUTOTEST", "autotests.yml"
_WANTED = {"expanded.json": 32 << 20, "result.json": 1 << 20}
_SECTIONS = ("InstantiateTests", "IncludeHeaderFooter")
_ENDED = N_(
    "AUTOTEST 没有展开：在沙箱里运行这个笔记本时超出了限制（{outcome}）。请让它更快、更小，再导入。"
)


def expand(
    launcher: SyncLauncher | None, course: CourseFolder
) -> dict[str, dict[str, bytes] | list[Problem]]:
    """Return by assignment its notebooks with their tests, or why there are none."""
    if launcher is None:
        return {}
    wanted = {
        name: [book for book, data in one.files.items() if _needs(book, data, course.settings)]
        for name, one in course.assignments.items()
        if not one.problems
    }
    return {
        name: _expanded(launcher, course, name, course.assignments[name], books)
        for name, books in wanted.items()
        if books
    }


def delimiter(settings: Settings) -> str:
    """Return the word that asks for a test."""
    return str(settings.get("InstantiateTests.autotest_delimiter", DELIMITER))


def templates(settings: Settings) -> str:
    """Return the name of the file that says how tests are made, in the course or an assignment."""
    return str(settings.get("InstantiateTests.autotest_filename", TEMPLATES))


def _needs(name: str, data: bytes, settings: Settings) -> bool:
    word = delimiter(settings)
    return name.endswith(NOTEBOOK) and any(
        form.encode() in data for form in {word, json.dumps(word)[1:-1]}
    )


def _expanded(
    launcher: SyncLauncher, course: CourseFolder, name: str, files: Assignment, books: list[str]
) -> dict[str, bytes] | list[Problem]:
    where = f"{course.settings.source}/{name}"
    options = course.settings.options
    job = {
        "folder": where,
        "notebooks": books,
        "settings": {one: options[one] for one in _SECTIONS if one in options},
    }
    inside = {str(PurePosixPath(where, file)): data for file, data in files.files.items()}
    parts = {str(PurePosixPath(part)): data for part, data in course.parts.items()}
    try:
        outcome, left = _run(launcher, {**course.templates, **parts, **inside}, job)
    except (LauncherGone, Refused):
        return {}
    if outcome != "ok":
        return [Problem(where, _ENDED, {"outcome": outcome})]
    reasons = left["result.json"].get("reasons", {})
    if reasons:
        message = N_(
            "AUTOTEST 没有展开，nbgrader 说：{reason}。请改正（展开的办法写在课程或作业的 {file} 里），再导入。"
        )
        return [
            Problem(
                f"{where}/{book}",
                message,
                {"reason": str(why)[:200], "file": templates(course.settings)},
            )
            for book, why in reasons.items()
        ]
    return {
        book: json.dumps(left["expanded.json"][book]).encode()
        for book in books
        if book in left["expanded.json"]
    }


def _run(
    launcher: SyncLauncher, files: Files, job: Mapping[str, Any]
) -> tuple[str, dict[str, dict[str, Any]]]:
    with launcher.job() as opened:
        write(files, opened.inbox / "course")
        write({"job.json": json.dumps(job).encode()}, opened.inbox)
        ended = opened.run("autotest")
        read = {name: read_left(opened.outbox / name, most) for name, most in _WANTED.items()}
    try:
        found = {name: json.loads(data or b"") for name, data in read.items()}
    except (ValueError, RecursionError):
        found = {}
    if not all(isinstance(found.get(name), dict) for name in _WANTED):
        return (ended.outcome if ended.outcome != "ok" else "failed"), {}
    return ended.outcome, found
