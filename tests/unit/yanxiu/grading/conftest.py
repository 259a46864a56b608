"""A small unit with two auto tasks and a rubric task, and ways to write notebooks of it."""

import io
import json
import tarfile

import pytest
from yanxiu_formats.units import unit_of


def _title(text):
    return {"zh_CN": text, "en": text}


def _task(key, kind, type_, points, title, **more):
    common = {"id": key, "kind": kind, "type": type_, "points": points}
    return {**common, "title": _title(title), "prompt": _title(title), **more}


UNIT = {
    "id": "a1",
    "point": "A1",
    "title": _title("小测"),
    "minutes": 10,
    "credit_hours": 1,
    "tasks": [
        _task("missing", "auto", "number", 6, "缺考", decimals=0),
        _task(
            "weak",
            "auto",
            "choice",
            4,
            "薄弱",
            options=[{"id": one, "text": _title(one)} for one in "ab"],
        ),
        _task("plan", "rubric", "text", 90, "方案", min_chars=1, max_chars=99),
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
    return unit_of(UNIT)


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
