"""The notebook that both sides grade: a quiz read and summed up with pandas, three cells.

The learner's cells are the same text on both sides. Ours declares the answers and scores
them elsewhere; nbgrader's has its (hidden) tests in the notebook.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

UNIT_ID = "t1"
NOTEBOOK = f"{UNIT_ID}.ipynb"
QUIZ = "pupil,topic,points\n" + "".join(
    f"S{pupil:02},{topic},{(pupil * 7 + len(topic)) % 6 if pupil % 14 else ''}\n"
    for pupil in range(1, 43)
    for topic in ("unit", "equal", "compare")
)
MISSING, BEST = 9, "unit"
#: What the learner wrote.
CELLS = (
    'import pandas as pd\nquiz = pd.read_csv("data/quiz.csv")',
    'missing = int(quiz["points"].isna().sum())',
    'means = quiz.groupby("topic")["points"].mean()\nbest = means.idxmax()',
)
DECLARE = f"""
import json
given = {{"format": 1, "unit": "{UNIT_ID}", "answers": {{"missing": missing, "best": best}}}}
with open("answers.json", "w") as file:
    json.dump(given, file)
"""
SCORE = f"""
import pandas as pd

SAY = {{"zh_CN": "已检查", "en": "checked"}}


def score(answers, data):
    quiz = pd.read_csv(data / "quiz.csv")
    missing = int(quiz["points"].isna().sum())
    rights = {{"missing": answers.get("missing") == missing, "best": answers.get("best") == "{BEST}"}}
    return [{{"task": t, "points": 20 if r else 0, "message": SAY}} for t, r in rights.items()]
"""


def _both(text: str) -> dict[str, str]:
    return {"zh_CN": text, "en": text}


def _task(key: str, kind: str, points: int, **more: Any) -> dict[str, Any]:
    common = {"id": key, "title": _both(key), "prompt": _both(key), "points": points}
    return {**common, "kind": "auto", "type": kind, **more}


def definition() -> dict[str, Any]:
    """Return ``unit.json``."""
    criterion = {"id": "c", "title": _both("c"), "points": 60}
    levels = [{"points": points, "text": _both("c")} for points in (60, 0)]
    return {
        "id": UNIT_ID,
        "point": "A1",
        "title": _both("小测"),
        "minutes": 10,
        "credit_hours": 1.0,
        "hours_kind": "online",
        "pass_total": 60,
        "notebook": NOTEBOOK,
        "intro": "intro.md",
        "data": [{"file": "data/quiz.csv", "title": _both("成绩")}],
        "tasks": [
            _task("missing", "number", 20, decimals=0),
            _task("best", "text", 20, min_chars=1, max_chars=9),
            _task("plan", "text", 60, min_chars=1, max_chars=99)
            | {"kind": "rubric", "criteria": [{**criterion, "levels": levels}]},
        ],
    }


def notebook(*sources: str) -> bytes:
    """Return the unit's notebook with the learner's cells after the release's."""
    locked = {"locked": True, "solution": False, "grade": False, "schema_version": 3}
    cells = [
        (f"task = {one['id']!r}", {"nbgrader": {"grade_id": one["id"], **locked}})
        for one in definition()["tasks"]
    ]
    cells += [(source, {}) for source in sources]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    whole = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": kernel},
        "cells": [
            {
                "id": f"c{number}",
                "cell_type": "code",
                "metadata": metadata,
                "source": source,
                "outputs": [],
                "execution_count": None,
            }
            for number, (source, metadata) in enumerate(cells)
        ],
    }
    return json.dumps(whole).encode()


def submitted(mark: str, filling: int = 0) -> bytes:
    """Return a finished notebook that differs from others by ``mark``.

    :param filling: bytes of a comment that make it as long as real ones
    """
    return notebook(*CELLS, DECLARE, f"# {mark} {'.' * filling}")


def write_release(folder: Path) -> None:
    """Write the course as ``courses/build.py`` would."""
    unit_json = json.dumps(definition(), ensure_ascii=False).encode()
    files = {
        f"learner/{UNIT_ID}/{NOTEBOOK}": notebook(),
        f"scoring/{UNIT_ID}/score.py": SCORE.encode(),
    }
    for side in ("learner", "scoring"):
        files[f"{side}/{UNIT_ID}/unit.json"] = unit_json
        files[f"{side}/{UNIT_ID}/data/quiz.csv"] = QUIZ.encode()
    manifest = {
        "format": 1,
        "course": {"id": "bench", "title": _both("对比测试"), "summary": _both("对比测试")},
        "units": [definition()],
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
    }
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    text = json.dumps(manifest, ensure_ascii=False)
    (folder / "release.json").write_text(text, encoding="utf-8")
