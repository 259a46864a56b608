"""Check the files of a unit's folder: data that learners get, scoring that they do not.

Data are UTF-8 with BOM (WPS and Excel open it without asking), whole tables, without
columns that name a person and without cells that a spreadsheet would run.
"""

import ast
import csv
import io
import re
from pathlib import Path

from builder.problems import Problems
from builder.reading import read_json, read_text
from yanxiu_formats.units import WorksheetUnit

KNOWN = {
    "unit.yaml", "intro.md", "intro.en.md", "notebook.py", "score.py", "make_data.py",
    "data", "solution", "wrong",
}  # fmt: skip
PERSONAL = re.compile(
    "姓名|名字|身份证|学籍|电话|手机|家长姓名|住址|地址|微信|QQ|人脸", re.IGNORECASE
)
#: What people forget to take out of a table that was once real.
ID_NUMBER = re.compile(r"(?<!\d)[1-9]\d{16}[\dXx](?!\d)")
MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
PEOPLE = re.compile("学生|学员|同学|pupil|student", re.IGNORECASE)
HAN_NAME = re.compile("[\u4e00-\u9fff]{2,3}")
FORMULA = re.compile(r"[=@\t\r]|[+-](?!\d+(\.\d+)?$)")


def check_files(folder: Path, unit: WorksheetUnit, problems: Problems) -> None:
    """Note missing, surplus and unfit files of the unit in ``folder``."""
    name = folder.name
    for entry in sorted(folder.iterdir()):
        if entry.name not in KNOWN and not entry.name.startswith((".", "__pycache__")):
            problems.add(
                f"{name}/{entry.name}",
                "不认识这个文件",
                f"请删去，或改名为 {'、'.join(sorted(KNOWN))} 之一",
            )
    for intro in ("intro.md", "intro.en.md"):
        read_text(folder / intro, f"{name}/{intro}", problems)
    listed = {entry.file for entry in unit.data}
    found = {f"data/{path.name}" for path in (folder / "data").glob("*")}
    for file in sorted(found - listed):
        problems.add(f"{name}/{file}", "unit.yaml 的 data 里没有写它", "请写上，或删去这个文件")
    for file in sorted(listed):
        _check_csv(folder / file, f"{name}/{file}", problems)
    for entry in unit.data:
        if entry.chart == "sp" and (folder / entry.file).is_file():
            _check_sp(folder / entry.file, f"{name}/{entry.file}", problems)
    _check_scoring(folder, unit, problems)


def _check_csv(path: Path, name: str, problems: Problems) -> None:
    text = read_text(path, name, problems)
    if text is None:
        return
    if not text.startswith("\ufeff"):
        problems.add(name, "没有 BOM，WPS 打开会是乱码", "请另存为“UTF-8（带 BOM）”的 CSV")
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    if len(rows) < 2 or not all(rows[0]) or len(set(rows[0])) < len(rows[0]):
        problems.add(name, "第 1 行要是不重复、不空的列名，下面至少一行数据", "请改正")
        return
    for header in filter(PERSONAL.search, rows[0]):
        problems.add(name, f"有一列叫“{header}”，像是个人信息", "学生只用 S01、S02……，请删去这一列")
    for number, row in enumerate(rows, start=1):
        if len(row) != len(rows[0]):
            problems.add(
                name, f"第 {number} 行有 {len(row)} 格，列名有 {len(rows[0])} 个", "请补齐或删去"
            )
        for header, cell in zip(rows[0], row, strict=False):
            if number > 1:
                _check_person(cell, header, f"{name} 的第 {number} 行", problems)
        for cell in filter(FORMULA.match, row):
            problems.add(
                name, f"第 {number} 行的“{cell[:20]}”会被表格软件当作公式", "请改掉开头的符号"
            )


def _check_person(cell: str, header: str, where: str, problems: Problems) -> None:
    """Note what looks like somebody's number or name."""
    for pattern, called in ((ID_NUMBER, "身份证号"), (MOBILE, "手机号")):
        if pattern.search(cell):
            problems.add(where, f"有一格像是{called}", "请删去；学生只用 S01、S02……")
    if PEOPLE.search(header) and HAN_NAME.fullmatch(cell) and cell not in ("合计", "平均", "总计"):
        problems.add(where, f"“{header}”一列里有像姓名的内容", "学生只用 S01、S02……，请换成编号")


def _check_sp(path: Path, name: str, problems: Problems) -> None:
    """Note what a table that is drawn as an S-P chart may not hold."""
    rows = list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig", "replace"))))[1:]
    for number, row in enumerate(rows, start=2):
        if any(cell not in ("0", "1") for cell in row[1:]):
            problems.add(
                name,
                f"第 {number} 行有 0 和 1 以外的内容，画不出 S-P 图",
                "请改成 0 和 1，或删去 unit.yaml 里的 chart: sp",
            )
            return


def _check_scoring(folder: Path, unit: WorksheetUnit, problems: Problems) -> None:
    name = f"{folder.name}/score.py"
    text = read_text(folder / "score.py", name, problems)
    if text is not None:
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError) as error:
            problems.add(name, f"第 {getattr(error, 'lineno', 1)} 行不是合法的 Python", "请改正")
        else:
            if not any(isinstance(n, ast.FunctionDef) and n.name == "score" for n in tree.body):
                problems.add(name, "没有函数 score(answers, data)", "请写一个")
    name = f"{folder.name}/solution/answers.json"
    solution = read_json(folder / "solution/answers.json", name, problems)
    if solution is None:
        return
    answers = solution.get("answers") if isinstance(solution, dict) else None
    if not isinstance(answers, dict) or solution.get("unit") != unit.id:
        problems.add(
            name,
            "不是本单元的答案文件",
            f'请写成 {{"format": 1, "unit": "{unit.id}", "answers": …}}',
        )
        return
    missing = [task.id for task in unit.tasks if task.id not in answers]
    if missing:
        problems.add(name, f"没有任务 {'、'.join(missing)} 的参考答案", "请补上")
    for path in sorted((folder / "wrong").glob("*")):
        name = f"{folder.name}/wrong/{path.name}"
        wrong = read_json(path, name, problems)
        parts = (
            [wrong.get(key) for key in ("answers", "deserves")] if isinstance(wrong, dict) else []
        )
        if not parts or not all(isinstance(part, dict) for part in parts):
            problems.add(
                name, "要有 answers 和 deserves", '请写成 {"answers": …, "deserves": {任务: 分}}'
            )
