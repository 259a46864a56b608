"""A small unit with two auto tasks and a rubric task, and ways to write notebooks of it."""

import io
import json
import tarfile

import pytest


def _title(text):
    return {"zh_CN": text, "en": text}


UNIT = {
    "id": "a1",
    "notebook": "a1.ipynb",
    "tasks": [
        {"id": "missing", "kind": "auto", "type": "number", "points": 6, "title": _title("缺考")},
        {"id": "weak", "kind": "auto", "type": "choice", "points": 4, "title": _title("薄弱")},
        {"id": "plan", "kind": "rubric", "type": "text", "points": 90, "title": _title("方案")},
    ],
}


def code(source, grade_id=None, *, locked=True, **extra):
    """Return a code cell, with nbgrader metadata when it has a ``grade_id``."""
    metadata = {}
    if grade_id:
        metadata["nbgrader"] = {
            "grade_id": grade_id,
            "locked": locked,
            "solution": not locked,
            "grade": False,
            "schema_version": 3,
        }
        metadata["jupyter"] = {"source_hidden": True}
    cell = {"cell_type": "code", "metadata": metadata, "source": source, "outputs": []}
    return cell | {"execution_count": None} | extra


def notebook(*cells, **metadata):
    """Return an nbformat 4.5 notebook as bytes."""
    cells = [{"id": f"c{number}", **cell} for number, cell in enumerate(cells)]
    whole = {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}
    return json.dumps(whole).encode()


def tar(files, **members):
    """Return a plain tar of ``{name: content}``; ``members`` go in as they are."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        for info in members.values():
            archive.addfile(info)
    return buffer.getvalue()


@pytest.fixture
def unit():
    return json.loads(json.dumps(UNIT))


@pytest.fixture
def make():
    """Return the three makers, so that test files need no import from here."""

    class Make:
        pass

    Make.code, Make.notebook, Make.tar = (
        staticmethod(code),
        staticmethod(notebook),
        staticmethod(tar),
    )
    return Make
