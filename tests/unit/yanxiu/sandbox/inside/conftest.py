"""Ways to write notebooks."""

import json

import pytest


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


@pytest.fixture
def make():
    """Return the two makers, so that test files need no import from here."""

    class Make:
        pass

    Make.code, Make.notebook = staticmethod(code), staticmethod(notebook)
    return Make
