"""A unit with every type of task, for tests of forms and pages."""

from typing import Any


def _text(zh: str, en: str = "") -> dict[str, str]:
    return {"zh_CN": zh, "en": en or zh}


def _options(**texts: str) -> list[dict[str, Any]]:
    return [{"id": key, "text": _text(text)} for key, text in texts.items()]


def _task(key: str, kind: str, points: int, title: str, **more: Any) -> dict[str, Any]:
    return {
        "id": key,
        "kind": "auto",
        "type": kind,
        "points": points,
        "title": _text(title),
        "prompt": _text(f"请完成**{title}**。"),
        **more,
    }


def _levels(points: int) -> list[dict[str, Any]]:
    return [{"points": points, "text": _text("优秀")}, {"points": 0, "text": _text("不合格")}]


EVERY_TASK: dict[str, Any] = {
    "id": "every",
    "point": "A1",
    "title": _text("各种任务", "All kinds of tasks"),
    "minutes": 30,
    "credit_hours": 1.5,
    "hours_kind": "online",
    "pass_total": 60,
    "notebook": "every.ipynb",
    "intro": "intro.md",
    "data": [{"file": "data/quiz.csv", "title": _text("前测成绩", "Quiz")}],
    "tasks": [
        _task("present", "number", 5, "参加人数", unit=_text("人", "pupils"), decimals=0),
        _task("hardest", "choice", 5, "最难的题", options=_options(q1="第1题", q2="第2题")),
        _task(
            "indicators",
            "choices",
            10,
            "选指标",
            options=_options(a="甲", b="乙", c="丙", d="丁"),
            min=2,
            max=2,
        ),
        _task(
            "rates",
            "table",
            10,
            "通过率",
            rows=_options(q1="第1题", q2="第2题"),
            columns=[
                {"id": "n", "text": _text("人数", "Pupils"), "decimals": 0},
                {"id": "p", "text": _text("通过率", "P"), "decimals": 2},
            ],
        ),
        _task(
            "chart",
            "chart",
            10,
            "画图",
            kinds=_options(bar="柱形图", line="折线图", pie="饼图"),
            x=_options(topic="知识点", pupil="学生"),
            y=_options(p="通过率", n="人数"),
            labels=_options(one="意义", two="单位", three="比大小"),
            decimals=2,
        ),
        {
            **_task("report", "text", 60, "报告", min_chars=10, max_chars=50),
            "kind": "rubric",
            "criteria": [
                {
                    "id": "follow",
                    "title": _text("结论有依据"),
                    "points": 40,
                    "levels": [
                        {"points": 40, "text": _text("优秀")},
                        {"points": 25, "text": _text("合格")},
                        {"points": 0, "text": _text("不合格")},
                    ],
                },
                {"id": "clear", "title": _text("清楚"), "points": 20, "levels": _levels(20)},
            ],
        },
    ],
}

#: A complete form as a browser sends it, and the answers that it means.
FIELDS: dict[str, list[str]] = {
    "a.present": ["４２人"],
    "a.hardest": ["q2"],
    "a.indicators": ["c", "a"],
    "a.rates.q1.n": ["42"],
    "a.rates.q1.p": ["0.75"],
    "a.rates.q2.n": ["40"],
    "a.rates.q2.p": ["0.5"],
    "a.chart.kind": ["bar"],
    "a.chart.x": ["topic"],
    "a.chart.y": ["p"],
    "a.chart.points.one": ["0.8"],
    "a.chart.points.two": ["0.65"],
    "a.chart.points.three": ["0.4"],
    "a.report": ["  多数学生在第二题上出错。\r\n先补单位。 "],
}
ANSWERS: dict[str, Any] = {
    "present": 42,
    "hardest": "q2",
    "indicators": ["a", "c"],
    "rates": {"q1": {"n": 42, "p": 0.75}, "q2": {"n": 40, "p": 0.5}},
    "chart": {
        "kind": "bar",
        "x": "topic",
        "y": "p",
        "points": {"one": 0.8, "two": 0.65, "three": 0.4},
    },
    "report": "多数学生在第二题上出错。\n先补单位。",
}
EMPTY: dict[str, Any] = {
    "present": None,
    "hardest": None,
    "indicators": [],
    "rates": {"q1": {"n": None, "p": None}, "q2": {"n": None, "p": None}},
    "chart": None,
    "report": "",
}

INTRO = """# 各种任务

先看**数据**，再动手。

| 学生 | 得分 |
| --- | --- |
| S01 | 1 |

<script>alert(1)</script>[坏链接](javascript:alert(1))
"""
QUIZ = "pupil,q1,q2\nS01,1,0\nS02,,1\n"
