"""A unit with the tasks that are arranged or dropped: order, match and file; and a text."""

import hashlib
from typing import Any

from tests.support.every_task import EVERY_TASK, _levels, _options, _task, _text

LESSON = b"PK\x03\x04 a lesson plan, or near enough"


def entry(name: str, content: bytes = LESSON) -> dict[str, Any]:
    """Return what an answer says of one file."""
    return {"name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}


ARRANGED: dict[str, Any] = {
    **EVERY_TASK,
    "id": "arranged",
    "title": _text("排序、配对和文件", "Order, match and files"),
    "notebook": "arranged.ipynb",
    "data": [],
    "tasks": [
        _task("steps", "order", 20, "排步骤", items=_options(a="核对", b="看题", c="看人")),
        _task(
            "kinds",
            "match",
            20,
            "配说法",
            left=_options(p="难度", d="区分度"),
            right=_options(easy="越大越容易", apart="分得开", else_="都不是"),
        ),
        {
            **_task(
                "lesson",
                "file",
                50,
                "教案",
                accept=[".docx", ".pdf"],
                min_files=1,
                max_files=2,
                max_mb=1,
            ),
            "kind": "rubric",
            "criteria": [
                {"id": "whole", "title": _text("完整"), "points": 50, "levels": _levels(50)},
            ],
        },
        {
            **_task("why", "text", 10, "理由", min_chars=2, max_chars=50),
            "kind": "rubric",
            "criteria": [
                {"id": "clear", "title": _text("清楚"), "points": 10, "levels": _levels(10)}
            ],
        },
    ],
}
FIELDS: dict[str, list[str]] = {
    "a.steps.a": ["2"],
    "a.steps.b": ["1"],
    "a.steps.c": ["3"],
    "a.kinds.p": ["easy"],
    "a.kinds.d": ["apart"],
    "a.why": ["先看题"],
}
ANSWERS: dict[str, Any] = {
    "steps": ["b", "a", "c"],
    "kinds": {"p": "easy", "d": "apart"},
    "lesson": [entry("教案.docx")],
    "why": "先看题",
}
EMPTY: dict[str, Any] = {
    "steps": [],
    "kinds": {"p": None, "d": None},
    "lesson": [],
    "why": "",
}
