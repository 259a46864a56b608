"""A small course of one unit, written as a release: two automatic tasks and one for people."""

import hashlib
import json
from pathlib import Path

#: Stands in the hidden scorer and nowhere else: whoever finds it has read the tests.
HIDDEN = "HIDDEN-TEST-7f3a"
DATA = b"pupil,points\nS01,3\nS02,\nS03,5\n"
SCORE = f'''
"""{HIDDEN}"""
import pandas as pd

SAYS = {{True: {{"zh_CN": "正确", "en": "right"}}, False: {{"zh_CN": "再看看", "en": "look again"}}}}


def score(answers, data):
    if answers.get("plan") == "a scorer that fails":
        raise KeyError("艾老师")
    if answers.get("plan") == "a scorer that gives too much":
        return [{{"task": "missing", "points": 31, "message": SAYS[True]}}]
    missing = int(pd.read_csv(data / "quiz.csv")["points"].isna().sum())
    rights = [("missing", answers.get("missing") == missing, 30), ("best", answers.get("best") == "S03", 10)]
    return [{{"task": t, "points": p if r else 0, "message": SAYS[r]}} for t, r, p in rights]
'''


def both(text):
    return {"zh_CN": text, "en": text}


UNIT = {
    "id": "t1",
    "point": "A1",
    "title": both("小测"),
    "minutes": 10,
    "credit_hours": 1.0,
    "hours_kind": "online",
    "pass_total": 60,
    "notebook": "t1.ipynb",
    "intro": "intro.md",
    "data": [{"file": "data/quiz.csv", "title": both("成绩")}],
    "tasks": [
        {"id": "missing", "kind": "auto", "type": "number", "points": 30, "decimals": 0},
        {
            "id": "best",
            "kind": "auto",
            "type": "text",
            "points": 10,
            "min_chars": 1,
            "max_chars": 9,
        },
        {
            "id": "plan",
            "kind": "rubric",
            "type": "text",
            "points": 60,
            "min_chars": 1,
            "max_chars": 99,
        },
    ],
}
for _task in UNIT["tasks"]:
    _task |= {"title": both(_task["id"]), "prompt": both(_task["id"])}
UNIT["tasks"][2]["criteria"] = [
    {
        "id": "c",
        "title": both("c"),
        "points": 60,
        "levels": [{"points": points, "text": both("c")} for points in (60, 0)],
    }
]


def cell(source, grade_id=None):
    """Return a code cell; with a ``grade_id`` it is one of the release's, locked."""
    metadata = {}
    if grade_id:
        metadata["nbgrader"] = {
            "grade_id": grade_id,
            "locked": True,
            "solution": False,
            "grade": False,
            "schema_version": 3,
        }
    return {
        "cell_type": "code",
        "metadata": metadata,
        "source": source,
        "outputs": [],
        "execution_count": None,
    }


LOCKED = [cell(f"task = {task['id']!r}", task["id"]) for task in UNIT["tasks"]]


def notebook(*sources):
    """Return the unit's notebook with the learner's own cells after the release's."""
    cells = [*LOCKED, *(cell(source) for source in sources)]
    cells = [{**one, "id": f"c{number}"} for number, one in enumerate(cells)]
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    whole = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": spec}, "cells": cells}
    return json.dumps(whole).encode()


def answers(**given):
    """Return an ``answers.json``."""
    return json.dumps({"format": 1, "unit": "t1", "answers": given}).encode()


#: What an honest learner's own cell does, with pandas.
HONEST = """
import json
import pandas as pd

quiz = pd.read_csv("data/quiz.csv")
given = {"missing": int(quiz["points"].isna().sum()), "best": "S03"}
with open("answers.json", "w") as file:
    json.dump({"format": 1, "unit": "t1", "answers": given}, file)
"""


def write_release(folder: Path) -> None:
    """Write the course as ``courses/build.py`` would."""
    definition = json.dumps(UNIT, ensure_ascii=False).encode()
    files = {
        "learner/t1/t1.ipynb": notebook(),
        "learner/t1/unit.json": definition,
        "learner/t1/data/quiz.csv": DATA,
        "scoring/t1/score.py": SCORE.encode(),
        "scoring/t1/unit.json": definition,
        "scoring/t1/data/quiz.csv": DATA,
    }
    manifest = {
        "format": 1,
        "course": {"id": "test", "title": both("测试课"), "summary": both("测试课")},
        "units": [UNIT],
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
    }
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    (folder / "release.json").write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")
