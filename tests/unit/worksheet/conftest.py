"""A small unit with every task type, in a folder of its own."""

import json

import pytest
from worksheet.state import Sheet
from yanxiu_formats.units import unit_of


def both(text):
    return {"zh_CN": text, "en": f"{text} (en)"}


def option(name, text=None):
    return {"id": name, "text": both(text or name)}


def make_task(name, kind, **more):
    return {
        "id": name,
        "kind": "rubric" if kind == "text" else "auto",
        "type": kind,
        "title": both(f"任务{name}"),
        "prompt": both("请**填写**。"),
        "points": 10,
        **more,
    }


TASKS = [
    make_task("number", "number", decimals=0, unit=both("人")),
    make_task("choice", "choice", options=[option("a"), option("b")]),
    make_task("choices", "choices", options=[option("a"), option("b"), option("c")], min=1, max=2),
    make_task(
        "table",
        "table",
        rows=[option("r1", "第1题"), option("r2", "第2题")],
        columns=[{**option("n", "人数"), "decimals": 0}, {**option("p", "P"), "decimals": 2}],
    ),
    make_task(
        "text",
        "text",
        min_chars=5,
        max_chars=10,
        criteria=[
            {
                "id": "clear",
                "title": both("清楚"),
                "points": 10,
                "levels": [
                    {"points": 10, "text": both("优秀：一读就懂")},
                    {"points": 0, "text": both("不合格")},
                ],
            }
        ],
    ),
    make_task(
        "chart",
        "chart",
        kinds=[option("bar", "柱形图"), option("line", "折线图"), option("pie", "饼图")],
        x=[option("topic", "知识点"), option("pupil", "学生")],
        y=[option("p", "通过率 P"), option("n", "人数")],
        labels=[option("one", "分数<1>"), option("two", "小数")],
        decimals=2,
    ),
]
UNIT = {
    "id": "u1",
    "point": "A1",
    "title": both("单元"),
    "minutes": 30,
    "credit_hours": 1,
    "data": [{"file": "data/quiz.csv", "title": both("成绩")}],
    "tasks": TASKS,
}
NOTEBOOK = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


@pytest.fixture
def tasks():
    return {task.id: task for task in unit_of(UNIT).tasks}


@pytest.fixture(autouse=True)
def chinese(monkeypatch):
    monkeypatch.setenv("YANXIU_LANG", "zh_CN")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "unit.json").write_text(json.dumps(UNIT), encoding="utf-8")
    (tmp_path / "intro.md").write_text("# 说明\n", encoding="utf-8")
    (tmp_path / "data/quiz.csv").write_text("学生,第1题\nS01,1\n", encoding="utf-8-sig")
    (tmp_path / "u1.ipynb").write_text(json.dumps(NOTEBOOK), encoding="utf-8")
    return tmp_path


@pytest.fixture
def sheet(folder):
    return Sheet(folder)
