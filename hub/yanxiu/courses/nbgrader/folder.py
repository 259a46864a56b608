"""Read an nbgrader course's folder into memory, or say what cannot be taken.

Decides which files belong to an assignment (nbgrader's own rule: ``source/<assignment>``,
its notebooks, its other files) and how much is too much. What ``leaving_out`` keeps from
learners is not even read. Links are never followed: they could bring in a file of the
operator's. Called by ``verbs.import_course``.
"""

import os
import stat
import unicodedata
from collections.abc import Iterator
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
class CourseFolder:
    """What was found.

    :param assignments: by name, the files of each (relative names)
    :param parts: header and footer notebooks by the name that the settings give
    """

    name: str
    assignments: dict[str, Files] = field(default_factory=dict)
    parts: Files = field(default_factory=dict)
    settings: config.Settings = field(default_factory=config.Settings)
    gradebook: Path | None = None
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)


def read_folder(root: Path) -> CourseFolder:
    """Read ``root``; what is wrong is in ``problems``."""
    root = root.resolve()
    found = CourseFolder(root.name)
    found.settings = _settings(root, found)
    found.problems += [*found.settings.problems, *leaving_out.problems(found.settings)]
    source = _below(root, found.settings.source, config.NAME, found)
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
    left = []
    for folder in sorted(source.iterdir()):
        name = f"{found.settings.source}/{folder.name}"
        if not folder.is_symlink() and not folder.is_dir():
            continue
        if _left_out(folder.name, found.settings):
            left.append(folder.name)
        elif folder.is_symlink():
            found.problems.append(_link(name))
        else:
            found.assignments[folder.name] = _assignment(folder, name, found)
    found.notes += leaving_out.note(found.settings.source, left)
    if not found.assignments and not found.problems:
        found.problems.append(
            Problem(
                found.settings.source,
                N_("里面没有作业。每个作业是 {source} 下的一个文件夹。"),
                {"source": found.settings.source},
            )
        )
    gradebook = root / "gradebook.db"
    if gradebook.is_file() and not gradebook.is_symlink():
        found.gradebook = gradebook
    return found


def _assignment(folder: Path, where: str, found: CourseFolder) -> Files:
    files: Files = {}
    total = 0
    left: list[str] = []
    for path, name in _walk(folder, folder, where, found, left):
        at = f"{where}/{name}"
        total += path.stat().st_size
        if total > MAX_MB * 1_000_000:
            found.problems.append(
                Problem(
                    where,
                    N_("这个作业超过 {most} MB。请把大的数据文件换小，或让学员自己下载。"),
                    {"most": MAX_MB},
                )
            )
            return {}
        if len(files) >= MAX_FILES:
            found.problems.append(
                Problem(
                    where,
                    N_("这个作业的文件超过 {most} 个。请删去不需要的。"),
                    {"most": MAX_FILES},
                )
            )
            return {}
        if name.endswith(".ipynb") and "/" in name:
            found.notes.append(
                Problem(at, N_("子文件夹里的笔记本 nbgrader 不批改也不发放，没有导入。"))
            )
            continue
        data = _plain(path, found, at)
        if data is not None:
            files[name] = data
    found.notes += leaving_out.note(where, left)
    return files


def _walk(
    folder: Path, root: Path, where: str, found: CourseFolder, left: list[str]
) -> Iterator[tuple[Path, str]]:
    for path in sorted(folder.iterdir()):
        relative = path.relative_to(root).as_posix()
        name = unicodedata.normalize("NFC", relative)
        if _left_out(path.name, found.settings):
            left.append(name)
            continue
        if any(unicodedata.category(char)[0] == "C" for char in name) or "\\" in name:
            found.problems.append(
                Problem(
                    where, N_("有一个文件名含有特殊字符：{name}。请改名。"), {"name": repr(name)}
                )
            )
        elif path.is_symlink():
            found.problems.append(_link(f"{where}/{name}"))
        elif path.is_dir():
            yield from _walk(path, root, where, found, left)
        else:
            yield path, name


def _settings(root: Path, found: CourseFolder) -> config.Settings:
    read = {name: _plain(root / name, found, name) for name in config.NAMES}
    return config.read({name: data for name, data in read.items() if data is not None})


def _left_out(name: str, settings: config.Settings) -> bool:
    return leaving_out.left_behind(name) or leaving_out.ignored(name, settings)


def _read_part(root: Path, found: CourseFolder, name: str) -> None:
    path = _below(root, name, config.NAME, found) if name else None
    data = _plain(path, found, name) if path else None
    if data is not None:
        found.parts[name] = data


def _below(root: Path, name: str, where: str, found: CourseFolder) -> Path | None:
    """Return the path of a name that the settings give, if it stays in the course."""
    if os.path.isabs(name) or ".." in Path(name).parts:  # noqa: PTH117 - of any system
        message = N_("设置里的 {name} 不在课程文件夹里。请改成课程文件夹里的路径。")
        found.problems.append(Problem(where, message, {"name": name}))
        return None
    path = root / name
    inner = [root / one for one in Path(name).parents]
    if any(one.is_symlink() for one in inner if one != root):
        found.problems.append(_link(name))
        return None
    return path


def _plain(path: Path, found: CourseFolder, where: str) -> bytes | None:
    """Return a plain file's bytes; a link or a pipe is a problem, a missing file is None."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        if where not in config.NAMES:
            found.problems.append(Problem(where, N_("找不到这个文件。请核对课程文件夹。")))
        return None
    except OSError:
        found.problems.append(_link(where))
        return None
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            found.problems.append(_link(where))
            return None
        return file.read(MAX_MB * 1_000_000 + 1)


def _link(where: str) -> Problem:
    return Problem(where, N_("这是链接或特殊文件，不能导入：它可能指到课程以外。请换成文件本身。"))


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()
