"""A built release: the same every time, whole, and with nothing hidden for learners."""

import hashlib
import json
import subprocess
import sys

import nbformat
import pytest
from builder import CourseError, build
from nbclient import NotebookClient
from nbgrader.nbgraderformat import MetadataValidator

from tests.courses.conftest import A1, COURSES, XINXI2


def tree(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_same_source_gives_the_same_release(release, tmp_path):
    first, out = release
    second = build(XINXI2, tmp_path / "again")
    assert first == second
    assert tree(out) == tree(tmp_path / "again")


def test_the_digest_is_that_of_the_manifest_and_the_manifest_names_every_file(release):
    built, out = release
    files = tree(out)
    content = files.pop("release.json")
    manifest = json.loads(content)
    canonical = json.dumps(
        manifest, ensure_ascii=False, sort_keys=True, separators=(",", ":")
    ).encode()
    assert content == canonical
    assert built.digest == hashlib.sha256(canonical).hexdigest()
    assert manifest["files"] == {n: hashlib.sha256(c).hexdigest() for n, c in files.items()}
    assert json.loads(files["learner/a1/unit.json"]) == manifest["units"][0]


def test_any_change_changes_the_digest(release, course, tmp_path):
    intro = course / "a1/intro.md"
    intro.write_text(intro.read_text("utf-8") + "\n", encoding="utf-8")
    assert build(course, tmp_path / "out").digest != release[0].digest


def test_learners_get_these_files_and_no_other(release):
    learner = {name for name in release[0].files if name.startswith("learner/a1/")}
    data = {f"learner/a1/data/{path.name}" for path in (A1 / "data").iterdir()}
    plain = {"a1.ipynb", "unit.json", "intro.md", "intro.en.md"}
    assert learner == {f"learner/a1/{name}" for name in plain} | data


def test_nothing_hidden_is_in_what_learners_get(release):
    """Independent of the builder's own look: markers, lines of score.py, the answers."""
    texts = [
        content.decode("utf-8-sig")
        for name, content in tree(release[1]).items()
        if name.startswith("learner/")
    ]
    secrets = ["HIDDEN TESTS", "BEGIN SOLUTION", "score.py", "solution", "make_data", "TOLERANCE"]
    secrets.remove("solution")  # nbgrader's own metadata has the word
    lines = (A1 / "score.py").read_text("utf-8").split("\n")
    secrets += [line.strip() for line in lines if len(line.strip()) > 30]
    for path in [A1 / "solution/answers.json", *(A1 / "wrong").glob("*.json")]:
        answers = json.loads(path.read_text("utf-8"))["answers"]
        for value in answers.values():
            secrets += value.split("\n") if isinstance(value, str) else [json.dumps(value)]
    assert len(secrets) > 100
    for text in texts:
        unescaped = text.replace("\\n", "\n").replace('\\"', '"')
        assert not [secret for secret in secrets if secret in text or secret in unescaped]


def test_the_notebook_is_one_that_nbgrader_knows(release):
    notebook = nbformat.read(release[1] / "learner/a1/a1.ipynb", as_version=4)
    MetadataValidator().validate_nb(notebook)
    unit = json.loads((release[1] / "learner/a1/unit.json").read_text("utf-8"))
    cells = {c.metadata.nbgrader.grade_id: c for c in notebook.cells if "nbgrader" in c.metadata}
    for task in unit["tasks"]:
        cell = cells[task["id"]]
        assert cell.metadata.jupyter.source_hidden is True
        assert cell.metadata.deletable is False
        assert cell.metadata.nbgrader.checksum
        assert cell.outputs == []


@pytest.mark.parametrize("answers", [True, False])
@pytest.mark.parametrize("unit", ["a1", "b1"])
def test_executing_the_notebook_leaves_the_answers_as_they_are(
    release, tmp_path, monkeypatch, unit, answers
):
    for name, content in tree(release[1] / "learner" / unit).items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    before = (XINXI2 / unit / "solution/answers.json").read_bytes()
    if answers:
        (tmp_path / "answers.json").write_bytes(before)
    packages = [
        str(COURSES.parent / f"extensions/{name}/src")
        for name in ("formats", "worksheet", "lessonkit")
    ]
    monkeypatch.setenv("PYTHONPATH", ":".join(packages))
    monkeypatch.delenv("JUPYTERHUB_API_TOKEN", raising=False)
    notebook = nbformat.read(tmp_path / f"{unit}.ipynb", as_version=4)
    # Like a grading run: no front end, and it stops at the first error.
    NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(tmp_path)}}).execute()
    assert (tmp_path / "answers.json").exists() is answers
    if answers:
        assert (tmp_path / "answers.json").read_bytes() == before


def test_a_failed_build_leaves_the_old_release(course, tmp_path):
    out = tmp_path / "out"
    build(course, out)
    before = tree(out)
    (course / "a1/score.py").unlink()
    with pytest.raises(CourseError):
        build(course, out)
    assert tree(out) == before
    assert [path.name for path in tmp_path.glob(".out*")] == []


def test_a_new_build_takes_the_place_of_the_old(course, tmp_path):
    out = tmp_path / "out"
    build(course, out)
    (out / "learner/a1/old.txt").write_text("old")
    build(course, out)
    assert not (out / "learner/a1/old.txt").exists()


def test_a_folder_with_other_things_is_not_overwritten(tmp_path):
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(CourseError, match="里面有别的文件"):
        build(XINXI2, tmp_path)
    assert (tmp_path / "letter.txt").read_text() == "mine"


def run(*arguments):
    return subprocess.run(
        [sys.executable, COURSES / "build.py", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_says_what_it_did_and_what_is_wrong(tmp_path):
    good = run(XINXI2, "--out", tmp_path / "out")
    assert (good.returncode, good.stderr) == (0, "")
    assert "课程 xinxi2 已生成：32 个文件" in good.stdout
    bad = run(tmp_path / "nothing", "--out", tmp_path / "out")
    assert bad.returncode == 1
    assert "没有这个课程文件夹" in bad.stderr
    assert "Traceback" not in bad.stderr


@pytest.mark.parametrize("course", ["example-course", "test-course"])
def test_the_courses_for_people_and_for_tests_are_built_and_run(course, tmp_path, monkeypatch):
    built = build(COURSES / course, tmp_path / "out")
    packages = [
        str(COURSES.parent / f"extensions/{name}/src")
        for name in ("formats", "worksheet", "lessonkit")
    ]
    monkeypatch.setenv("PYTHONPATH", ":".join(packages))
    monkeypatch.delenv("JUPYTERHUB_API_TOKEN", raising=False)
    notebooks = [name for name in built.files if name.endswith(".ipynb")]
    assert notebooks
    for name in notebooks:
        path = tmp_path / "out" / name
        notebook = nbformat.read(path, as_version=4)
        resources = {"metadata": {"path": str(path.parent)}}
        NotebookClient(notebook, timeout=60, resources=resources).execute()
