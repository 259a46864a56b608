"""Every attack that is written down has a test that is there, or a page that says what is left."""

import ast
import re
from pathlib import Path

import pytest

from tests.support.site import ROOT

PAGE = (ROOT / "docs/reference/attacks.md").read_text("utf-8")
SHOWN = re.compile(r"`([\w/]+\.py)::(\w+)`")


def rows() -> list[list[str]]:
    """The rows of the tables that have tests: all but the one of measurements."""
    tables = PAGE.partition("## What another teacher notices")[0]
    lines = [line for line in tables.splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines]
    return [row for row in cells if row[0] != "attack" and not row[0].startswith("---")]


def named_in(file: Path) -> set[str]:
    tree = ast.parse(file.read_text("utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {one.name for one in ast.walk(tree) if isinstance(one, kinds)}


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0][:40])
def test_an_attack_is_shown_by_tests_that_are_there(row: list[str]):
    shown = SHOWN.findall(row[-1])
    missing = [
        f"{file}::{name}"
        for file, name in shown
        if not (ROOT / "tests" / file).is_file() or name not in named_in(ROOT / "tests" / file)
    ]
    assert missing == []
    # What is not held is said in bold, with the page that says what to do about it.
    left = any(cell.startswith("**the same") for cell in row) and "](" in row[-1]
    assert shown or left


def test_there_are_rows():
    assert len(rows()) > 20
