"""Make the two versions of an instructor's notebook with nbgrader's own preprocessors.

*Grading*: solutions cleared, hidden tests in it, checksums: what nbgrader would keep in its
gradebook. *Release*: hidden tests and marking schemes gone as well: what learners get.
Nothing is executed: ``InstantiateTests``, which starts a kernel, is left to ``autotests``, and
a notebook that still needs it here is a problem. What is parsed here a stranger wrote: ``versions`` runs in the
limited child process of ``prepare``, never in a service. Pure.
"""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode
from yanxiu_formats.numbers import is_number

from yanxiu.errors import N_

from . import autotests
from .config import Settings
from .folder import Files
from .languages import foreign
from .problems import Problem
from .reading import read, settings_of, whole, write

MAX_POINTS = 10_000
#: nbgrader's own rule (nbgraderformat/v3.json), without its newline at the end.
_GRADE_ID = re.compile(r"[a-zA-Z0-9_-]*")
#: nbgrader logs whole cells of what it refuses; a problem's sentence is enough.
_quiet = logging.getLogger("yanxiu.courses.nbgrader.quiet")
_quiet.addHandler(logging.NullHandler())
_quiet.propagate = False


BEFORE_GRADEBOOK = ("LockCells", "ClearSolutions", "ClearOutput", "CheckCellMetadata")
AFTER_GRADEBOOK = ("ClearHiddenTests", "ClearMarkScheme", "ComputeChecksums", "CheckCellMetadata")


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
    book = whole(where, source, settings, parts)
    if isinstance(book, list):
        return book
    problems = _problems(where, book, settings)
    if problems:
        return problems
    given = read(where, released) if released is not None else None
    if isinstance(given, list):
        return given
    steps = Steps(settings)
    try:
        return _make(book, given, steps)
    except Exception as error:  # each preprocessor has its own kinds
        return [steps.refusal(where, error)]


class Steps:
    """nbgrader's preprocessors with a course's settings; knows at which cell one stopped."""

    def __init__(self, settings: Settings):
        from traitlets.config import Config

        self._config = Config(settings.options)
        self._at: int | None = None

    def step(self, name: str) -> Any:
        """Return a preprocessor by nbgrader's name."""
        # Here: importing nbgrader takes a second, which no other command should pay.
        from nbgrader import preprocessors

        return getattr(preprocessors, name)(config=self._config, log=_quiet)

    def run(self, book: NotebookNode, *names: str) -> NotebookNode:
        """Run preprocessors over a notebook, one after the other."""
        resources: dict[str, Any] = {}
        for name in names:
            self._at = None
            step = self.step(name)
            step.preprocess_cell = self._noting(step.preprocess_cell)
            book, resources = step.preprocess(book, resources)
        self._at = None
        return book

    def _noting(self, inner: Callable[..., Any]) -> Callable[..., Any]:
        def noted(cell: NotebookNode, resources: dict[str, Any], index: int) -> Any:
            self._at = index
            return inner(cell, resources, index)

        return noted

    def refusal(self, where: str, error: Exception) -> Problem:
        """Return the sentence for what a preprocessor raised."""
        reason = str(error).strip().split("\n")[0][:200] or type(error).__name__
        if self._at is None:
            return Problem(where, N_("nbgrader 不接受这个笔记本：{reason}"), {"reason": reason})
        params = {"cell": self._at + 1, "reason": reason}
        return Problem(where, N_("nbgrader 不接受这个笔记本的第 {cell} 格：{reason}"), params)


def _make(book: NotebookNode, given: NotebookNode | None, steps: Steps) -> Versions:
    # nbgrader's own order (converters/generate_assignment.py); a gradebook would be
    # filled between the two halves.
    book = steps.run(book, *BEFORE_GRADEBOOK)
    if given is not None:
        _as_given(book, given)
    book = steps.run(book, "ComputeChecksums")
    grading = write(book)
    book = steps.run(book, *AFTER_GRADEBOOK)
    cells = _cells(book)
    return Versions(grading, write(book) if given is None else write(given), cells)


def _as_given(book: NotebookNode, given: NotebookNode) -> None:
    """Take the learners' own cells as they were handed out: their checksums say "no answer"."""
    sources = {
        settings_of(cell).get("grade_id"): cell.source
        for cell in given.cells
        if settings_of(cell).get("solution")
    }
    for cell in book.cells:
        meta = settings_of(cell)
        if meta.get("solution") and meta.get("grade_id") in sources:
            cell.source = sources[meta["grade_id"]]


def _problems(where: str, book: NotebookNode, settings: Settings) -> list[Problem]:
    if (language := foreign(book.metadata)) is not None:
        message = N_("笔记本用的语言是 {language}，平台只能批改 Python。")
        return [Problem(where, message, {"language": language})]
    problems: list[Problem] = []
    seen: set[str] = set()
    asks = _asks_for_tests(settings)
    for number, cell in enumerate(book.cells, 1):
        if cell.cell_type == "code" and asks.search(cell.source):
            message = N_(
                "第 {cell} 格有 AUTOTEST，展开它要在沙箱里运行课程的代码，而平台没有在运行。"
                "请先运行 yanxiu up，再用 yanxiu course import 导入；用 nbgrader 发布的，请更新 nbgrader-yanxiu 再发布。"
            )
            problems.append(Problem(where, message, {"cell": number}))
        problems += [
            Problem(where, message, {"cell": number, **params})
            for message, params in _cell_problems(cell, seen)
        ]
    return problems


def _asks_for_tests(settings: Settings) -> re.Pattern[str]:
    """Return nbgrader's own rule (preprocessors/instantiatetests.py): a comment with the word."""
    marks = set(settings.get("InstantiateTests.comment_strs", {}).values()) | {"#"}
    comment = "|".join(map(re.escape, sorted(marks)))
    word = re.escape(autotests.delimiter(settings))
    return re.compile(rf"^\s*(?:{comment}).*{word}", re.MULTILINE)


def _cell_problems(cell: NotebookNode, seen: set[str]) -> list[tuple[str, dict[str, Any]]]:
    found: list[tuple[str, dict[str, Any]]] = []
    meta = settings_of(cell)
    if not meta:
        return found
    name = meta.get("grade_id")
    if isinstance(name, str) and not _GRADE_ID.fullmatch(name):
        odd = "".join(dict.fromkeys(re.sub(_GRADE_ID, "", name)))
        found.append(
            (
                N_(
                    "第 {cell} 格的 grade_id“{name}”里有 nbgrader 不认的字符：{odd}。只能用英文字母、"
                    "数字、_ 和 -。请在 nbgrader 工具栏里改名，例如 {example}。"
                ),
                {"name": name[:60], "odd": repr(odd[:20]), "example": _example(name)},
            )
        )
        return found
    used = [one for one in ("grade", "solution", "locked", "task") if meta.get(one)]
    if not used:
        return found
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


def _example(name: str) -> str:
    """Return a name of allowed characters that is near."""
    return re.sub(r"[^a-zA-Z0-9_-]+", "-", name).strip("-")[:40] or "test-1"


def _points(value: Any) -> bool:
    return is_number(value) and 0 <= value <= MAX_POINTS


def _cells(book: NotebookNode) -> tuple[Cell, ...]:
    found = []
    asked = ""
    for cell in book.cells:
        meta = settings_of(cell)
        is_task = bool(meta.get("task"))
        if cell.cell_type == "markdown" and (is_task or not meta.get("grade")):
            asked = cell.source
        if is_task or meta.get("grade"):
            manual = is_task or bool(meta.get("solution"))
            found.append(Cell(meta["grade_id"], float(meta["points"]), manual, asked[:4000]))
    return tuple(found)
