"""Notebooks with the faults that real ones have, each a small copy of one good piece of work.

The work is on ``p1.ipynb`` of the course tests/cases/courses/base: the answer is right, the test
gives 6 points of 6. TAKEN are graded like it, REFUSED are refused at the door with a code and,
where there is one, the number of the cell.
"""

import json
from collections.abc import Callable
from typing import Any

Book = dict[str, Any]
NAME = "p1.ipynb"


def _mark(name: str, kind: str = "code", **more: Any) -> Book:
    plain = {"grade": False, "solution": False, "locked": False, "task": False}
    return {"nbgrader": {**plain, "schema_version": 3, "cell_type": kind, "grade_id": name, **more}}


def _code(source: Any, metadata: Any = None) -> Book:
    fresh = {"cell_type": "code", "source": source, "metadata": metadata or {}}
    return {**fresh, "outputs": [], "execution_count": None}


def good() -> Book:
    """Return the work as Jupyter saves it: cell 2 is the learner's own, 3 the answer, 4 the test."""
    test = _mark("test_square", grade=True, locked=True, points=6)
    why = _mark("why", "markdown", grade=True, solution=True, points=4)
    return {
        "nbformat": 4,
        "nbformat_minor": 4,
        "metadata": {
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}
        },
        "cells": [
            {"cell_type": "markdown", "source": "# 求平方", "metadata": {}},
            _code("1"),
            _code("def square(n):\n    return n*n", _mark("square", solution=True)),
            _code("assert square(3)==9", test),
            {"cell_type": "markdown", "source": "因为乘法。", "metadata": why},
        ],
    }


def raw(book: Any) -> bytes:
    """Return a notebook as a program writes it."""
    return json.dumps(book, ensure_ascii=False, indent=1).encode("utf-8", "surrogatepass")


def _changed(change: Callable[[Book], object]) -> bytes:
    book = good()
    change(book)
    return json.dumps(book, indent=1).encode()


def _cell(at: int, **parts: Any) -> bytes:
    return _changed(lambda book: book["cells"][at].update(parts))


def _without(at: int, *names: str) -> bytes:
    return _changed(lambda book: [book["cells"][at].pop(name) for name in names])


def _as(encoding: str, mark: bytes = b"") -> bytes:
    return mark + raw(good()).decode().encode(encoding)


def _all_cells(change: Callable[[int, Book], object], minor: int = 5, **metadata: Any) -> bytes:
    book = good()
    book["nbformat_minor"] = minor
    book["metadata"] |= metadata
    for at, cell in enumerate(book["cells"]):
        change(at, cell)
    return json.dumps(book).encode()


def _version_3() -> bytes:
    cells = []
    for cell in good()["cells"]:
        if cell["cell_type"] == "code":
            cell |= {"input": cell.pop("source"), "language": "python", "collapsed": False}
            cell["prompt_number"] = cell.pop("execution_count")
        cells.append(cell)
    cells[0] |= {"cell_type": "heading", "level": 1, "source": "求平方"}
    return raw(
        {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells}]}
    )


def _colab(at: int, cell: Book) -> None:
    cell["metadata"] |= {"id": f"x{at}", "colab": {"base_uri": "https://x", "height": 34}}
    if cell["cell_type"] == "code":
        cell["metadata"]["outputId"] = "y"
        data = {"text/plain": ["1"], "application/vnd.google.colaboratory.intrinsic+json": {"t": 1}}
        cell["outputs"] = [
            {"output_type": "execute_result", "metadata": {"tags": None}, "data": data}
        ]
        cell["execution_count"] = at


def _deepnote(at: int, cell: Book) -> None:
    cell["metadata"] |= {"cell_id": f"{at:032x}", "deepnote_cell_type": cell["cell_type"]}
    cell["metadata"] |= {"tags": [], "execution_start": 1.6e12, "deepnote_to_be_reexecuted": False}
    cell["block_group"] = "g"
    if cell["cell_type"] == "code":
        del cell["outputs"], cell["execution_count"]


def _vs_code(at: int, cell: Book) -> None:
    cell["metadata"]["vscode"] = {"languageId": "python"}
    cell["id"] = f"#VSC-{at:08x}"
    cell["source"] = cell["source"].splitlines(keepends=True)


def _kaggle(at: int, cell: Book) -> None:
    cell["metadata"] |= {
        "_uuid": "8f2",
        "_cell_guid": "b1",
        "trusted": True,
        "_kg_hide-input": None,
    }
    cell["metadata"]["execution"] = {"iopub.execute_input": "2026-09-02T01:00:00Z", "status": None}


def _split_emoji(book: Book) -> None:
    book["cells"][1]["source"] = ["s = '\ud83d", "\ude00'"]


HUGE = "9" * 5000

#: Of ../shared/cases (the first nine), and others of the same kinds.
TAKEN: dict[str, Callable[[], bytes]] = {
    "as it should be": lambda: raw(good()),
    "b18 an attachment that is null": lambda: _changed(
        lambda b: b["cells"][0].update(attachments={"a.png": {"image/png": None}})
    ),
    "b18 collapsed: null": lambda: _cell(1, metadata={"collapsed": None}),
    "b18 a comma in a tag": lambda: _cell(1, metadata={"tags": ["选做,加分"]}),
    "b19 a byte order mark": lambda: _as("utf-8-sig"),
    "b19 a cell without metadata": lambda: _without(1, "metadata"),
    "b19 no metadata of the notebook": lambda: _changed(lambda b: b.pop("metadata")),
    "b19 UTF-16": lambda: _as("utf-16"),
    "p11 ids in format 4.4": lambda: _all_cells(lambda at, c: c.update(id=f"c{at}"), 4),
    "p13 execution_count *": lambda: _cell(1, execution_count="*"),
    # encodings
    "b19 GBK": lambda: _as("gb18030"),
    "UTF-16, the other way round": lambda: _as("utf-16-be", b"\xfe\xff"),
    "UTF-16 without a mark": lambda: _as("utf-16-le"),
    "UTF-32": lambda: _as("utf-32"),
    "two byte order marks": lambda: _as("utf-8-sig", b"\xef\xbb\xbf"),
    "one byte of UTF-8 lost": lambda: raw(good()).replace(
        "求平方".encode(), "求平方".encode()[:-1]
    ),
    "zeros after its end": lambda: raw(good()) + b"\0" * 512,
    "a tab as it is in a text": lambda: raw(good()).replace(b'"1"', b'"x =\t1"'),
    # metadata
    "metadata of the notebook is a list": lambda: _changed(lambda b: b.update(metadata=[])),
    "metadata of a cell is null": lambda: _cell(1, metadata=None),
    "kernelspec: null": lambda: _changed(lambda b: b.update(metadata={"kernelspec": None})),
    "language_info without a name": lambda: _changed(
        lambda b: b["metadata"].update(language_info={"version": 3})
    ),
    "tags that are no list": lambda: _cell(1, metadata={"tags": "选做"}),
    "an empty name of a cell": lambda: _cell(1, metadata={"name": "", "scrolled": "yes"}),
    "a mark of nbgrader that is a list": lambda: _cell(1, metadata={"nbgrader": []}),
    "points as text": lambda: _changed(
        lambda b: b["cells"][3]["metadata"]["nbgrader"].update(points="6")
    ),
    "a mark without its version": lambda: _changed(
        lambda b: b["cells"][3]["metadata"]["nbgrader"].pop("schema_version")
    ),
    "a mark that says it is another kind": lambda: _changed(
        lambda b: b["cells"][2]["metadata"]["nbgrader"].update(cell_type="markdown", grade=None)
    ),
    # cells and outputs
    "outputs: null": lambda: _cell(2, outputs=None),
    "no outputs, no count": lambda: _without(2, "outputs", "execution_count"),
    "an output that is null": lambda: _cell(2, outputs=[None, {"output_type": "stream"}]),
    "outputs of a text": lambda: _cell(0, outputs=[], execution_count=None),
    "a cell that is null": lambda: _changed(lambda b: b["cells"].insert(1, None)),
    "source: null": lambda: _cell(1, source=None),
    "null among the lines": lambda: _cell(1, source=["1", None]),
    "a heading": lambda: _cell(0, cell_type="heading", level=2),
    "a kind that nobody knows": lambda: _cell(1, cell_type="sql"),
    "Code with a capital": lambda: _cell(2, cell_type="Code"),
    "half an emoji": lambda: _cell(1, source="s = '\ud83d'"),
    "an emoji torn between two lines": lambda: _changed(_split_emoji),
    "half an emoji in an answer": lambda: _cell(4, source="因为\udc00乘法。"),
    # numbers
    "NaN": lambda: _cell(1, metadata={"score": float("nan"), "most": float("-inf")}),
    "a number of 5,000 digits": lambda: raw(good()).replace(
        b'"execution_count": null', b'"execution_count": ' + HUGE.encode(), 1
    ),
    "a number beyond all": lambda: raw(good()).replace(
        b'"points": 6', b'"points": 1e999, "more": -1e999', 1
    ),
    # ids
    "ids twice": lambda: _all_cells(lambda _, c: c.update(id="same")),
    "no ids in format 4.5": lambda: _all_cells(lambda *_: None),
    "ids that are none": lambda: _all_cells(
        lambda at, c: c.update(id=[None, 7, "", "长", "x" * 65][at])
    ),
    # versions
    "format 3": _version_3,
    "format 4.0": lambda: _changed(lambda b: b.update(nbformat_minor=0)),
    "format 4.9": lambda: _changed(lambda b: b.update(nbformat_minor=9)),
    "a format without a number": lambda: _changed(
        lambda b: (b.pop("nbformat"), b.pop("nbformat_minor"))
    ),
    "a format as text": lambda: _changed(lambda b: b.update(nbformat="4", nbformat_minor="4")),
    # other programs
    "Colab": lambda: _all_cells(
        _colab, 0, colab={"provenance": [], "name": "p1.ipynb"}, accelerator="GPU"
    ),
    "Deepnote": lambda: _all_cells(
        _deepnote, 2, deepnote={}, deepnote_execution_queue=[], orig_nbformat=2
    ),
    "VS Code": lambda: _all_cells(
        _vs_code, 2, orig_nbformat=4, vscode={"interpreter": {"hash": "x"}}
    ),
    "Kaggle": lambda: _all_cells(_kaggle, 4, kaggle={"accelerator": "none", "dataSources": []}),
}

_LOGIN = b"<!DOCTYPE html>\n<html><title>Sign in</title></html>\n"
_CUT = raw(good())[:1100]

#: The file, the code of the refusal, and a word of its sentence: the cell where there is one.
REFUSED: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "cut off": (lambda: _CUT, "notebook.cut", "第 5 格"),
    "cut off in a text": (lambda: raw(good())[:-120], "notebook.cut", "第 5 格"),
    "cut off in UTF-16": (lambda: _as("utf-16")[:1001], "notebook.cut", "第 3 格"),
    "empty": (lambda: b"", "notebook.empty", "没有存完"),
    "zeros": (lambda: b"\0" * 4096, "notebook.empty", "没有存完"),
    "only a byte order mark": (lambda: b"\xef\xbb\xbf\n", "notebook.empty", "没有存完"),
    "the page of a login": (lambda: _LOGIN, "notebook.page", "网页"),
    "an archive": (lambda: b"PK\x03\x04" + b"\0" * 100, "notebook.other_file", "zip"),
    "a PDF": (lambda: b"%PDF-1.7\n", "notebook.other_file", "PDF"),
    "a Word file": (lambda: b"\xd0\xcf\x11\xe0" + b"\0" * 100, "notebook.other_file", "Word"),
    "a program": (lambda: b"def square(n):\n    return n*n\n", "notebook.no_json", "第 1 行"),
    "an object of JavaScript": (
        lambda: raw(good()).replace(b'"execution_count"', b"execution_count", 1),
        "notebook.no_json",
        "第 2 格",
    ),
    "a comma too many": (
        lambda: raw(good()).replace(b'"cells": [', b'"cells": [,'),
        "notebook.no_json",
        "第 1 格",
    ),
    "two in one file": (lambda: raw(good()) * 2, "notebook.no_json", "第 5 格"),
    "no cells": (lambda: b'{"nbformat": 4, "metadata": {}}', "notebook.not_one", "单元格"),
    "a list": (lambda: b"[]", "notebook.not_one", "单元格"),
    "declared answers": (
        lambda: b'{"format": 1, "unit": "ps1", "answers": {}}',
        "notebook.not_one",
        "单元格",
    ),
    "format 5": (lambda: _changed(lambda b: b.update(nbformat=5)), "notebook.version", "5"),
    "2,001 cells": (
        lambda: _changed(lambda b: b.update(cells=b["cells"] + [_code("")] * 1996)),
        "notebook.many_cells",
        "2001",
    ),
    "a cell that is a text": (
        lambda: _changed(lambda b: b["cells"].insert(2, "x = 1")),
        "notebook.cell_odd",
        "第 3 格",
    ),
    "a source that is a number": (lambda: _cell(2, source=7), "notebook.cell_text", "第 3 格"),
    "lines that are lists": (lambda: _cell(1, source=[["1"]]), "notebook.cell_text", "第 2 格"),
    "an answer of a kind that nobody knows": (
        lambda: _changed(
            lambda b: (
                b["cells"][2].update(cell_type="sql"),
                b["cells"][2]["metadata"]["nbgrader"].pop("cell_type"),
            )
        ),
        "notebook.cell_kind",
        "第 3 格",
    ),
    "a million objects": (
        lambda: raw(good()).replace(
            b'"outputs": []', b'"outputs": [' + b"{}," * 400_000 + b"{}]", 1
        ),
        "notebook.intricate",
        "清除所有单元格的输出",
    ),
    "nested without end": (
        lambda: raw(good()).replace(
            b'"outputs": []', b'"outputs": ' + b"[" * 9000 + b"]" * 9000, 1
        ),
        "notebook.intricate",
        "清除所有单元格的输出",
    ),
    "bytes of no encoding": (
        lambda: json.dumps(good()).encode().replace(b"n*n", b"n*n # \xe9\xff"),
        "notebook.encoding",
        "编码",
    ),
}
