"""Make the learner's notebook from py:percent, and check that it asks every task once.

nbgrader's own preprocessors lock cells, drop solutions, hidden tests and outputs and add
checksums; the same source always gives the same bytes. ``hidden.py`` looks at the result.
"""

import ast
import re
from typing import Any

import jupytext
import nbformat
from builder.problems import Problems
from nbformat import NotebookNode
from yanxiu_formats.units import WorksheetUnit

WANTED = {"locked": True, "solution": False, "grade": False, "schema_version": 3}
CALL = re.compile(r"""worksheet\.(task|show_data)\(\s*["']([^"']+)["']""")
REGION = re.compile(r"(BEGIN|END) (SOLUTION|HIDDEN TESTS|MARK SCHEME)")


def build_notebook(source: str, unit: WorksheetUnit, name: str, problems: Problems) -> bytes:
    """Return the learner's .ipynb; with problems noted it is not to be used.

    :param source: the text of notebook.py
    :param name: where it lies, for the sentences
    """
    notebook = jupytext.reads(source, fmt="py:percent")
    _check_cells(notebook, unit, name, problems)
    if problems.found:
        return b""
    for number, cell in enumerate(notebook.cells):
        # Ids are random by default; a release must be the same every time it is built.
        cell["id"] = _grade_id(cell) or f"cell-{number}"
    notebook.metadata = NotebookNode(
        kernelspec={"display_name": "Python 3", "language": "python", "name": "python3"},
        language_info={"name": "python"},
        yanxiu={"unit": unit.id},
    )
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    resources: dict[str, Any] = {}
    for step in _steps():
        notebook, resources = step().preprocess(notebook, resources)
    nbformat.validate(notebook)
    return (nbformat.writes(notebook) + "\n").encode()


def _steps() -> tuple[Any, ...]:
    # Here and not above: it takes a second, and scoring an answer has no use for it.
    from nbgrader.preprocessors import (
        CheckCellMetadata,
        ClearHiddenTests,
        ClearMarkScheme,
        ClearOutput,
        ClearSolutions,
        ComputeChecksums,
        LockCells,
    )

    return (
        LockCells, ClearSolutions, ClearOutput, ClearHiddenTests, ClearMarkScheme,
        ComputeChecksums, CheckCellMetadata,
    )  # fmt: skip


def _check_cells(
    notebook: NotebookNode, unit: WorksheetUnit, name: str, problems: Problems
) -> None:
    seen: list[str] = []
    tasks = [task.id for task in unit.tasks]
    for number, cell in enumerate(notebook.cells, start=1):
        where, grade_id = f"{name} 的第 {number} 格", _grade_id(cell)
        if REGION.search(cell.source):
            problems.add(
                where, "有答案或隐藏测试的标记", "答案放 solution/，评分放 score.py，请从笔记本删去"
            )
        if cell.cell_type == "code":
            _check_code(cell, where, problems)
        if grade_id is None:
            continue
        if grade_id in seen:
            problems.add(where, f"grade_id {grade_id} 用了不止一次", "请改成不同的编号")
        seen.append(grade_id)
        wrong = [key for key, value in WANTED.items() if cell.metadata.nbgrader.get(key) != value]
        if wrong:
            problems.add(where, f"nbgrader 的 {'、'.join(wrong)} 不对", f"请写成 {WANTED}")
        if grade_id in tasks:
            _check_task_cell(cell, grade_id, where, problems)
    _check_calls(notebook, unit, name, problems)
    order = [grade_id for grade_id in seen if grade_id in tasks]
    missing = [task for task in tasks if task not in order]
    if missing:
        problems.add(
            name, f"没有任务 {'、'.join(missing)} 的格子", "每个任务要有一个，grade_id 就是任务编号"
        )
    elif order != tasks:
        problems.add(
            name, f"任务的先后是 {'、'.join(order)}", f"请照 unit.yaml 排成 {'、'.join(tasks)}"
        )


def _check_calls(
    notebook: NotebookNode, unit: WorksheetUnit, name: str, problems: Problems
) -> None:
    """Note calls of worksheet for a task or a table that unit.yaml does not have."""
    known = {
        "task": [task.id for task in unit.tasks],
        "show_data": [entry.file for entry in unit.data],
    }
    for number, cell in enumerate(notebook.cells, start=1):
        for call, wanted in CALL.findall(cell.source) if cell.cell_type == "code" else ():
            if wanted not in known[call]:
                problems.add(
                    f"{name} 的第 {number} 格",
                    f"worksheet.{call} 要的 {wanted}，unit.yaml 里没有",
                    f"可以用的是 {'、'.join(known[call]) or '（没有）'}",
                )


def _check_code(cell: NotebookNode, where: str, problems: Problems) -> None:
    try:
        ast.parse(cell.source)
    except SyntaxError as error:
        problems.add(where, f"第 {error.lineno} 行不是合法的 Python", "请改正")


def _check_task_cell(cell: NotebookNode, task: str, where: str, problems: Problems) -> None:
    if f'worksheet.task("{task}")' not in cell.source:
        problems.add(where, f"编号是任务 {task}，却没有显示它", f'请写 worksheet.task("{task}")')
    if not cell.metadata.get("jupyter", {}).get("source_hidden"):
        problems.add(where, "代码没有折叠", '请加 jupyter={"source_hidden": true}')


def _grade_id(cell: NotebookNode) -> str | None:
    value = cell.metadata.get("nbgrader", {}).get("grade_id")
    return value if isinstance(value, str) else None
