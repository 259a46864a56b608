"""A small unit with every task type, for tests that need no real content."""

from typing import Any


def _text(zh: str) -> dict[str, str]:
    return {"zh_CN": zh, "en": zh}


def _options(*ids: str) -> list[dict[str, Any]]:
    return [{"id": one, "text": _text(f"选项{one}")} for one in ids]


#: As ``unit.json`` (docs/reference/release-format.md).
UNIT: dict[str, Any] = {
    "id": "u1",
    "point": "A1",
    "title": _text("试用单元"),
    "minutes": 30,
    "credit_hours": 2.0,
    "hours_kind": "online",
    "pass_total": 60,
    "notebook": "u1.ipynb",
    "intro": "intro.md",
    "data": [{"file": "data/quiz.csv", "title": _text("前测")}],
    "tasks": [
        {
            "id": "mean",
            "kind": "auto",
            "type": "number",
            "title": _text("平均分"),
            "prompt": _text("算平均分"),
            "points": 10,
            "decimals": 2,
        },
        {
            "id": "pick",
            "kind": "auto",
            "type": "choices",
            "title": _text("选指标"),
            "prompt": _text("选两项"),
            "points": 30,
            "options": _options("a", "b", "c"),
            "min": 2,
            "max": 2,
        },
        {
            "id": "report",
            "kind": "rubric",
            "type": "text",
            "title": _text("报告"),
            "prompt": _text("写一段"),
            "points": 60,
            "min_chars": 5,
            "max_chars": 500,
            "criteria": [
                {
                    "id": "follow",
                    "title": _text("结论"),
                    "points": 40,
                    "levels": [
                        {"points": 40, "text": _text("优秀")},
                        {"points": 25, "text": _text("合格")},
                        {"points": 0, "text": _text("不合格")},
                    ],
                },
                {
                    "id": "use",
                    "title": _text("可用"),
                    "points": 20,
                    "levels": [
                        {"points": 20, "text": _text("优秀")},
                        {"points": 12, "text": _text("合格")},
                        {"points": 0, "text": _text("不合格")},
                    ],
                },
            ],
        },
    ],
}

SCORE = """
def score(answers, data):
    right = 10.0 if answers.get("mean") == 6.5 else 0.0
    picked = 30.0 if answers.get("pick") == ["a", "b"] else 0.0
    say = {"zh_CN": "已检查", "en": "checked"}
    return [
        {"task": "mean", "points": right, "message": say},
        {"task": "pick", "points": picked, "message": say},
    ]
"""

ANSWERS: dict[str, Any] = {"mean": 6.5, "pick": ["a", "b"], "report": "多数学生在第三题出错。"}


def notebook(tasks: tuple[str, ...] = ("mean", "pick", "report")) -> dict[str, Any]:
    """Return a learner's notebook with these task cells."""
    cells = [
        {
            "cell_type": "code",
            "id": f"cell{n}",
            "execution_count": None,
            "outputs": [],
            "source": f'worksheet.task("{task}")',
            "metadata": {
                "nbgrader": {
                    "grade_id": task,
                    "grade": False,
                    "locked": True,
                    "solution": False,
                    "task": False,
                    "schema_version": 3,
                }
            },
        }
        for n, task in enumerate(tasks)
    ]
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
