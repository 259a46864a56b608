"""Make the two versions of an instructor's notebook with nbgrader's own preprocessors.

*Grading*: solutions cleared, hidden tests in it, checksums: what nbgrader would keep in its
gradebook. *Release*: hidden tests and marking schemes gone as well: what learners get.
Nothing is executed: ``InstantiateTests``, which starts a kernel, is left out and a notebook
that needs it is a problem. Pure; called by ``units``.
"""

import json
import logging
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import nbformat
from nbformat import NotebookNode

from yanxiu.errors import N_

from .config import Settings
from .folder import Files
from .problems import Problem

MAX_CELLS = 2000
MAX_POINTS = 10_000
_MINOR_WITH_IDS = 5
_AUTOTEST = re.compile(r"^\s*#+\s*(HASHED\s+)?AUTOTEST\b", re.MULTILINE)
#: nbgrader logs whole cells of what it refuses; a problem's sentence is enough.
_quiet = logging.getLogger("yanxiu.courses.nbgrader.quiet")
_quiet.addHandler(logging.NullHandler())
_quiet.propagate = False


@dataclass(frozen=True)
class Cell:
    """A cell that gets points.

    :param manual: a person gives them; otherwise it is a test
    :param prompt: Markdown that says what is asked, as far as the notebook says so
    """

    grade_id: str
    points: float
    manual: bool
    prompt: str


@dataclass(frozen=True)
class Versions:
    """A notebook's two versions, UTF-8 JSON, and its cells with points in order."""

    grading: bytes
    release: bytes
    cells: tuple[Cell, ...]


def versions(
    where: str, source: bytes, settings: Settings, parts: Files, released: bytes | None = None
) -> Versions | list[Problem]:
    """Return the versions of an instructor's notebook, or what is wrong with it.

    :param where: its path, for sentences
    :param released: the version that learners have already got, made elsewhere from this one:
        it stays theirs, and its empty solution cells are what "no answer" means
    """
    book = _read(where, source)
    if isinstance(book, list):
        return book
    for option in ("IncludeHeaderFooter.header", "IncludeHeaderFooter.footer"):
        name = settings.get(option)
        if name and name in parts:
            part = _read(name, parts[name])
            if isinstance(part, list):
                return part
            first = option.endswith("header")
            book.cells = part.cells + book.cells if first else book.cells + part.cells
    _number(book)
    problems = _problems(where, book)
    if problems:
        return problems
    given = _read(where, released) if released is not None else None
    if isinstance(given, list):
        return given
    try:
        return _make(book, given, settings)
    except Exception as error:  # each preprocessor has its own kinds
        reason = str(error).strip().split("\n")[0][:200] or type(error).__name__
        return [Problem(where, N_("nbgrader 不接受这个笔记本：{reason}"), {"reason": reason})]


def _make(book: NotebookNode, given: NotebookNode | None, settings: Settings) -> Versions:
    # Here: importing nbgrader takes seconds, which no other command should pay.
    from nbgrader import preprocessors as steps
    from traitlets.config import Config

    config = Config(settings.options)

    def run(book: NotebookNode, *names: str) -> NotebookNode:
        resources: dict[str, Any] = {}
        for name in names:
            step = getattr(steps, name)(config=config, log=_quiet)
            book, resources = step.preprocess(book, resources)
        return book

    # nbgrader's own order (converters/generate_assignment.py); a gradebook would be
    # filled between the two halves.
    book = run(book, "LockCells", "ClearSolutions", "ClearOutput", "CheckCellMetadata")
    if given is not None:
        _as_given(book, given)
    book = run(book, "ComputeChecksums")
    grading = write(book)
    book = run(book, "ClearHiddenTests", "ClearMarkScheme", "ComputeChecksums", "CheckCellMetadata")
    cells = _cells(book)
    return Versions(grading, write(book) if given is None else write(given), cells)


def _as_given(book: NotebookNode, given: NotebookNode) -> None:
    """Take the learners' own cells as they were handed out: their checksums say "no answer"."""
    sources = {
        settings(cell).get("grade_id"): cell.source
        for cell in given.cells
        if settings(cell).get("solution")
    }
    for cell in book.cells:
        meta = settings(cell)
        if meta.get("solution") and meta.get("grade_id") in sources:
            cell.source = sources[meta["grade_id"]]


def _read(where: str, source: bytes) -> NotebookNode | list[Problem]:
    try:
        raw = json.loads(source)
        if raw.get("nbformat") == 4:
            minor = raw.get("nbformat_minor", 0)
            _ids(raw["cells"], wanted=isinstance(minor, int) and minor >= _MINOR_WITH_IDS)
        book = nbformat.reads(json.dumps(raw), as_version=4)
        nbformat.validate(book)
    except Exception:  # nbformat raises many kinds for what is one thing to a teacher
        return [Problem(where, N_("笔记本坏了，打不开。请在 Jupyter 里打开、重新保存后再导入。"))]
    if len(book.cells) > MAX_CELLS:
        return [Problem(where, N_("笔记本超过 {most} 格。请拆成几个笔记本。"), {"most": MAX_CELLS})]
    return book


def _number(book: NotebookNode) -> None:
    _ids(book.cells, wanted=book.nbformat_minor >= _MINOR_WITH_IDS)


def _ids(cells: Sequence[dict[str, Any]], *, wanted: bool) -> None:
    """Give ids where they are missing or twice, always the same: the digest depends on them."""
    seen: set[str] = set()
    for number, cell in enumerate(cells):
        if not wanted:
            cell.pop("id", None)
        elif not isinstance(cell.get("id"), str) or cell["id"] in seen:
            cell["id"] = f"cell-{number}"
        seen.add(str(cell.get("id")))


def settings(cell: NotebookNode) -> dict[str, Any]:
    """Return a cell's nbgrader settings, empty if it has none (or something of no use)."""
    found = cell.metadata.get("nbgrader")
    return found if isinstance(found, dict) else {}


def _problems(where: str, book: NotebookNode) -> list[Problem]:
    language = str(book.metadata.get("kernelspec", {}).get("language") or "python").lower()
    if language != "python":
        return [
            Problem(
                where,
                N_("笔记本用的语言是 {language}，平台只能批改 Python。"),
                {"language": language[:40]},
            )
        ]
    problems: list[Problem] = []
    seen: set[str] = set()
    for number, cell in enumerate(book.cells, 1):
        problems += [
            Problem(where, message, {"cell": number, **params})
            for message, params in _cell_problems(cell, seen)
        ]
    return problems


def _cell_problems(cell: NotebookNode, seen: set[str]) -> list[tuple[str, dict[str, Any]]]:
    found: list[tuple[str, dict[str, Any]]] = []
    if cell.cell_type == "code" and _AUTOTEST.search(cell.source):
        found.append(
            (
                N_(
                    "第 {cell} 格有 AUTOTEST，展开它要运行代码，平台导入时不运行。请先用"
                    " nbgrader generate_source_with_tests 展开，再导入展开后的课程。"
                ),
                {},
            )
        )
    meta = settings(cell)
    if not meta:
        return found
    if meta.get("schema_version", 0) != 3:
        found.append(
            (N_("第 {cell} 格的 nbgrader 格式太旧或太新。请先运行 nbgrader update，再导入。"), {})
        )
        return found
    used = [one for one in ("grade", "solution", "locked", "task") if meta.get(one)]
    if not used:
        return found
    name = meta.get("grade_id")
    if not isinstance(name, str) or not name:
        return [
            *found,
            (N_("第 {cell} 格没有 grade_id。请在 Jupyter 的 nbgrader 工具栏里填写。"), {}),
        ]
    if name in seen:
        found.append(
            (
                N_("第 {cell} 格的 grade_id“{name}”和前面的重复。请改成不同的名字。"),
                {"name": name[:60]},
            )
        )
    seen.add(name)
    if (meta.get("grade") or meta.get("task")) and not _points(meta.get("points")):
        found.append(
            (
                N_("第 {cell} 格（{name}）没有分值，或分值不是 0 以上的数。请填写 points。"),
                {"name": name[:60]},
            )
        )
    return found


def _points(value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and math.isfinite(value) and 0 <= value <= MAX_POINTS


def _cells(book: NotebookNode) -> tuple[Cell, ...]:
    found = []
    asked = ""
    for cell in book.cells:
        meta = settings(cell)
        is_task = bool(meta.get("task"))
        if cell.cell_type == "markdown" and (is_task or not meta.get("grade")):
            asked = cell.source
        if is_task or meta.get("grade"):
            manual = is_task or bool(meta.get("solution"))
            found.append(Cell(meta["grade_id"], float(meta["points"]), manual, asked[:4000]))
    return tuple(found)


def write(book: NotebookNode) -> bytes:
    """Return a notebook as bytes, the same for the same notebook."""
    return json.dumps(book, ensure_ascii=False, sort_keys=True, indent=1).encode() + b"\n"
