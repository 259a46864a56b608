"""Check a learners' version: nothing in it that nbgrader would have removed.

nbgrader's own regions (solutions, hidden tests, marking schemes) and its removal of outputs
are tried on what is about to be handed out; whatever they would still change is a leak. Beside
that each cell is held against its source: a line that nbgrader removes there must not come
back. ``prepare`` runs this in its limited child; ``verbs.release_check`` asks for it before
a release is kept. Pure.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from nbformat import NotebookNode

from yanxiu.errors import N_

from .config import Settings
from .folder import NOTEBOOK, Files
from .notebooks import AFTER_GRADEBOOK, BEFORE_GRADEBOOK, Steps
from .problems import Problem
from .reading import read, settings_of, whole

_REGIONS: Mapping[str, str] = {
    "ClearSolutions": N_(
        "第 {cell} 格里有解答（或解答的标记），nbgrader 会删去它。"
        "请用 nbgrader generate_assignment 重新生成学员版，再发布。"
    ),
    "ClearHiddenTests": N_(
        "第 {cell} 格里有隐藏测试（或它的标记），nbgrader 会删去它。"
        "请用 nbgrader generate_assignment 重新生成学员版，再发布。"
    ),
    "ClearMarkScheme": N_(
        "第 {cell} 格里有评分标准（或它的标记），nbgrader 会删去它。"
        "请用 nbgrader generate_assignment 重新生成学员版，再发布。"
    ),
}
_STALE = N_(
    "第 {cell} 格（{name}）里有 nbgrader 从教师版里删去的内容。"
    "请用 nbgrader generate_assignment 重新生成学员版，再发布。"
)
_OUTPUTS = N_(
    "第 {cell} 格带着运行结果，nbgrader 会删去它。"
    "请用 nbgrader generate_assignment 重新生成学员版，再发布。"
)


def check(
    where: str, learner: Files, source: Files, settings: Settings, parts: Files
) -> list[Problem]:
    """Return what learners must not get, by notebook and cell.

    :param where: the assignment's place, for sentences
    :param learner: what is about to be handed out
    :param source: the instructor's version
    """
    found: list[Problem] = []
    for name, data in learner.items():
        if name.lower().endswith(NOTEBOOK):
            at = f"{where}/{name}"
            found += _notebook(at, data, source.get(name), settings, parts)
    return found


def _notebook(
    at: str, data: bytes, source: bytes | None, settings: Settings, parts: Files
) -> list[Problem]:
    book = read(at, data)
    if isinstance(book, list):
        return book
    steps = Steps(settings)
    language = str(book.metadata.get("kernelspec", {}).get("language", "python"))
    found = [
        Problem(at, sentence, {"cell": number})
        for number, cell in enumerate(book.cells, 1)
        for sentence in _would_change(cell, steps, language)
    ]
    if source is not None:
        found += _stale(at, book, source, steps, settings, parts)
    return found


def _would_change(cell: NotebookNode, steps: Steps, language: str) -> Iterator[str]:
    clear = {name: steps.step(name) for name in _REGIONS}
    regions = {
        # The methods behind nbgrader's preprocess_cell: that one also asks what kind a cell is.
        "ClearSolutions": lambda one: clear["ClearSolutions"]._replace_solution_region(
            one, language
        ),
        "ClearHiddenTests": clear["ClearHiddenTests"]._remove_hidden_test_region,
        "ClearMarkScheme": clear["ClearMarkScheme"]._remove_mark_scheme_region,
    }
    for name, region in regions.items():
        copy = NotebookNode(cell_type=cell.cell_type, source=cell.source)
        try:
            region(copy)
        except Exception:  # an open or nested region, a language without a stub
            yield _REGIONS[name]
        else:
            if copy.source != cell.source:
                yield _REGIONS[name]
    if cell.cell_type == "code" and cell.outputs:
        yield _OUTPUTS


def _stale(
    at: str, book: NotebookNode, source: bytes, steps: Steps, settings: Settings, parts: Files
) -> list[Problem]:
    """Compare with the source, cell by cell: they are known by their ``grade_id``."""
    teachers = whole(at, source, settings, parts)
    made = whole(at, source, settings, parts)
    if isinstance(teachers, list) or isinstance(made, list):
        return teachers if isinstance(teachers, list) else []
    try:
        made = steps.run(made, *BEFORE_GRADEBOOK, *AFTER_GRADEBOOK)
    except Exception as error:  # each preprocessor has its own kinds
        return [steps.refusal(at, error)]
    after = _by_id(made)
    removed = {
        name: _lines(cell) - _lines(after[name])
        for name, cell in _by_id(teachers).items()
        if name in after
    }
    found = []
    for number, cell in enumerate(book.cells, 1):
        name = settings_of(cell).get("grade_id")
        if name in removed and removed[name] & _lines(cell):
            found.append(Problem(at, _STALE, {"cell": number, "name": name}))
    return found


def _by_id(book: NotebookNode) -> dict[str, Any]:
    marked = ((settings_of(cell).get("grade_id"), cell) for cell in book.cells)
    return {name: cell for name, cell in marked if isinstance(name, str) and name}


def _lines(cell: Any) -> set[str]:
    return {line.strip() for line in cell.source.splitlines() if line.strip()}
