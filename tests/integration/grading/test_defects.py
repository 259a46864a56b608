"""What happens to notebooks by accident: no work is lost, and each says what to do.

Each row does one thing to the folder of a teacher who has done the unit, then hands it in as
Jupyter does. What is handed in is graded by a real worker in a real sandbox; whatever
happens, the folder is as it was.
"""

import copy
import io
import json
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from nbgrader_yanxiu.bundle import pack
from nbgrader_yanxiu.errors import NotPacked
from yanxiu.errors import Invalid
from yanxiu_formats.units import unit_of

from tests.integration.grading import course

BOOK = "t1.ipynb"
FULL = {"missing": 30, "best": 10}
MINE = "我的分析 = 6 * 7\nprint('mine', 我的分析)"


@dataclass
class Folder:
    """A teacher's folder of the unit, with answers given and a cell of their own."""

    path: Path

    def book(self) -> dict:
        return json.loads((self.path / BOOK).read_bytes())

    def keep(self, book: dict, name: str = BOOK) -> None:
        self.write(name, json.dumps(book, ensure_ascii=False).encode())

    def write(self, name: str, content: bytes) -> None:
        (self.path / name).write_bytes(content)

    def change(self, change: Callable[[list[dict]], object]) -> None:
        """Change the cells: 0 to 2 are the tasks, 3 is the teacher's own."""
        book = self.book()
        change(book["cells"])
        self.keep(book)

    def rename(self, name: str) -> None:
        (self.path / BOOK).rename(self.path / name)

    def state(self) -> dict[str, bytes]:
        return {str(p): p.read_bytes() for p in sorted(self.path.rglob("*")) if p.is_file()}


@pytest.fixture
def folder(tmp_path) -> Folder:
    made = Folder(tmp_path / "研修" / "t1")
    (made.path / "data").mkdir(parents=True)
    made.write("unit.json", json.dumps(course.UNIT).encode())
    made.write("data/quiz.csv", course.DATA)
    made.write("answers.json", course.answers(missing=1, best="S03"))
    made.write(BOOK, course.notebook(MINE))
    return made


def split(cells):
    """As Lab does: both halves get the metadata of the whole."""
    second = copy.deepcopy(cells[0])
    cells[0]["source"], second["source"] = "task = \\", "'missing'"
    cells.insert(1, second)


def merge(cells):
    cells[0]["source"] += "\n" + cells.pop(1)["source"]


def double(cells):
    cells.insert(1, copy.deepcopy(cells[0]))


def as_text(cells):
    cells[0] |= {"cell_type": "markdown"}
    del cells[0]["outputs"], cells[0]["execution_count"]


def drop_marks(cells):
    for cell, task in zip(cells, course.UNIT["tasks"], strict=False):
        cell["metadata"] = {}
        cell["source"] = f'import worksheet\n\nworksheet.task("{task["id"]}")'


def speak(folder: Folder, **language: str):
    book = folder.book()
    book["metadata"] = {"kernelspec": {"display_name": "x", **language}, "language_info": language}
    folder.keep(book)


def fifty_megabytes(cells):
    text = "0123456789abcdef" * 62_500
    stream = {"output_type": "stream", "name": "stdout", "text": text}
    cells[3]["outputs"] = [stream] * 50


def as_version_3(folder: Folder):
    import nbformat

    book = nbformat.convert(nbformat.from_dict(folder.book()), 3)
    folder.write(BOOK, nbformat.v3.writes_json(book).encode())


def copied(folder: Folder, name: str = "t1-Copy1.ipynb"):
    folder.keep(folder.book(), name)


#: What was done, whether the teacher's own cell is run too, and a word of what is said.
TAKEN: dict[str, tuple[Callable[[Folder], object], bool, str]] = {
    "nothing": (lambda f: None, True, ""),
    "renamed": (lambda f: f.rename("艾老师的作业.ipynb"), True, "改过名"),
    "the folder was renamed": (lambda f: None, True, ""),
    "outputs cleared": (lambda f: f.change(lambda c: c[3].update(outputs=[])), True, ""),
    "a task cell emptied": (lambda f: f.change(lambda c: c[0].update(source="")), True, ""),
    "a task cell deleted": (lambda f: f.change(lambda c: c.pop(1)), True, "第 2 题"),
    "a task cell split": (lambda f: f.change(split), True, "第 1 题"),
    "two task cells merged": (lambda f: f.change(merge), True, "第 2 题"),
    "cells reordered": (lambda f: f.change(list.reverse), True, ""),
    "a task cell doubled": (lambda f: f.change(double), True, "第 1 题"),
    "a task cell made text": (lambda f: f.change(as_text), True, ""),
    "saved by a program that drops marks": (lambda f: f.change(drop_marks), True, ""),
    "another language": (lambda f: speak(f, name="r", language="R"), True, ""),
    "a kernel that is not here": (lambda f: speak(f, name="conda-py38"), True, ""),
    "50 MB of output": (lambda f: f.change(fifty_megabytes), True, "50 MB"),
    "saved with a byte order mark": (
        lambda f: f.write(BOOK, b"\xef\xbb\xbf" + json.dumps(f.book()).encode()),
        True,
        "",
    ),
    "saved in the encoding of old Windows": (
        lambda f: f.write(BOOK, json.dumps(f.book(), ensure_ascii=False).encode("gb18030")),
        True,
        "",
    ),
    "saved as a notebook of ten years ago": (as_version_3, True, ""),
    "work done in a copy": (copied, True, "副本"),
    "the notebook deleted": (lambda f: (f.path / BOOK).unlink(), False, "只提交了已经填好的答案"),
    "the teacher's own code never ends": (
        lambda f: f.change(lambda c: c.append(course.cell("while True: pass") | {"id": "x"})),
        True,
        "",
    ),
    "the teacher's own code is wrong": (
        lambda f: f.change(lambda c: c.insert(0, course.cell("1 / 0") | {"id": "x"})),
        True,
        "",
    ),
}

#: Refused: what was done, and what the sentence tells the teacher to do.
REFUSED: dict[str, tuple[Callable[[Folder], object], tuple[str, ...]]] = {
    "cut off while it was saved": (
        lambda f: f.write(BOOK, (f.path / BOOK).read_bytes()[:-200]),
        ("没有存完", "检查点", "没有丢"),
    ),
    "empty after a full disk": (lambda f: f.write(BOOK, b""), ("没有存完", "检查点")),
    "renamed, and copied too": (
        lambda f: (copied(f, "a.ipynb"), f.rename("b.ipynb")),
        ("a.ipynb、b.ipynb", "改名为 t1.ipynb"),
    ),
    "the answers cut off": (
        lambda f: f.write("answers.json", b'{"format": 1, "un'),
        ("answers.json", "重新保存"),
    ),
    "two hundred megabytes": (
        lambda f: f.write(BOOK, b" " * 200_000_000),
        ("200.0 MB", "清除所有单元格的输出"),
    ),
}


def packed(folder: Folder) -> tuple[dict[str, bytes], str]:
    """Return what Jupyter hands in and what it says."""
    bundle = pack(folder.path, unit_of(course.UNIT))
    with tarfile.open(fileobj=io.BytesIO(bundle.body)) as tar:
        files = {one.name: tar.extractfile(one).read() for one in tar}
    return files, " ".join(note.text("zh_CN") for note in bundle.notes)


def test_what_happened_by_accident_is_graded_all_the_same(platform, tmp_path, folder):
    handed_in = {}
    original = folder.state()
    for name, (happens, runs, word) in TAKEN.items():
        for path, content in original.items():
            Path(path).write_bytes(content)
        happens(folder)
        if name == "the folder was renamed":
            folder = Folder(folder.path.rename(folder.path.with_name("第一次作业")))
        before = folder.state()
        files, said = packed(folder)
        assert word in said if word else said == "", (name, said)
        handed_in[name] = (platform.submit(files), runs)
        assert folder.state() == before, f"{name}: the folder is the teacher's"
        for path in before:
            Path(path).unlink()
        if name == "the folder was renamed":
            folder = Folder(folder.path.rename(folder.path.with_name("t1")))
    platform.grade_all()
    for name, (submission, runs) in handed_in.items():
        found = platform.result(submission)
        assert found.points == FULL, (name, found.job.failure, found.run.run_a)
        assert ("我的分析".encode() in found.executed) is runs, name
        assert (b"mine 42" in found.executed) is runs, (name, found.run.run_a)


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_handed_in_says_what_to_do_and_stays(platform, folder, name):
    happens, words = REFUSED[name]
    happens(folder)
    before = folder.state()
    with pytest.raises((NotPacked, Invalid)) as refusal:
        platform.submit(packed(folder)[0])
    assert folder.state() == before
    sentence = (
        refusal.value.text("zh_CN")
        if isinstance(refusal.value, NotPacked)
        else refusal.value.text(lambda text: text)
    )
    for word in words:
        assert word in sentence
