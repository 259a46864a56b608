"""Expand AUTOTEST in the instructor's version, as ``nbgrader generate_assignment`` just did.

The platform grades with the instructor's version and runs nothing of it; the teacher's own
nbgrader has to run it here anyway. Its tests are the same each time, so they are those of the
learners' version. Called by ``release_assignment``.
"""

import os
from pathlib import Path

import nbformat
from nbgrader.converters import GenerateAssignment
from nbgrader.exchange import abc
from nbgrader.preprocessors import IncludeHeaderFooter, InstantiateTests


def with_tests(exchange: abc.Exchange, source: Path, files: dict[str, bytes]) -> dict[str, bytes]:
    """Return ``files`` of the folder ``source``, their notebooks with tests in place of AUTOTEST.

    :raises Exception: what nbgrader says when it cannot, as at ``generate_assignment``
    """
    converter = GenerateAssignment(coursedir=exchange.coursedir, parent=exchange.parent)
    step = InstantiateTests(parent=converter)
    around = IncludeHeaderFooter(parent=converter)
    before = os.getcwd()  # noqa: PTH109 - nbgrader finds its files from the course's folder
    os.chdir(exchange.coursedir.root)
    try:
        return files | {
            name: _expanded(step, around, source / name)
            for name, data in files.items()
            if name.endswith(".ipynb") and "/" not in name and _asks(data, step.autotest_delimiter)
        }
    finally:
        os.chdir(before)


def _asks(data: bytes, word: str) -> bool:
    book = nbformat.reads(data.decode(), as_version=4)
    return any(cell.cell_type == "code" and word in cell.source for cell in book.cells)


def _expanded(step: InstantiateTests, around: IncludeHeaderFooter, path: Path) -> bytes:
    book = nbformat.read(path, as_version=4)
    first, last = (
        nbformat.read(part, as_version=4).cells if part else []
        for part in (around.header, around.footer)
    )
    own = len(book.cells)
    # A test's salt depends on where its cell stands; the platform adds both parts by itself.
    book.cells = [*first, *book.cells, *last]
    book, _ = step.preprocess(book, {"metadata": {"path": str(path.parent), "name": path.stem}})
    book.cells = book.cells[len(first) : len(first) + own]
    return nbformat.writes(book).encode()
