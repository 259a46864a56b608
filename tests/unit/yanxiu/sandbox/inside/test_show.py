"""The program that makes what people read, whole: files in, files out, as in its run."""

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from yanxiu.sandbox import host

from tests.support import nbgrader_course

METADATA = b'"metadata": {"x": [' + b"{}," * 50_000 + b"{}]}"


@pytest.fixture
def show(tmp_path):
    """Run the program over an inbox; return what it leaves, and its exit code."""

    def run(job, **files):
        for name in ("in", "out", "work"):
            (tmp_path / name).mkdir()
        inbox = {
            name.replace("__", "/").replace("_ipynb", ".ipynb"): data
            for name, data in files.items()
        }
        inbox |= {"job.json": json.dumps(job).encode()}
        for name, data in inbox.items():
            path = tmp_path / "in" / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data)
        places = {f"YANXIU_{name.upper()}": str(tmp_path / name) for name in ("in", "out", "work")}
        done = subprocess.run(
            [sys.executable, "-m", "inside.show"],
            cwd=host.INSIDE.parent,
            env={"PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1", **places},
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.stderr == "" or done.returncode
        left = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
        return left, done.returncode

    return run


def stream(text):
    return {"output_type": "stream", "name": "stdout", "text": text}


def test_sources_and_outputs_become_a_notebook_and_a_page(show, make):
    release = make.notebook(
        make.code("worksheet.task('a')", "a"), kernelspec={"name": "python3", "display_name": "x"}
    )
    submitted = make.notebook(make.code("cheat", "a"), make.code("1 < 2"))
    executed = make.notebook(
        make.code("worksheet.task('a')"), make.code("1 < 2", outputs=[stream("<b>True</b>")])
    )
    left, code = show({}, submitted_ipynb=submitted, release_ipynb=release, executed_ipynb=executed)
    assert code == 0
    assert json.loads(left["result.json"]) == {"restored": ["a"]}
    book = nbformat.reads(left["executed.ipynb"].decode(), as_version=4)
    nbformat.validate(book)
    assert [cell.source for cell in book.cells] == ["worksheet.task('a')", "1 < 2"]
    page = left["executed.html"].decode()
    assert "&lt;b&gt;True&lt;/b&gt;" in page and "cheat" not in page
    assert page.count("<section>") == 2


@pytest.mark.parametrize("ran", [{}, {"executed_ipynb": b"[" * 100_000}], ids=["nothing", "deep"])
def test_a_run_that_left_nothing_readable_shows_the_sources(show, make, ran):
    release = make.notebook(make.code("x", "a"))
    left, _ = show({}, submitted_ipynb=release, release_ipynb=release, **ran)
    assert b"x" in left["executed.html"]
    assert json.loads(left["executed.ipynb"])["cells"][0]["outputs"] == []


def test_a_million_things_in_the_metadata_are_left_out(show, make):
    release = make.notebook(make.code("x", "a"))
    evil = release.replace(b'"metadata": {}', METADATA)
    assert len(evil) > 150_000
    left, _ = show({}, submitted_ipynb=evil, release_ipynb=release, executed_ipynb=evil)
    assert len(left["executed.ipynb"]) < 1000


def test_widgets_nested_without_end_cost_the_outputs_and_nothing_else(show, make):
    mime = "application/vnd.jupyter.widget-state+json"
    deep = b'{"a":' * 900 + b"1" + b"}" * 900
    release = make.notebook(make.code("x", "a"))
    executed = make.notebook(make.code("x"), widgets={mime: 5}).replace(b": 5", b": " + deep)
    left, code = show({}, submitted_ipynb=release, release_ipynb=release, executed_ipynb=executed)
    assert code == 0
    assert {"executed.ipynb", "executed.html"} <= set(left)


def test_what_is_still_marked_as_hidden_is_in_neither_file(show, make):
    source = "x = 1\n### BEGIN HIDDEN TESTS\nassert x == 42\n### END HIDDEN TESTS\ny = 2"
    error = {"output_type": "error", "ename": "E", "evalue": "", "traceback": ["> x == 42"]}
    release = make.notebook(make.code(source, "a"))
    executed = make.notebook(make.code(source, outputs=[error]))
    left, _ = show({}, submitted_ipynb=release, release_ipynb=release, executed_ipynb=executed)
    for name in ("executed.ipynb", "executed.html"):
        text = left[name].decode()
        assert "42" not in text and "x = 1" in text and "y = 2" in text


COURSE = nbgrader_course
SECRET = "assert x == 42, 'SECRET'"


def nbgrader_sides(**more):
    hidden = f"assert x\n### BEGIN HIDDEN TESTS\n{SECRET}\n### END HIDDEN TESTS"
    cells = [COURSE.cell("", "markdown", grade=True, solution=True, grade_id="m", points=2)]
    release = COURSE.notebook(*cells, COURSE.cell("assert x", grade=True, grade_id="t", points=3))
    grading = COURSE.notebook(*cells, COURSE.cell(hidden, grade=True, grade_id="t", points=3))
    mine = [
        COURSE.cell("我的\0回答", "markdown", grade=True, solution=True, grade_id="m", points=2)
    ]
    submitted = COURSE.notebook(*mine, COURSE.cell("assert x", grade=True, grade_id="t", points=3))
    ran = json.loads(submitted)
    ran["cells"][1] |= {"source": hidden, "outputs": [stream(f"... {SECRET}")]}
    return {
        "submitted__a_ipynb": submitted,
        "grading__a_ipynb": grading,
        "release__a_ipynb": release,
        "executed.json": json.dumps({"a.ipynb": ran}).encode(),
        **more,
    }


def test_an_nbgrader_unit_leaves_one_notebook_its_answers_and_no_hidden_test(show):
    job = {"notebooks": ["a.ipynb", "b.ipynb"], "answers": [["a_m", "a.ipynb", "m"]]}
    left, code = show(job, **nbgrader_sides())
    assert code == 0
    assert json.loads(left["answers.json"]) == {"a_m": "我的回答"}
    for name in ("executed.ipynb", "executed.html"):
        text = left[name].decode()
        assert "assert x" in text and "隐藏测试" in text
        assert "SECRET" not in text and "42" not in text


def test_a_nested_run_of_nbgraders_shows_the_sources(show):
    job = {"notebooks": ["a.ipynb"], "answers": []}
    deep = b'{"a.ipynb": ' + b"[" * 500 + b"]" * 500 + b"}"
    left, code = show(job, **nbgrader_sides(**{"executed.json": deep}))
    assert code == 0
    assert "assert x" in left["executed.html"].decode()


def test_it_imports_nothing_heavy():
    """A second of imports in every grading is what this run must not cost."""
    code = "import sys, inside.show; print([m for m in ('nbformat', 'nbconvert', 'jsonschema', 'jinja2') if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(host.INSIDE.parent),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"
