"""Code tables of stages (学段) and subjects (学科), read from a CSV file.

Counties differ in what they teach and call it, so the table that comes with the platform
can be replaced by the site's own. People keep codes, pages show names. Called by the
services at start.
"""

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

from yanxiu.errors import SettingsError

BUILT_IN = Path(__file__).parent / "data" / "codes.csv"
HEADER = ["表", "代码", "名称", "英文", "学段"]
STAGE, SUBJECT = "学段", "学科"


@dataclass(frozen=True)
class Code:
    """One line of a table.

    :param stages: the stages in which a subject is taught; of a stage, empty
    """

    code: str
    zh_CN: str
    en: str
    stages: frozenset[str] = frozenset()


@dataclass(frozen=True)
class CodeTables:
    """The tables, by code, in the order of the file."""

    stages: dict[str, Code]
    subjects: dict[str, Code]

    def stage_named(self, name: str) -> str | None:
        """Return the code of a stage that a roster names, None when there is none."""
        return _named(self.stages, name)

    def subject_named(self, name: str) -> str | None:
        """Return the code of a subject that a roster names, None when there is none."""
        return _named(self.subjects, name)


def _named(table: dict[str, Code], name: str) -> str | None:
    return next((one.code for one in table.values() if one.zh_CN == name.strip()), None)


def load_codes(path: Path | None = None) -> CodeTables:
    """Read the tables of ``path`` (UTF-8 or GB18030), else the platform's own.

    :raises SettingsError: the file is not there, or a line cannot be read
    """
    path = path or BUILT_IN
    if not path.is_file():
        raise SettingsError(
            f"site.yaml: code_tables 指的文件 {path} 不存在。请改正路径，或去掉这一项。"
        )
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030", "replace")
    rows = list(csv.reader(io.StringIO(text)))
    if not rows or [cell.strip() for cell in rows[0]] != HEADER:
        raise SettingsError(f"{path}: 第 1 行应是表头“{'，'.join(HEADER)}”。")
    tables: dict[str, dict[str, Code]] = {STAGE: {}, SUBJECT: {}}
    for number, row in enumerate(rows[1:], 2):
        if not any(cell.strip() for cell in row):
            continue
        kind, code = _add(tables, row)
        if code is None:
            raise SettingsError(f"{path}: 第 {number} 行：{kind}。")
    if not tables[STAGE] or not tables[SUBJECT]:
        raise SettingsError(f"{path}: 至少要有一个学段和一个学科。")
    return CodeTables(tables[STAGE], tables[SUBJECT])


def _add(tables: dict[str, dict[str, Code]], row: list[str]) -> tuple[str, str | None]:
    """Add a line to its table; return its table and code, or what is wrong and None."""
    cells = [cell.strip() for cell in (*row, "", "", "", "", "")][:5]
    kind, code, name, english, stages = cells
    if kind not in tables:
        return f"“表”应是{STAGE}或{SUBJECT}，现在是“{kind}”", None
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,31}", code):
        return f"代码“{code}”应是小写字母开头的字母、数字和下划线", None
    if code in tables[kind]:
        return f"代码“{code}”重复了", None
    if not name:
        return "缺少名称", None
    unknown = [stage for stage in stages.split() if stage not in tables[STAGE]]
    if unknown:
        return f"学段“{unknown[0]}”不在上面的学段表里", None
    tables[kind][code] = Code(code, name, english, frozenset(stages.split()))
    return kind, code
