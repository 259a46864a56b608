"""What is said of a notebook that is not as it was, and what is sent. The rest is graded for real
in tests/integration/grading/test_defects.py."""

import json

import pytest
from nbgrader_yanxiu.errors import NotPacked
from nbgrader_yanxiu.notebook_repair import OUTPUTS_BYTES, repair
from yanxiu_formats.units import unit_of

from tests.support.units import UNIT, notebook

BOOK = "u1.ipynb"


def raw(book=None, **more) -> bytes:
    return json.dumps({**(book or notebook()), **more}, ensure_ascii=False).encode()


def sent(notebooks, *, has_answers=True, newest=""):
    times = {name: 2.0 if name == newest else 1.0 for name in notebooks}
    return repair(notebooks, times, unit_of(UNIT), has_answers=has_answers)


def said(notes):
    return [(note.name, *note.params.values()) for note in notes]


def test_a_whole_notebook_goes_byte_for_byte_and_without_a_word():
    assert sent({BOOK: raw()}) == ({BOOK: raw()}, [])


def test_the_one_notebook_with_the_unit_s_tasks_is_meant_whatever_its_name():
    files, notes = sent({"作业.ipynb": raw(), "notes.ipynb": raw(notebook(()))})
    assert files == {BOOK: raw(), "notes.ipynb": raw(notebook(()))}
    assert said(notes) == [("renamed", "作业.ipynb", BOOK)]
    with pytest.raises(NotPacked, match="不知道要交哪一个"):
        sent({"a.ipynb": raw(), "b.ipynb": raw()})


def test_a_copy_is_mentioned_only_when_it_is_newer():
    both = {BOOK: raw(), "u1-Copy1.ipynb": raw()}
    assert said(sent(both, newest="u1-Copy1.ipynb")[1]) == [("newer_copy", "u1-Copy1.ipynb", BOOK)]
    assert sent(both, newest=BOOK) == (both, [])


@pytest.mark.parametrize(
    ("tasks", "numbers"),
    [
        (("mean", "pick", "report"), None),
        (("report", "mean", "pick"), None),
        (("mean", "report"), "2"),
        (("mean", "mean", "pick", "report"), "1"),
        (("mean",), "2、3"),
    ],
)
def test_tasks_that_are_not_there_once_are_named_by_number(tasks, numbers):
    notes = said(sent({BOOK: raw(notebook(tasks))})[1])
    assert notes == ([("cells_put_back", numbers)] if numbers else [])


def test_a_task_without_its_mark_is_known_by_its_code():
    book = notebook()
    for cell in book["cells"]:
        cell["metadata"] = None
        cell["source"] = [cell["source"].replace('"', "'"), "\n"]
    assert sent({BOOK: raw(book)})[1] == []


def test_outputs_stay_at_home_when_they_are_large():
    book = notebook()
    text = "输出" * OUTPUTS_BYTES
    book["cells"][0]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": text}]
    files, notes = sent({BOOK: raw(book)})
    assert json.loads(files[BOOK])["cells"] == notebook()["cells"]
    assert said(notes) == [("outputs_left_out", BOOK, "6 MB")]
    assert "6 MB" in notes[0].text("en")
    small = notebook()
    small["cells"][0]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x"}]
    assert sent({BOOK: raw(small)}) == ({BOOK: raw(small)}, [])


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_what_an_old_editor_saved_is_sent_as_it_is_and_known_all_the_same(encoding):
    book = notebook()
    book["cells"][0]["source"] = "# 第一题"
    content = raw(book).decode().encode(encoding)
    assert sent({BOOK: content}) == ({BOOK: content}, [])
    assert said(sent({"作业.ipynb.json": content})[1]) == [("renamed", "作业.ipynb.json", BOOK)]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"worksheets": 5}', b"\xff\xfe"])
def test_a_notebook_that_nobody_can_read_is_not_sent(content):
    with pytest.raises(NotPacked) as refusal:
        sent({BOOK: content})
    assert "没有提交" in refusal.value.text("zh_CN")
    assert "没有丢" in refusal.value.text("zh_CN")
    # Beside a whole one it is just a file.
    assert sent({BOOK: raw(), "x.ipynb": content}) == ({BOOK: raw(), "x.ipynb": content}, [])


def test_answers_alone_are_whole_work():
    assert said(sent({})[1]) == [("answers_only", BOOK)]
    assert sent({}, has_answers=False) == ({}, [])
