"""Judge what was handed in for a unit of an nbgrader course.

Decides that at least one of its notebooks is there, under its own name and one that can be
graded. Which cells are in it is nbgrader's to judge: it gives no points for those that are not.
Pure; called by ``bundles``.
"""

from collections.abc import Callable, Mapping

from yanxiu_formats.notebooks import BadNotebook, Notebook, grade_ids, notebook_name, read
from yanxiu_formats.units import NbgraderUnit

from yanxiu.errors import N_, Invalid


def check(
    files: Mapping[str, bytes], unit: NbgraderUnit, judge: Callable[[str, bytes], Notebook]
) -> bool:
    """Refuse a bundle that could not be graded; a unit of this kind always has a notebook.

    :param files: of the bundle
    :param judge: reads a notebook by name, or refuses it
    """
    there = [name for name in unit.notebooks if name in files]
    for name in there:
        judge(name, files[name])
    missing = [name for name in unit.notebooks if name not in there]
    other = [
        name for name in files if notebook_name(name) and "/" not in name and name not in there
    ]
    renamed = {
        task.notebook
        for found in (_ids(files[name]) for name in (other if missing else ()))
        for task in unit.tasks
        if task.notebook in missing and task.grade_id in found
    }
    if renamed and there:
        raise Invalid(
            "notebook.renamed",
            N_(
                "笔记本 {notebooks} 好像改了名字，这样批改不到。请把名字改回来，和其他笔记本一起再提交。"
            ),
            notebooks="、".join(sorted(renamed)),
        )
    if not there:
        raise Invalid(
            "bundle.nothing",
            N_(
                "提交里没有这个作业的笔记本。文件名要和发下来的一样：{notebooks}。"
                "请把改过的名字改回来，再提交。"
            ),
            notebooks="、".join(unit.notebooks),
        )
    return True


def _ids(data: bytes) -> set[str]:
    """Return the grade ids in a file, none if it is no notebook."""
    try:
        return grade_ids(read(data))
    except BadNotebook:
        return set()
