"""A release of our own is looked at once more before it is kept."""

import hashlib
import json

import pytest
from yanxiu.courses.model import Release
from yanxiu.courses.verbs.publish_course import publish_course
from yanxiu.errors import SettingsError

from tests.support import nbgrader_course as make
from tests.support.units import UNIT

SCORE = b"def score(answers, data):\n    return []\n"
CLEAN = make.notebook(make.cell("# task", "markdown"), make.cell("x = 1"))
LEAKS = {
    "solution": ({"u1.ipynb": make.notebook(make.solution("s", "x = 42"))}, "第 1 格里有解答"),
    "hidden": ({"u1.ipynb": make.notebook(make.test_cell("t", "1", hidden="2"))}, "第 1 格里有隐藏测试"),
    "scheme": (
        {"u1.ipynb": make.notebook(make.cell("=== BEGIN MARK SCHEME ===\n2\n=== END MARK SCHEME ===", "markdown"))},
        "第 1 格里有评分标准",
    ),
    "outputs": (
        {"u1.ipynb": make.notebook({**make.cell("x"), "outputs": [{"output_type": "stream", "name": "stdout", "text": "42"}]})},
        "第 1 格带着运行结果",
    ),
    "scorer": ({"u1.ipynb": CLEAN, "score.py": b"x"}, "这是评分程序"),
    "scorer renamed": ({"u1.ipynb": CLEAN, "data/notes.txt": SCORE}, "这是评分程序"),
    "another notebook": ({"u1.ipynb": CLEAN, "more/x.ipynb": make.notebook(make.solution("s", "1"))}, "more/x.ipynb"),
    "unreadable": ({"u1.ipynb": b"{"}, "不完整"),
}  # fmt: skip


def release(folder, learner):
    unit = {**UNIT, "id": "u1"}
    files = {f"learner/u1/{name}": data for name, data in learner.items()}
    files["scoring/u1/score.py"] = SCORE
    text = {"zh_CN": "课", "en": "course"}
    manifest = {
        "format": 1,
        "course": {"id": "own", "title": text, "summary": text},
        "units": [unit],
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
    }
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    (folder / "release.json").write_text(json.dumps(manifest), "utf-8")
    return folder


def releases(county):
    with county.store.read() as session:
        return session.query(Release).count()


@pytest.mark.parametrize("kind", LEAKS)
def test_what_is_not_the_learners_is_not_published(lite, tmp_path, kind):
    learner, said = LEAKS[kind]
    before = releases(lite)
    with pytest.raises(SettingsError) as caught:
        publish_course(lite.store, release(tmp_path, learner), "test")
    assert "没有发布" in str(caught.value) and said in str(caught.value)
    assert releases(lite) == before


def test_a_clean_release_is_kept_once(lite, tmp_path):
    folder = release(tmp_path, {"u1.ipynb": CLEAN, "data/x.csv": b"1"})
    first, new = publish_course(lite.store, folder, "test")
    assert new
    assert publish_course(lite.store, folder, "test") == (first, False)
