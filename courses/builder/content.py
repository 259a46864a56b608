"""Look at what a unit says: its texts, its answers, and what of its data is used.

What learners would be misled by is a problem; what could be better is advice. The rules
that a schema, a sum or a file can settle are in ``schema.py``, ``checks.py`` and ``files.py``.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from builder.problems import Problems
from builder.reading import read_json
from yanxiu_formats.tasks import MatchTask, OrderTask, SheetTask
from yanxiu_formats.units import WorksheetUnit, unit_json

PROMPT_CHARS, TITLE_CHARS = 700, 30
#: A tag with its attributes, but not “a<b and c>d”.
HTML = re.compile(
    r"""</?[a-zA-Z][a-zA-Z0-9]*(?:\s+[a-zA-Z-]+(?:=(?:"[^"]*"|'[^']*'|[^\s<>"']+))?)*\s*/?>"""
)
IMAGE = re.compile(r"!\[[^\]]*\]\(")
COLOUR_ALONE = re.compile("(红|绿|蓝|黄|橙)色(的)?(部分|那|线|格|字|圈|点)")
LEVELS = ("优秀", "合格", "不合格")
WRONG_MIN = 3


def check_content(folder: Path, unit: WorksheetUnit, problems: Problems, advice: Problems) -> None:
    """Note what the unit in ``folder`` says wrongly, and what it could say better."""
    where = f"{folder.name}/unit.yaml"
    for path, text in _texts(unit_json(unit), ""):
        _check_text(f"{where} 的 {path}", text, problems, advice)
    for name in ("intro.md", "intro.en.md"):
        if (folder / name).is_file():
            text = (folder / name).read_text("utf-8", errors="replace")
            _check_markdown(f"{folder.name}/{name}", text, problems)
    for task in unit.tasks:
        _check_wording(f"{where} 的任务 {task.id}", task, advice)
    _check_answers(folder, unit, problems, advice)
    _check_use(folder, unit, advice)


def _texts(part: Any, path: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Give every ``{zh_CN, en}`` with its place, by ids where there are some."""
    if isinstance(part, dict):
        if {"zh_CN", "en"} == set(part):
            yield path, part
            return
        for key, value in part.items():
            yield from _texts(value, f"{path}.{key}" if path else key)
    elif isinstance(part, list):
        for number, value in enumerate(part, start=1):
            name = value.get("id", number) if isinstance(value, dict) else number
            yield from _texts(value, f"{path}[{name}]")


def _check_text(where: str, text: dict[str, str], problems: Problems, advice: Problems) -> None:
    english = text["en"]
    chinese = sum("\u4e00" <= character <= "\u9fff" for character in english)
    if chinese > 4 and chinese > 0.2 * len(english):
        problems.add(f"{where}.en", "英文里多半还是中文", "请译成英文")
    for language in ("zh_CN", "en"):
        _check_markdown(f"{where}.{language}", text[language], problems)
    if where.endswith(".prompt") and len(text["zh_CN"]) > PROMPT_CHARS:
        advice.add(
            where,
            f"题目有 {len(text['zh_CN'])} 字，手机上要翻好几屏",
            f"建议不超过 {PROMPT_CHARS} 字，道理放到 intro.md 的“看例”里",
        )
    if "（请改名）" in text["zh_CN"]:
        advice.add(where, "还是模板里的文字", "请换成您自己的")
    if where.endswith(".title") and len(text["zh_CN"]) > TITLE_CHARS:
        advice.add(where, f"标题有 {len(text['zh_CN'])} 字", f"建议不超过 {TITLE_CHARS} 字")


def _check_markdown(where: str, text: str, problems: Problems) -> None:
    if IMAGE.search(text):
        problems.add(
            where,
            "有图片，网页和笔记本都不显示它",
            "请把图里的内容写成文字或数据表；S-P 图可以在 data 里写 chart: sp",
        )
    if found := HTML.search(text):
        problems.add(where, f"有 HTML 标记 {found[0][:20]}，页面不显示它", "请改成 Markdown")


def _check_wording(where: str, task: SheetTask, advice: Problems) -> None:
    if COLOUR_ALONE.search(task.prompt.zh_CN):
        advice.add(where, "题目靠颜色指东西，有人分不清颜色", "请再写上位置、形状或文字")
    for criterion in task.criteria:
        for level in criterion.levels:
            if not level.text.zh_CN.startswith(LEVELS):
                advice.add(
                    f"{where} 的标准 {criterion.id}",
                    f"有一个等级没有用《规范》的说法：{level.text.zh_CN[:12]}",
                    f"建议用 {'、'.join(LEVELS)} 开头",
                )


def _check_answers(folder: Path, unit: WorksheetUnit, problems: Problems, advice: Problems) -> None:
    path = folder / "solution/answers.json"
    content = read_json(path, f"{folder.name}/solution/answers.json", Problems())
    answers = content.get("answers") if isinstance(content, dict) else None
    for task in unit.tasks if isinstance(answers, dict) else ():
        where, answer = f"{folder.name}/unit.yaml 的任务 {task.id}", answers.get(task.id)
        if isinstance(task, OrderTask) and answer == [item.id for item in task.items]:
            problems.add(where, "items 写的先后就是答案", "请打乱 items 的先后")
        if isinstance(task, MatchTask) and isinstance(answer, dict):
            shown = [item.id for item in task.right]
            pairs = [answer.get(item.id) for item in task.left]
            if pairs == shown[: len(pairs)]:
                problems.add(where, "right 写的先后就是答案", "请打乱 right 的先后")
    wrong = len(list((folder / "wrong").glob("*.json")))
    if wrong < WRONG_MIN and any(task.kind == "auto" for task in unit.tasks):
        advice.add(
            f"{folder.name}/wrong",
            f"只有 {wrong} 份典型的错误答案",
            f"建议至少 {WRONG_MIN} 份，写老师们真会犯的错",
        )


def _check_use(folder: Path, unit: WorksheetUnit, advice: Problems) -> None:
    path = folder / "notebook.py"
    source = path.read_text("utf-8", errors="replace") if path.is_file() else ""
    for entry in unit.data:
        if source and entry.file not in source:
            advice.add(
                f"{folder.name}/{entry.file}",
                "笔记本里没有用到这张表",
                f'请写 worksheet.show_data("{entry.file}")，或从 unit.yaml 里删去',
            )
