"""Advice names commands that exist: every sentence of ours, and every page of docs, is asked.

Sentences come from the catalogues and the command line's own texts. Commands are looked up
where they are: nbgrader's and ours in their programs, ``make`` in the Makefile.
"""

import re
import subprocess
from functools import cache
from pathlib import Path

import click
import pytest
from babel.messages.pofile import read_po
from yanxiu.cli.main import main

ROOT = Path(__file__).parents[2]
SOURCES = [
    *(ROOT / "hub/yanxiu").rglob("*.py"),
    *(ROOT / "extensions").glob("*/src/**/*.py"),
    *(ROOT / "docs").rglob("*.md"),
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
]
CATALOGUES = sorted((ROOT / "hub/yanxiu").rglob("*.po"))
WORD = r"[a-z][a-z0-9_-]*"
#: What is said of a program and is no command of it.
NO_COMMAND = {"nbgrader": {"course", "courses", "assignment", "notebook", "the", "and", "itself"}}


def sentences():
    for path in SOURCES:
        yield path.relative_to(ROOT), path.read_text("utf-8")
    for path in CATALOGUES:
        with path.open("rb") as file:
            for message in read_po(file):
                yield path.relative_to(ROOT), f"{message.id}\n{message.string}"


def quoted(program):
    """Return what is written as a command of ``program``: in code marks, or on a line of its own,
    or in a Chinese sentence, where nothing else is in small letters after its name."""
    found = {}
    code = re.compile(rf"`{program} ({WORD}(?: {WORD})?)")
    said = re.compile(
        rf"[一-鿿：，。（] ?{program} ({WORD}(?: {WORD})?)(?=[ ）。，；、`]|$)", re.MULTILINE
    )
    for path, text in sentences():
        for pattern in (code, said):
            for match in pattern.finditer(text):
                found.setdefault(match[1], path)
    return found


@cache
def of_nbgrader():
    from nbgrader.apps import NbGraderApp

    return set(NbGraderApp().subcommands)


def of_yanxiu(words):
    """Say whether a chain of words leads to a command of ours."""
    command = main
    for word in words:
        if not isinstance(command, click.Group):
            return True  # an argument
        command = command.get_command(click.Context(main), word)
        if command is None:
            return False
    return True


def test_commands_of_nbgrader_exist():
    found = {command.split()[0]: path for command, path in quoted("nbgrader").items()}
    assert {"generate_assignment", "release_assignment"} <= found.keys()
    wrong = {one: str(path) for one, path in found.items() if one not in of_nbgrader()}
    wrong = {one: path for one, path in wrong.items() if one not in NO_COMMAND["nbgrader"]}
    assert wrong == {}


def test_commands_of_ours_exist():
    found = quoted("yanxiu")
    assert {"up", "course import"} <= found.keys()
    wrong = {one: str(path) for one, path in found.items() if not of_yanxiu(one.split())}
    assert wrong == {}


def test_targets_of_make_exist():
    known = set(re.findall(rf"^({WORD}):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    found = {one.split()[0]: path for one, path in quoted("make").items()}
    assert "run" in found
    assert {one: str(path) for one, path in found.items() if one not in known} == {}


@pytest.mark.parametrize("command", ["generate_asignment", "update_all", "assign_all"])
def test_a_command_that_is_not_there_would_be_found(command):
    assert command not in of_nbgrader()
    assert not of_yanxiu([command])


def test_what_nbgraders_help_says_is_what_was_asked():
    """The table that is asked is the one which the program itself shows."""
    import sys

    said = subprocess.run(
        [Path(sys.executable).with_name("nbgrader"), "--help"],
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    ).stdout
    assert all(re.search(rf"^{one}$", said, re.MULTILINE) for one in of_nbgrader())
