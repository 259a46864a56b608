"""Read an nbgrader course's folder into memory, or say what cannot be taken.

Decides which files belong to an assignment (nbgrader's own rule: ``source/<assignment>``,
its notebooks, its other files), which folders are one, and how much is too much. What
``leaving_out`` keeps from learners is not even read. What is wrong in one assignment refuses
that assignment; what all of them depend on refuses the course. Links are never followed: they
could bring in a file of the operator's. Called by ``verbs.import_course``.
"""

import os
import stat
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from yanxiu.errors import N_

from . import config, leaving_out
from .problems import Problem

#: Folders of the scoring package: the first goes into the sandbox, the second never does.
GRADING, SOURCE = "grading", "source"
NOTEBOOK = ".ipynb"
MAX_FILES = 200
MAX_MB = 20
Files = dict[str, bytes]


@dataclass
class Assignment:
    """One assignment's files by relative name, or what is wrong with them."""

    files: Files = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


@dataclass
class CourseFolder:
    """What was found.

    :param assignments: by name, those that were wanted
    :param names: of every assignment that is there
    :param parts: header and footer notebooks by the name that the settings give
    :param templates: the file beside ``source`` that says how AUTOTEST is expanded, if any
    :param problems: what concerns every assignment
    """

    name: str
    assignments: dict[str, Assignment] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    parts: Files = field(default_factory=dict)
    templates: Files = field(default_factory=dict)
    settings: config.Settings = field(default_factory=config.Settings)
    gradebook: Path | None = None
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)


def read_folder(root: Path, only: Collection[str] = ()) -> CourseFolder:
    """Read ``root``; what is wrong is in ``problems``.

    :param only: names of the assignments that are wanted; all if empty
    """
    root = root.resolve()
    found = CourseFolder(root.name)
    found.settings = _settings(root, found)
    found.problems += [*found.settings.problems, *leaving_out.problems(found.settings)]
    source = _below(root, found.settings.source, config.NAME, found.problems)
    if source is None or not _is_folder(source):
        found.problems.append(
            Problem(
                str(root),
                N_(
                    "这里没有 {source} 文件夹，不像 nbgrader 课程。应该是 {source}/<作业>/*.ipynb；"
                    "请指向含有 {source} 的那一层。"
                ),
                {"source": found.settings.source},
            )
        )
        return found
    for part in ("IncludeHeaderFooter.header", "IncludeHeaderFooter.footer"):
        _read_part(root, found, found.settings.get(part))
    _read_templates(root, found)
    _read_assignments(source, found, only)
    if not found.names and not found.problems:
        found.problems.append(
            Problem(
                found.settings.source,
                N_(
                    "里面没有作业。每个作业是 {source} 下的一个文件夹，里面直接放着笔记本（.ipynb）。"
                ),
                {"source": found.settings.source},
            )
        )
    gradebook = root / "gradebook.db"
    if gradebook.is_file() and not gradebook.is_symlink():
        found.gradebook = gradebook
    return found


def _read_assignments(source: Path, found: CourseFolder, only: Collection[str]) -> None:
    here = found.settings.source
    every = sorted(source.iterdir())
    folders = [one for one in every if one.is_dir() or one.is_symlink()]
    copies = leaving_out.copies(one.name for one in folders)
    left, empty = [], []
    for folder in folders:
        if _left_out(folder.name, found.settings):
            left.append(folder.name)
        elif folder.name in copies:
            continue
        elif not folder.is_symlink() and not _has_notebook(folder, found.settings):
            empty.append(folder.name)
        else:
            found.names += (folder.name,)
            if not only or folder.name in only:
                found.assignments[folder.name] = (
                    Assignment(problems=[_link(f"{here}/{folder.name}")])
                    if folder.is_symlink()
                    else _assignment(folder, f"{here}/{folder.name}", found)
                )
    loose = [
        one.name
        for one in every
        if one.name.endswith(NOTEBOOK)
        and not _left_out(one.name, found.settings)
        and f"{here}/{one.name}" not in map(os.path.normpath, found.parts)
    ]
    found.notes += [
        *leaving_out.note(here, left),
        *leaving_out.note(here, copies, leaving_out.COPIES),
        *leaving_out.note(here, empty, leaving_out.NO_NOTEBOOK),
        *leaving_out.note(here, loose, leaving_out.LOOSE),
    ]


def _has_notebook(folder: Path, settings: config.Settings) -> bool:
    names = [one.name for one in folder.iterdir() if one.name.endswith(NOTEBOOK)]
    return any(not _left_out(name, settings) for name in names)


def _assignment(folder: Path, where: str, found: CourseFolder) -> Assignment:
    made = Assignment()
    total = 0
    left: list[str] = []
    deep: list[str] = []
    notebooks = [one.name for one in folder.iterdir() if one.name.endswith(NOTEBOOK)]
    copies = leaving_out.copies(one for one in notebooks if not _left_out(one, found.settings))
    for path, name in _walk(folder, folder, where, found.settings, made.problems, left):
        if path.name in copies and "/" not in name:
            continue
        if name.endswith(NOTEBOOK) and "/" in name:
            deep.append(name)
            continue
        total += path.stat().st_size
        if total > MAX_MB * 1_000_000:
            message = N_("这个作业超过 {most} MB。请把大的数据文件换小，或让学员自己下载。")
            return Assignment(problems=[Problem(where, message, {"most": MAX_MB})])
        if len(made.files) >= MAX_FILES:
            message = N_("这个作业的文件超过 {most} 个。请删去不需要的。")
            return Assignment(problems=[Problem(where, message, {"most": MAX_FILES})])
        data = _plain(path, made.problems, f"{where}/{name}")
        if data is not None:
            made.files[name] = data
    found.notes += [
        *leaving_out.note(where, left),
        *leaving_out.note(where, copies, leaving_out.COPIES),
        *leaving_out.note(where, deep, leaving_out.DEEP),
    ]
    return made


def _walk(
    folder: Path,
    root: Path,
    where: str,
    settings: config.Settings,
    problems: list[Problem],
    left: list[str],
) -> Iterator[tuple[Path, str]]:
    for path in sorted(folder.iterdir()):
        relative = path.relative_to(root).as_posix()
        name = unicodedata.normalize("NFC", relative)
        if _left_out(path.name, settings):
            left.append(name)
            continue
        if any(unicodedata.category(char)[0] == "C" for char in name) or "\\" in name:
            problems.append(
                Problem(
                    where, N_("有一个文件名含有特殊字符：{name}。请改名。"), {"name": repr(name)}
                )
            )
        elif path.is_symlink():
            problems.append(_link(f"{where}/{name}"))
        elif path.is_dir():
            yield from _walk(path, root, where, settings, problems, left)
        else:
            yield path, name


def _settings(root: Path, found: CourseFolder) -> config.Settings:
    read = {name: _plain(root / name, found.problems, name) for name in config.NAMES}
    return config.read({name: data for name, data in read.items() if data is not None})


def _left_out(name: str, settings: config.Settings) -> bool:
    return leaving_out.left_behind(name) or leaving_out.ignored(name, settings)


def _read_part(root: Path, found: CourseFolder, name: str) -> None:
    path = _below(root, name, config.NAME, found.problems) if name else None
    data = _plain(path, found.problems, name) if path else None
    if data is not None:
        found.parts[name] = data


def _read_templates(root: Path, found: CourseFolder) -> None:
    name = str(found.settings.get("InstantiateTests.autotest_filename", "autotests.yml"))
    path = _below(root, name, config.NAME, found.problems)
    if path is not None and path.is_file():
        data = _plain(path, found.problems, name)
        found.templates = {name: data} if data is not None else {}


def _below(root: Path, name: str, where: str, problems: list[Problem]) -> Path | None:
    """Return the path of a name that the settings give, if it stays in the course."""
    if os.path.isabs(name) or ".." in Path(name).parts:  # noqa: PTH117 - of any system
        message = N_("设置里的 {name} 不在课程文件夹里。请改成课程文件夹里的路径。")
        problems.append(Problem(where, message, {"name": name}))
        return None
    path = root / name
    inner = [root / one for one in Path(name).parents]
    if any(one.is_symlink() for one in inner if one != root):
        problems.append(_link(name))
        return None
    return path


def _plain(path: Path, problems: list[Problem], where: str) -> bytes | None:
    """Return a plain file's bytes; a link or a pipe is a problem, a missing file is None."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        if where not in config.NAMES:
            problems.append(Problem(where, N_("找不到这个文件。请核对课程文件夹。")))
        return None
    except OSError:
        problems.append(_link(where))
        return None
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            problems.append(_link(where))
            return None
        return file.read(MAX_MB * 1_000_000 + 1)


def _link(where: str) -> Problem:
    return Problem(where, N_("这是链接或特殊文件，不能导入：它可能指到课程以外。请换成文件本身。"))


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()
