"""给本单元的系统评分任务打分。学员看不到这个文件。

``answers`` 可能是任何内容（有人会手改文件）：先用 ``number`` 这样的小函数读，读不懂就当作没有填，绝不报错。
正确答案从数据里算，不要抄数。提示说“哪里对了、哪里再看看”，不说答案。
"""

import csv
import math
from pathlib import Path

ITEMS = {"q1": "第1题", "q2": "第2题", "q3": "第3题"}


def score(answers: dict, data: Path) -> list[dict]:
    """按先后给出每个系统评分任务的分和提示。"""
    given = answers if isinstance(answers, dict) else {}
    with (Path(data) / "quiz.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    right = {key: sum(row[item] == "1" for row in rows) for key, item in ITEMS.items()}
    return [
        score_right(given.get("right"), right["q1"]),
        score_hardest(given.get("hardest"), right),
    ]


def number(value: object) -> float | None:
    """读一个数，读不懂就是没有填。

    写在这里而不引用平台的 ``yanxiu_formats``：发布出去的课程不管平台以后怎么改，打出的分都一样。
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        finite = float(value)
    except OverflowError:
        return None
    return finite if math.isfinite(finite) else None


def result(task: str, points: float, zh: str, en: str) -> dict:
    return {"task": task, "points": points, "message": {"zh_CN": zh, "en": en}}


def score_right(value: object, truth: int) -> dict:
    if number(value) == truth:
        return result("right", 20, "数对了。", "Counted right.")
    return result("right", 0, "再数一遍：只数 1，空白不算。", "Count again: only 1, no blanks.")


def score_hardest(value: object, right: dict) -> dict:
    if isinstance(value, str) and right.get(value) == min(right.values()):
        return result("hardest", 20, "对，答对这道题的人最少。", "Yes, the fewest got it right.")
    return result("hardest", 0, "比一比每道题答对的人数。", "Compare how many got each item right.")
