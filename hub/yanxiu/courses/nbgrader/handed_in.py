"""Judge what was handed in for a unit of an nbgrader course.

Decides that at least one of its notebooks is there, under its own name and readable. Which
cells are in it is nbgrader's to judge: it gives no points for those that are not. Pure;
called by ``bundles``.
"""

from collections.abc import Mapping
from typing import Any

from yanxiu_formats.units import NbgraderUnit

from yanxiu.courses import bounded_json
from yanxiu.errors import N_, Invalid

ENDING = ".ipynb"


def check(files: Mapping[str, bytes], unit: NbgraderUnit) -> bool:
    """Refuse a bundle that could not be graded; a unit of this kind always has a notebook.

    :param files: of the bundle
    """
    wanted = list(unit.notebooks)
    there = [name for name in wanted if name in files]
    broken = [name for name in there if _ids(files[name]) is None]
    if broken:
        raise Invalid(
            "notebook.broken_one",
            N_(
                "笔记本 {notebooks} 坏了，打不开（可能没有存完）。请在 Jupyter 里打开并重新保存，"
                "或从单元页面重新取一份，再提交。"
            ),
            notebooks="、".join(broken),
        )
    missing = [name for name in wanted if name not in there]
    other = [name for name in files if name.endswith(ENDING) and "/" not in name]
    if not there:
        raise Invalid(
            "bundle.nothing",
            N_(
                "提交里没有这个作业的笔记本。文件名要和发下来的一样：{notebooks}。"
                "请把改过的名字改回来，再提交。"
            ),
            notebooks="、".join(wanted),
        )
    renamed = {
        task.notebook
        for name in other
        if name not in wanted
        for task in unit.tasks
        if task.notebook in missing and task.grade_id in (_ids(files[name]) or ())
    }
    if renamed:
        raise Invalid(
            "bundle.renamed",
            N_(
                "笔记本 {notebooks} 好像改了名字，这样批改不到。请把名字改回来，和其他笔记本一起再提交。"
            ),
            notebooks="、".join(sorted(renamed)),
        )
    return True


def _ids(data: bytes) -> set[str] | None:
    """Return the grade ids in a notebook, None if it is no notebook."""
    try:
        book = bounded_json.loads(data)
        if book["nbformat"] != 4:
            return None
        marks = [cell.get("metadata", {}).get("nbgrader") for cell in book["cells"]]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return {mark["grade_id"] for mark in marks if _marked(mark)}


def _marked(mark: Any) -> bool:
    return isinstance(mark, dict) and isinstance(mark.get("grade_id"), str)
