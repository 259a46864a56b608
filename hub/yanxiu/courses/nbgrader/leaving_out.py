"""Decide which files of an assignment a learner gets, as nbgrader decides it.

``ignore`` holds when the learners' version is made and once more when it is released,
``include`` and ``max_file_size`` when it is released, ``max_dir_size`` refuses the release
(nbgrader's ``find_all_files`` and ``ignore_patterns``). What systems leave behind (``._`` and
other hidden files) stays out as well, which nbgrader would hand out, and so do copies that lie
beside what they are copies of. Pure.
"""

import fnmatch
import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from yanxiu.errors import N_

from . import config
from .problems import Problem

IGNORE = (".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback")
INCLUDE = ("*",)
MAX_FILE_KB = MAX_DIR_KB = 100_000
_LEFT_BEHIND = (".*", "__MACOSX", "Thumbs.db", "desktop.ini", "~$*")
_SHOWN = 10
#: What Jupyter, file managers and browsers call a copy, after the name of what was copied.
_COPY = re.compile(
    r"(?P<name>.+?)(?:"
    r"-Copy\d*"
    r"|[ _]-[ _](?:Copy|Copie|Kopie|Copia|副本|复制)(?:[ _]?\(\d+\))?"
    r"|[ _]copy(?:[ _]\d+)?|[ _]?的?[ _]?副本(?:[ _]?\d+)?"
    r"|[ _]?\((?:\d+|copy|another copy|\d+\w\w copy|副本|复件|第 ?\d+ ?[个份]?副本)\)"
    r")+"
)
_COPY_BEFORE = re.compile(r"(?:Copy of |Kopie von |Copie de |Copia de |副本)(?P<name>.+)")

DEFAULT = N_(
    "有 {count} 个文件或文件夹没有发给学员（隐藏文件、系统文件，或设置里排除的）：{names}。"
)
COPIES = N_("有 {count} 个是副本，原来的也在这里，没有导入：{names}。要用副本就请改名。")
NO_NOTEBOOK = N_("有 {count} 个文件夹里没有笔记本，不是作业，没有导入：{names}。")
LOOSE = N_("有 {count} 个笔记本不在作业的文件夹里，没有导入：{names}。")
DEEP = N_("有 {count} 个笔记本在子文件夹里，nbgrader 不批改也不发放，没有导入：{names}。")


def problems(settings: config.Settings) -> list[Problem]:
    """Refuse patterns that nbgrader never matches, though somebody means to hide a file."""
    return [
        Problem(
            config.NAME,
            N_(
                "{name} 里的“{pattern}”含有 /：nbgrader 只比较一个个文件或文件夹的名字，它什么也"
                "不会排除，文件就到了学员手里。请只写名字，例如 private。"
            ),
            {"name": name, "pattern": pattern},
        )
        for name in ("CourseDirectory.ignore", "CourseDirectory.include")
        for pattern in settings.get(name, ())
        if "/" in pattern or not pattern.strip()
    ]


def left_behind(name: str) -> bool:
    """Say whether a file or folder is one that a system made beside those of the teacher."""
    return _matches(PurePosixPath(name).name, _LEFT_BEHIND)


def ignored(name: str, settings: config.Settings) -> bool:
    """Say whether ``ignore`` matches a name (not a path)."""
    return _matches(PurePosixPath(name).name, settings.get("CourseDirectory.ignore", IGNORE))


def kept(files: Mapping[str, bytes], settings: config.Settings) -> dict[str, bytes]:
    """Return the files that are in a learners' version before it is released."""
    return {
        name: data
        for name, data in files.items()
        if not any(
            left_behind(part) or ignored(part, settings) for part in PurePosixPath(name).parts
        )
    }


def released(files: Mapping[str, bytes], settings: config.Settings) -> dict[str, bytes]:
    """Return the files of a learners' version that a release hands out."""
    include = settings.get("CourseDirectory.include", INCLUDE)
    most = 1000 * settings.get("CourseDirectory.max_file_size", MAX_FILE_KB)
    return {
        name: data
        for name, data in kept(files, settings).items()
        if (not include or _matches(PurePosixPath(name).name, include))
        and (not most or len(data) <= most)
    }


def too_large(where: str, files: Mapping[str, bytes], settings: config.Settings) -> list[Problem]:
    """Refuse a learners' version that nbgrader would not release."""
    most = settings.get("CourseDirectory.max_dir_size", MAX_DIR_KB)
    size = sum(map(len, files.values()))
    if size <= 1000 * most:
        return []
    message = N_(
        "学员的版本有 {size} KB，超过了设置 CourseDirectory.max_dir_size（{most} KB），nbgrader 不会"
        "发布它。请删去不需要的文件，或把这个设置改大。"
    )
    return [Problem(where, message, {"size": -(-size // 1000), "most": most})]


def copies(names: Iterable[str]) -> set[str]:
    """Return those of some names that are copies of others of them.

    >>> sorted(copies(["a.ipynb", "a-Copy1.ipynb", "a (2).ipynb", "b-Copy1.ipynb"]))
    ['a (2).ipynb', 'a-Copy1.ipynb']
    """
    every = set(names)
    return {name for name in every if _original(name) in every}


def _original(name: str) -> str | None:
    path = PurePosixPath(name)
    ending = path.suffix if path.suffix == ".ipynb" else ""
    stem = name.removesuffix(ending)
    found = _COPY.fullmatch(stem) or _COPY_BEFORE.fullmatch(stem)
    return found["name"] + ending if found else None


def note(where: str, names: Iterable[str], message: str = DEFAULT) -> list[Problem]:
    """Name what was left out, in one sentence that says why."""
    every = sorted(names)
    if not every:
        return []
    shown = "、".join(every[:_SHOWN]) + ("……" if len(every) > _SHOWN else "")
    return [Problem(where, message, {"count": len(every), "names": shown})]


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatch.fnmatchcase(name, one) for one in patterns)
