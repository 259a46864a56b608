"""A small unit with two auto tasks and a rubric task."""

import pytest
from yanxiu_formats.units import unit_of


def _title(text):
    return {"zh_CN": text, "en": text}


def _task(key, kind, type_, points, title, **more):
    common = {"id": key, "kind": kind, "type": type_, "points": points}
    return {**common, "title": _title(title), "prompt": _title(title), **more}


UNIT = {
    "id": "a1",
    "point": "A1",
    "title": _title("小测"),
    "minutes": 10,
    "credit_hours": 1,
    "tasks": [
        _task("missing", "auto", "number", 6, "缺考", decimals=0),
        _task(
            "weak",
            "auto",
            "choice",
            4,
            "薄弱",
            options=[{"id": one, "text": _title(one)} for one in "ab"],
        ),
        _task("plan", "rubric", "text", 90, "方案", min_chars=1, max_chars=99),
    ],
}


@pytest.fixture
def unit():
    return unit_of(UNIT)
