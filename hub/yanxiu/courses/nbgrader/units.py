"""Make a release's unit of an nbgrader assignment: ``unit.json``, and who gets which files.

Decides the stable ids (a unit's from the assignment's name, a task's from its notebook and
``grade_id``), what learners get and what stays. Of a version that was made elsewhere learners
get its files and none of the source's. Notebooks are parsed by ``limited``. Called by
``verbs.import_course``; ``docs/reference/release-format.md`` is the contract.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from yanxiu_formats.bundle import pack
from yanxiu_formats.units import NbgraderUnit, unit_of

from yanxiu.errors import N_

from . import leaving_out, limited
from .config import Settings
from .folder import GRADING, NOTEBOOK, SOURCE, Files
from .limited import Job
from .notebooks import Versions
from .problems import Problem


@dataclass(frozen=True)
class Options:
    """What an nbgrader course does not say itself.

    :param pass_percent: of an assignment's points
    :param credit_hours: 学时 of each assignment
    """

    pass_percent: float = 60.0
    credit_hours: float = 0.0
    hours_kind: str = "online"
    minutes: int = 0


@dataclass(frozen=True)
class Unit:
    """A unit to keep.

    :param learner: tar of what learners get
    :param scoring: tar of what never leaves the platform
    """

    definition: NbgraderUnit
    learner: bytes
    scoring: bytes


@dataclass(frozen=True)
class Sent:
    """An assignment as it came in.

    :param files: the instructor's version, relative names
    :param released: the learners' version if it was made elsewhere
    :param expanded: those of its notebooks that had tests to be made, with them
    :param problems: why it could not be read
    """

    files: Files
    released: Files | None = None
    expanded: Files = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    @property
    def notebooks(self) -> list[str]:
        """The notebooks that are worked on: those in no folder."""
        return [one for one in self.files if one.endswith(NOTEBOOK) and "/" not in one]


def build_all(
    every: Mapping[str, Sent], settings: Settings, parts: Files, options: Options
) -> dict[str, Unit | list[Problem]]:
    """Return the unit of each assignment, or what is wrong with it."""
    wrong = {name: _incomplete(name, one) for name, one in every.items()}
    jobs = {
        name: Job(
            place(name, settings),
            {book: one.expanded.get(book, one.files[book]) for book in one.notebooks},
            {book: one.released[book] for book in one.notebooks} if one.released else {},
            settings,
            parts,
        )
        for name, one in every.items()
        if not wrong[name]
    }
    made = dict(zip(jobs, limited.versions(list(jobs.values())), strict=True)) if jobs else {}
    return {
        name: wrong[name] or _build(name, one, made[name], settings, options)
        for name, one in every.items()
    }


def build(
    name: str,
    files: Files,
    settings: Settings,
    parts: Files,
    options: Options,
    released: Files | None = None,
) -> Unit | list[Problem]:
    """Return the unit of one assignment, or what is wrong with it."""
    return build_all({name: Sent(files, released)}, settings, parts, options)[name]


def place(name: str, settings: Settings) -> str:
    """Return where an assignment lies in its course."""
    return f"{settings.source}/{name}"


def _incomplete(name: str, sent: Sent) -> list[Problem]:
    where = f"{SOURCE}/{name}"
    if sent.problems:
        return list(sent.problems)
    if not sent.notebooks:
        return [Problem(where, N_("作业里没有笔记本（.ipynb）。请放入至少一个。"))]
    missing = sorted(set(sent.notebooks) - set(sent.released)) if sent.released is not None else []
    if missing:
        return [
            Problem(
                where,
                N_("发布的版本里缺少笔记本 {names}。请重新生成发布版本。"),
                {"names": "、".join(missing)},
            )
        ]
    return []


def _build(
    name: str,
    sent: Sent,
    found: Mapping[str, Versions | list[Problem]],
    settings: Settings,
    options: Options,
) -> Unit | list[Problem]:
    problems = [one for result in found.values() if isinstance(result, list) for one in result]
    if problems:
        return [one for n, one in enumerate(problems) if one not in problems[:n]]
    made = {one: result for one, result in found.items() if isinstance(result, Versions)}
    notebooks = list(made)
    where = place(name, settings)
    # As nbgrader's autograder has it: its own files win over those that learners got.
    graded = leaving_out.kept({**(sent.released or {}), **sent.files}, settings)
    others = {one: data for one, data in graded.items() if not one.endswith(NOTEBOOK)}
    before = others if sent.released is None else leaving_out.kept(sent.released, settings)
    before = before | {one: result.release for one, result in made.items()}
    learner = leaving_out.released(before, settings)
    problems = leaving_out.too_large(where, before, settings)
    if lost := sorted(set(made) - set(learner)):
        problems.append(_not_released(where, lost))
    if problems:
        return problems
    tasks = [
        task(one, cell.grade_id, cell.points, manual=cell.manual, prompt=cell.prompt)
        for one, result in made.items()
        for cell in result.cells
    ]
    total = sum(one["points"] for one in tasks)
    definition = {
        "id": unit_key(name),
        "kind": "nbgrader",
        "point": "",
        "assignment": name,
        "title": {"zh_CN": name, "en": name},
        "minutes": options.minutes,
        # Nothing can be earned where nothing is asked for.
        "credit_hours": options.credit_hours if total else 0.0,
        "hours_kind": options.hours_kind,
        "max_total": total,
        "pass_total": total * options.pass_percent / 100,
        "notebook": notebooks[0],
        "notebooks": notebooks,
        "files": sorted(set(learner) - set(made)),
        "cell_timeout_s": settings.cell_timeout_s,
        "tasks": tasks,
    }
    scoring = {f"{GRADING}/{one}": data for one, data in others.items()}
    scoring |= {f"{GRADING}/{one}": result.grading for one, result in made.items()}
    scoring |= {f"{SOURCE}/{one}": data for one, data in sent.files.items()}
    unit = unit_of(definition)
    assert isinstance(unit, NbgraderUnit)
    return Unit(unit, pack(learner), pack(scoring))


def _not_released(where: str, names: list[str]) -> Problem:
    message = N_(
        "照设置（ignore、include、max_file_size），学员得不到笔记本 {names}，就没法做这个作业。"
        "请改设置，或把笔记本移走。"
    )
    return Problem(where, message, {"names": "、".join(names)})


def task(
    notebook: str, grade_id: str, points: float, *, manual: bool, prompt: str
) -> dict[str, Any]:
    """Return a graded cell as a task; every one can be given points by a person."""
    stem = notebook.removesuffix(NOTEBOOK)
    title = {"zh_CN": f"{stem} · {grade_id}", "en": f"{stem} · {grade_id}"}
    given = {"zh_CN": "得分", "en": "Points"}
    return {
        "id": task_id(stem, grade_id),
        "kind": "rubric" if manual else "auto",
        "type": "cell",
        "notebook": notebook,
        "grade_id": grade_id,
        "title": title,
        "prompt": {"zh_CN": prompt, "en": prompt},
        "points": points,
        "criteria": [{"id": "points", "title": given, "points": points, "levels": []}],
    }


def task_id(notebook: str, grade_id: str) -> str:
    """Return a task's id: readable, of a safe shape, and the same at every import.

    >>> task_id("problem1", "correct_squares")
    'problem1_correct_square_6c03aa4b'
    """
    return _safe(f"{notebook} {grade_id}", f"{notebook}\0{grade_id}", 32)


def unit_key(assignment: str) -> str:
    """Return a unit's id: the assignment's name where it can be one.

    >>> unit_key("ps1"), unit_key("Problem Set 1")
    ('ps1', 'problem_set_1_9cd5c8d5')
    """
    if re.fullmatch(r"[a-z][a-z0-9_]{0,31}", assignment):
        return assignment
    return _safe(assignment, assignment, 32)


def course_key(name: str) -> str:
    """Return a course's id for a folder's name.

    >>> course_key("course101"), course_key("Bio 101")
    ('course101', 'bio-101-14a5e9c2')
    """
    if re.fullmatch(r"[a-z][a-z0-9-]{0,38}[a-z0-9]", name):
        return name
    return _safe(name, name, 40).replace("_", "-")


def _safe(text: str, exact: str, most: int) -> str:
    """Return a slug of ``text`` that ends in eight digits of the digest of ``exact``."""
    slug = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_").lstrip("0123456789_")
    digits = hashlib.sha256(exact.encode()).hexdigest()[:8]
    return f"{(slug or 'x')[: most - 9].rstrip('_')}_{digits}"
