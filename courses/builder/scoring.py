"""Run a unit's score.py on answers, in a process of its own, as a grading run does.

A course's code is not this program's: it gets a bare interpreter, a time limit and no
environment. Called by the linter, which compares the points with what they should be.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from builder.problems import Problems
from yanxiu_formats.units import WorksheetUnit

SECONDS = 60
_PROGRAM = """
import importlib.util, json, pathlib, sys
folder, wanted = pathlib.Path(sys.argv[1]), json.load(open(sys.argv[2], encoding="utf-8"))
spec = importlib.util.spec_from_file_location("score", folder / "score.py")
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
made = [module.score(answers, folder / "data") for answers in wanted]
pathlib.Path(sys.argv[3]).write_text(json.dumps(made, allow_nan=False), encoding="utf-8")
"""


class ScoreError(Exception):
    """score.py failed; the text is its last line."""


def score(folder: Path, answers: list[Any]) -> list[list[dict[str, Any]]]:
    """Return what ``folder``'s score.py says of each of ``answers``.

    :raises ScoreError: it raised, took too long, or wrote something that is no JSON
    """
    folder = folder.resolve()  # it runs in another folder
    with tempfile.TemporaryDirectory() as made:
        given, taken = Path(made) / "answers.json", Path(made) / "scores.json"
        given.write_text(json.dumps(answers), encoding="utf-8")
        command = [sys.executable, "-I", "-B", "-c", _PROGRAM, str(folder), str(given), str(taken)]
        try:
            ran = subprocess.run(
                command,
                capture_output=True,
                text=True,
                timeout=SECONDS,
                cwd=made,
                env={"PATH": os.defpath, "LANG": "C.UTF-8"},
                check=False,
            )
            lines: list[list[dict[str, Any]]] = json.loads(taken.read_text("utf-8"))
        except subprocess.TimeoutExpired:
            raise ScoreError(f"超过 {SECONDS} 秒还没有算完") from None
        except (OSError, ValueError):
            last = (ran.stderr.strip().split("\n") or [""])[-1]
            raise ScoreError(last[:200] or "没有写出结果") from None
    return lines


def check_scoring(folder: Path, unit: WorksheetUnit, problems: Problems) -> None:
    """Note where score.py does not give what the unit's own answers deserve."""
    name = f"{folder.name}/score.py"
    auto = {task.id: task.points for task in unit.tasks if task.kind == "auto"}
    cases = [("空白的答案", {}, dict.fromkeys(auto, 0))]
    solution = _read(folder / "solution/answers.json")
    cases.append(("solution/answers.json", solution.get("answers"), auto))
    for path in sorted((folder / "wrong").glob("*.json")):
        wrong = _read(path)
        cases.append((f"wrong/{path.name}", wrong.get("answers"), wrong.get("deserves")))
    try:
        found = score(folder, [answers for _, answers, _ in cases])
    except ScoreError as error:
        problems.add(name, f"运行出错：{error}", "score 不应当报错，请改正")
        return
    for (case, _, deserves), lines in zip(cases, found, strict=True):
        _compare(name, case, deserves, lines, problems)


def _compare(name: str, case: str, deserves: Any, lines: Any, problems: Problems) -> None:
    try:
        points = {line["task"]: line["points"] for line in lines}
        said = all(line["message"]["zh_CN"] and line["message"]["en"] for line in lines)
    except (TypeError, KeyError):
        problems.add(
            name, f"对“{case}”的结果格式不对", "每个任务要有 task、points 和两种语言的 message"
        )
        return
    if not said:
        problems.add(name, f"对“{case}”有一条提示是空的", "请写中文和英文")
    if not isinstance(deserves, dict):
        return
    for task, wanted in deserves.items():
        if task not in points:
            problems.add(name, f"“{case}”里的任务 {task} 没有得分", "请检查任务编号")
        elif abs(points[task] - wanted) > 1e-6:
            problems.add(
                name,
                f"“{case}”里的任务 {task} 得了 {points[task]:g} 分，应得 {wanted:g} 分",
                "请改 score.py，或改应得的分",
            )


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
