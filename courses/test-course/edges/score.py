"""给测试用：和写定的答案逐个比较。"""

from pathlib import Path

KEY = {
    "number": 1e-06,
    "choice": "b",
    "choices": ["a", "c"],
    "table": {"r": {"c": -3}},
    "chart": {"kind": "line", "x": "b", "y": "a", "points": {"only": 0}},
    "order": ["c", "a", "b"],
    "match": {"a": "b", "b": "b"},
}
POINTS = {
    "number": 0.5,
    "choice": 0.5,
    "choices": 4,
    "table": 10,
    "chart": 10,
    "order": 5,
    "match": 10,
}


def score(answers: dict, data: Path) -> list[dict]:
    given = answers if isinstance(answers, dict) else {}
    lines = []
    for task, wanted in KEY.items():
        good = type(given.get(task)) is type(wanted) and given.get(task) == wanted
        zh, en = ("对。", "Right.") if good else ("再看看。", "Look again.")
        message = {"zh_CN": zh, "en": en}
        lines.append({"task": task, "points": POINTS[task] if good else 0, "message": message})
    return lines
