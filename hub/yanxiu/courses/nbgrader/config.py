"""Understand a course's settings without running them, or say which one cannot be.

nbgrader reads ``nbgrader_config`` of a course's folder as Python and then as JSON; what comes
later wins. So does this, but the Python is parsed and never
executed. What decides what a learner gets (``known`` says which settings do) is taken exactly
as written, or it is a problem: a setting that was overlooked would send hidden tests out.
Pure; called by ``folder`` and for ``nbgrader release_assignment``.
"""

import difflib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from yanxiu.errors import N_

from . import known, statements
from .problems import Problem
from .statements import OPEN, Given

#: In the order in which nbgrader lets one win over those before it.
NAMES = ("nbgrader_config.py", "nbgrader_config.json")
NAME = "nbgrader_config.py"
MAX_BYTES = 1_000_000
_DAY_S = 86_400
#: Where a course lies on the machine it comes from says nothing here.
_SILENT = frozenset(
    {"CourseDirectory.root", "CourseDirectory.db_url", "Exchange.root", "Exchange.cache"}
)
#: Names of older versions, which nbgrader itself translates and lets win (apps/baseapp.py).
_RENAMED: Mapping[str, str] = {
    **{
        f"NbGrader.{one}": f"CourseDirectory.{one}"
        for one in (
            "course_id",
            "student_id",
            "assignment_id",
            "notebook_id",
            "directory_structure",
            "source_directory",
            "release_directory",
            "submitted_directory",
            "autograded_directory",
            "feedback_directory",
            "solution_directory",
            "db_url",
            "ignore",
        )
    },
    "NbGrader.course_directory": "CourseDirectory.root",
    "Exchange.course_id": "CourseDirectory.course_id",
    "TransferApp.timezone": "Exchange.timezone",
    "TransferApp.timestamp_format": "Exchange.timestamp_format",
    "TransferApp.exchange_directory": "Exchange.root",
    "TransferApp.cache_directory": "Exchange.cache",
}


@dataclass(frozen=True)
class Settings:
    """What was understood.

    :param options: ``{class: {option: value}}``, fit for nbgrader's own classes
    :param left_out: settings that have no effect here, and none on what learners get
    :param problems: what cannot be understood; nothing may be released while there is one
    """

    options: dict[str, dict[str, Any]] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    def get(self, name: str, default: Any = "") -> Any:
        """Return an option by ``Class.option``."""
        section, _, option = name.partition(".")
        return self.options.get(section, {}).get(option, default)

    @property
    def course_id(self) -> str | None:
        """The course's id, without the blanks that nbgrader strips as well."""
        return str(self.get("CourseDirectory.course_id")).strip() or None

    @property
    def source(self) -> str:
        """The folder of the assignments, below the course's."""
        return str(self.get("CourseDirectory.source_directory", "source"))

    @property
    def cell_timeout_s(self) -> int | None:
        """Seconds that a cell may run when it is graded; None: the course does not say.

        Nothing or less than nothing means no end to nbgrader; a day stands for that here.
        """
        for section in ("Execute", "ExecutePreprocessor", "NotebookClient"):
            value = self.get(f"{section}.timeout", "")
            if value != "":
                return value if value is not None and 0 < value < _DAY_S else _DAY_S
        return None

    def notes(self) -> list[Problem]:
        """Say what of the files has no effect here."""
        if not self.left_out:
            return []
        return [
            Problem(
                NAME,
                N_("以下设置不影响学员得到的内容，在平台上不起作用，没有采用：{names}。"),
                {"names": "、".join(self.left_out)},
            )
        ]


def read(files: Mapping[str, bytes]) -> Settings:
    """Understand the files of settings that a course has.

    :param files: by name, those of ``NAMES`` that are there
    """
    problems: list[Problem] = []
    last: dict[str, tuple[str, Given]] = {}
    for file in NAMES:
        if file not in files:
            continue
        try:
            for one in _given(file, files[file]):
                if not one.inert or not one.name:
                    problems.append(_reaching(file, one))
                last[one.name] = (file, one)
        except ValueError:
            problems.append(_unreadable(file))
    return _judged(_renamed(last), problems)


def of_json(data: bytes, file: str) -> Settings:
    """Understand one file of settings in JSON, under the name that sentences give it."""
    try:
        last = {one.name: (file, one) for one in _from_json(data)}
    except ValueError:
        return Settings(problems=(_unreadable(file),))
    return _judged(_renamed(last), [])


def _given(file: str, data: bytes) -> list[Given]:
    if len(data) > MAX_BYTES:
        raise ValueError("too large")
    return statements.read(data) if file.endswith(".py") else list(_from_json(data))


def _from_json(data: bytes) -> Iterator[Given]:
    try:
        text = data.decode()
        whole = json.loads(text)
    except RecursionError as error:
        raise ValueError("too deep") from error
    if not isinstance(whole, dict) or whole.pop("version", 1) != 1:
        raise ValueError("no settings")
    for section, options in whole.items():
        if not isinstance(options, dict):
            yield Given(section, OPEN, _line(text, section))
            continue
        for option, value in options.items():
            yield Given(f"{section}.{option}", value, _line(text, option))


def _line(text: str, key: str) -> int:
    """Return the line on which a key stands first; 0 if it is written in another way."""
    at = text.find(json.dumps(key, ensure_ascii=False))
    return text.count("\n", 0, at) + 1 if at >= 0 else 0


def _renamed(last: dict[str, tuple[str, Given]]) -> dict[str, tuple[str, Given]]:
    now = {name: found for name, found in last.items() if name not in _RENAMED}
    for name, (file, one) in last.items():
        if name in _RENAMED:
            now[_RENAMED[name]] = (file, replace(one, name=_RENAMED[name]))
    return now


def _judged(last: dict[str, tuple[str, Given]], problems: list[Problem]) -> Settings:
    options: dict[str, dict[str, Any]] = {}
    left_out: list[str] = []
    for name, (file, one) in last.items():
        values = known.harmless(name)
        if name in known.UNDERSTOOD and one.value is not OPEN:
            if known.UNDERSTOOD[name](one.value):
                section, _, option = name.partition(".")
                options.setdefault(section, {})[option] = one.value
            else:
                problems.append(_of_no_use(file, one))
        elif known.irrelevant(name):
            left_out += [] if name in _SILENT else [name]
        elif values is not None:
            if one.inert and not any(_same(one.value, value) for value in values):
                problems.append(_refused(file, one, values))
        elif one.inert and name:
            problems.append(_open(file, one) if name in known.UNDERSTOOD else _unknown(file, one))
    return Settings(options, tuple(left_out), tuple(problems))


def _same(value: Any, other: Any) -> bool:
    """Compare as Python does, but tell true from 1."""
    return type(value) is type(other) and bool(value == other)


def _at(file: str, one: Given) -> str:
    return f"{file}:{one.line}" if one.line else file


def _unreadable(file: str) -> Problem:
    return Problem(
        file,
        N_(
            "这个文件读不懂（不是 Python 或 JSON 的设置），不知道学员该得到什么。"
            "请改正，或删去它；nbgrader 的默认设置不需要这个文件。"
        ),
    )


def _open(file: str, one: Given) -> Problem:
    return Problem(
        _at(file, one),
        N_(
            "设置 {name} 的值不是直接写出来的（变量、计算、条件、另一个文件或 append、update）。"
            "平台不运行这个文件，就不知道学员会得到什么，所以没有导入。请在一行里把值写全："
            "c.{name} = …；或写进 nbgrader_config.json。"
        ),
        {"name": one.name},
    )


def _reaching(file: str, one: Given) -> Problem:
    return Problem(
        _at(file, one),
        N_(
            "这一句{about}可能改变学员得到的内容，平台不运行这个文件，读不懂它，所以没有导入。"
            "能读懂的是 c.类.选项 = 值，值要直接写出来。请改成这样的一行，或者删去。"
        ),
        {"about": f"（{one.name}）" if one.name else ""},
    )


def _of_no_use(file: str, one: Given) -> Problem:
    return Problem(
        _at(file, one),
        N_("设置 {name} 的值 {value} 不是 nbgrader 能用的。请按 nbgrader 的说明改正。"),
        {"name": one.name, "value": _shown(one.value)},
    )


def _refused(file: str, one: Given, values: tuple[Any, ...]) -> Problem:
    possible = [_shown(value) for value in values if value is not known.NEVER]
    where, params = _at(file, one), {"name": one.name, "possible": " / ".join(possible)}
    if possible:
        return Problem(
            where,
            N_(
                "设置 {name} 会改变学员得到的内容，平台不照它做，所以没有导入。可以的值只有"
                " {possible}。请改成它，或删去这一行。"
            ),
            params,
        )
    return Problem(
        where,
        N_(
            "设置 {name} 会改变学员得到的内容，平台不照它做，所以没有导入。请删去这一行；"
            "平台用 nbgrader 默认的做法。"
        ),
        params,
    )


def _unknown(file: str, one: Given) -> Problem:
    every = [*known.UNDERSTOOD, *(name for name in known.REFUSED if "*" not in name)]
    similar = difflib.get_close_matches(one.name, every, 1)
    params = {"name": one.name, "similar": similar[0] if similar else ""}
    if similar:
        message = N_(
            "不认识设置 {name}，不知道它会不会改变学员得到的内容，所以没有导入。"
            "是不是 {similar}？请核对拼写；用不着就删去这一行。"
        )
    else:
        message = N_(
            "不认识设置 {name}，不知道它会不会改变学员得到的内容，所以没有导入。"
            "请核对拼写（nbgrader --help-all 列出所有设置）；用不着就删去这一行。"
        )
    return Problem(_at(file, one), message, params)


def _shown(value: Any) -> str:
    return repr(value)[:80]
