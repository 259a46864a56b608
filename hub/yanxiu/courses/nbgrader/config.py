"""Read the few settings of an ``nbgrader_config.py`` that can be read without running it.

The file is Python that a stranger wrote: it is parsed, never executed. A line
``c.Class.option = <literal>`` of the options below is applied; every other option is named
as not applied. Pure.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from yanxiu.errors import N_

from .problems import Problem

NAME = "nbgrader_config.py"
#: What decides the text of the notebooks that learners get, and the type of each.
APPLIED: Mapping[str, type] = {
    "IncludeHeaderFooter.header": str,
    "IncludeHeaderFooter.footer": str,
    "ClearSolutions.code_stub": dict,
    "ClearSolutions.text_stub": str,
    "ClearSolutions.begin_solution_delimeter": str,
    "ClearSolutions.end_solution_delimeter": str,
    "ClearHiddenTests.begin_test_delimeter": str,
    "ClearHiddenTests.end_test_delimeter": str,
    "ClearMarkScheme.begin_mark_scheme_delimeter": str,
    "ClearMarkScheme.end_mark_scheme_delimeter": str,
}
#: Where a course lies on the machine it comes from says nothing here.
_SILENT = frozenset({"CourseDirectory.course_id", "CourseDirectory.root", "Exchange.root"})


@dataclass(frozen=True)
class Settings:
    """What was read: ``{class: {option: value}}``, and what was not applied."""

    options: dict[str, dict[str, Any]] = field(default_factory=dict)
    course_id: str | None = None
    left_out: tuple[str, ...] = ()
    readable: bool = True

    def get(self, name: str, default: str = "") -> str:
        """Return a text option by ``Class.option``."""
        section, _, option = name.partition(".")
        return str(self.options.get(section, {}).get(option, default))

    def notes(self) -> list[Problem]:
        """Say what of the file has no effect here."""
        if not self.readable:
            return [Problem(NAME, N_("这个文件读不懂（不是 Python），里面的设置都没有采用。"))]
        if not self.left_out:
            return []
        return [
            Problem(
                NAME,
                N_("这个文件是程序，平台不运行它；以下设置没有采用：{names}。"),
                {"names": "、".join(self.left_out)},
            )
        ]


def read(source: bytes | None) -> Settings:
    """Read the file's literal settings; what is more than a literal is named as left out."""
    if source is None:
        return Settings()
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Settings(readable=False)
    options: dict[str, dict[str, Any]] = {}
    left_out: list[str] = []
    course_id = None
    for statement in tree.body:
        name = _option(statement)
        if name is None:
            if not _harmless(statement):
                left_out.append(f"{NAME}:{statement.lineno}")
            continue
        value = _literal(statement)
        if name in APPLIED and isinstance(value, APPLIED[name]):
            section, _, option = name.partition(".")
            options.setdefault(section, {})[option] = value
        elif name == "CourseDirectory.course_id" and isinstance(value, str):
            course_id = value
        elif name not in _SILENT:
            left_out.append(name)
    return Settings(options, course_id, tuple(dict.fromkeys(left_out)))


def _option(statement: ast.stmt) -> str | None:
    """Return ``Class.option`` of ``c.Class.option = …``."""
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return None
    target = statement.targets[0]
    if (
        isinstance(target, ast.Attribute)
        and isinstance(target.value, ast.Attribute)
        and isinstance(target.value.value, ast.Name)
        and target.value.value.id == "c"
    ):
        return f"{target.value.attr}.{target.attr}"
    return None


def _literal(statement: ast.stmt) -> Any:
    assert isinstance(statement, ast.Assign)
    try:
        return ast.literal_eval(statement.value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None


def _harmless(statement: ast.stmt) -> bool:
    """Say whether a statement sets nothing: a docstring, an import, ``c = get_config()``."""
    if isinstance(statement, ast.Import | ast.ImportFrom | ast.Pass):
        return True
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant)
    return (
        isinstance(statement, ast.Assign)
        and isinstance(statement.value, ast.Call)
        and isinstance(statement.value.func, ast.Name)
        and statement.value.func.id == "get_config"
    )
