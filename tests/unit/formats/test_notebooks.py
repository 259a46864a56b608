"""The one judge of notebooks: whatever it takes is a notebook for nbformat, what it refuses is said."""

import json

import nbformat
import pytest
from yanxiu_formats import notebooks
from yanxiu_formats.notebooks import BadNotebook, grade_ids, meant, notebook_name, read, write
from yanxiu_formats.sentences import say

from tests.support import notebook_cases as cases


@pytest.mark.parametrize("name", cases.TAKEN)
def test_what_is_taken_is_a_whole_notebook_with_all_that_was_written(name):
    book = read(cases.TAKEN[name]())
    for cell in book["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = []
    again = nbformat.reads(write(book).decode(), as_version=4)
    nbformat.validate(again)
    assert grade_ids(book) == {"square", "test_square", "why"}
    texts = "\n".join(cell["source"] for cell in book["cells"])
    assert "def square(n):\n    return n*n" in texts
    assert "乘法" in texts
    assert read(write(book)) == read(write(read(write(book))))


@pytest.mark.parametrize("name", cases.REFUSED)
def test_what_is_refused_is_said_in_both_languages_with_the_cell(name):
    make, code, word = cases.REFUSED[name]
    with pytest.raises(BadNotebook) as refusal:
        read(make())
    assert refusal.value.code == code
    params = {"notebook": cases.NAME, **refusal.value.params}
    assert word in say(code, "zh_CN", **params)
    assert cases.NAME in say(code, "en", **params)


def test_halves_of_a_character_are_one_again_or_a_mark():
    torn = write(read(cases.TAKEN["an emoji torn between two lines"]()))
    assert "s = '\U0001f600'" in torn.decode()
    assert "s = '\ufffd'" in write(read(cases.TAKEN["half an emoji"]())).decode()


def test_what_a_damaged_byte_costs_is_one_character():
    texts = [cell["source"] for cell in read(cases.TAKEN["one byte of UTF-8 lost"]())["cells"]]
    assert texts[0].startswith("# 求平") and texts[4] == "因为乘法。"


def test_a_notebook_that_is_whole_comes_back_as_it_is():
    book = cases.good()
    found = read(cases.raw(book))
    assert [cell["source"] for cell in found["cells"]] == [c["source"] for c in book["cells"]]
    assert [cell["metadata"] for cell in found["cells"]] == [c["metadata"] for c in book["cells"]]
    assert found["metadata"] == book["metadata"]


def test_a_million_objects_are_read_where_nobody_counts():
    data = cases.REFUSED["a million objects"][0]()
    assert len(read(data, bounded=False)["cells"]) == 5


@pytest.mark.parametrize(
    "name, found",
    [
        ("a1.ipynb", "a1.ipynb"),
        ("a1.ipynb.json", "a1.ipynb"),
        ("a1.ipynb.txt", "a1.ipynb"),
        ("a1.ipynb (1).json", "a1 (1).ipynb"),
        ("x/A1.IPYNB.TXT", "x/A1.ipynb"),
        ("answers.json", None),
        ("a1.ipynb.zip", None),
        (".ipynb", None),
        ("notes.txt", None),
    ],
)
def test_what_a_browser_makes_of_a_notebook_s_name(name, found):
    assert notebook_name(name) == found


@pytest.mark.parametrize(
    "there, found",
    [
        (["p1.ipynb", "p2.ipynb"], {}),
        (
            ["p1.ipynb.json", "p2 (3).ipynb"],
            {"p1.ipynb.json": "p1.ipynb", "p2 (3).ipynb": "p2.ipynb"},
        ),
        (
            ["p1 - 副本.ipynb", "P2-Copy1.IPYNB"],
            {"p1 - 副本.ipynb": "p1.ipynb", "P2-Copy1.IPYNB": "p2.ipynb"},
        ),
        (["p1 (1).ipynb", "p1 (2).ipynb"], {}),
        (["p1.ipynb", "p1 (1).ipynb"], {}),
        (["x/p1.ipynb.json"], {}),
    ],
)
def test_which_notebook_is_meant_only_where_it_is_clear(there, found):
    assert meant(["p1.ipynb", "p2.ipynb"], there) == found


def test_it_is_read_in_runs_without_anything_heavy():
    import subprocess
    import sys

    code = "import sys, yanxiu_formats.notebooks; print([m for m in ('pydantic', 'nbformat') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("value", [None, 1, "x", [], {}, {"cells": 5}, {"nbformat": 4}])
def test_other_json_is_no_notebook(value):
    with pytest.raises(BadNotebook, match=r"notebook\.not_one"):
        read(json.dumps(value).encode())
    with pytest.raises(BadNotebook, match=r"notebook\.not_one"):
        notebooks.mend(value)
