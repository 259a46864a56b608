"""``yanxiu course new | lint | preview``: the authors' commands.

The work is done by ``courses/build.py`` in a process of its own: a course is its author's
code (score.py, a notebook), and none of it belongs into a process that may hold a
database's address or a token. See docs/decisions/authors-tools-run-apart.md.
"""

import sys
from pathlib import Path

import click

from .preview.tool import Tool, find_tool
from .words import say

COURSE = click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
UNIT = click.argument("unit", required=False)


def _pass_on(*arguments: str) -> None:
    sys.exit(Tool(find_tool()).run(*arguments))


@click.command(
    "new",
    help=say(
        "新建一门课程（FOLDER 是课程文件夹），或给已有的课程加一个单元。",
        "Begin a course in FOLDER, or add a unit to one that is there.",
    ),
)
@COURSE
@UNIT
def new(folder: Path, unit: str | None) -> None:
    """Begin a course or a unit."""
    _pass_on("new", str(folder), *([unit] if unit else []))


@click.command(
    "lint",
    help=say(
        "检查课程，一次说清所有问题和建议。",
        "Check a course: all problems and all advice at once.",
    ),
)
@COURSE
def lint(folder: Path) -> None:
    """Check a course."""
    _pass_on("lint", str(folder))


@click.command(
    "build",
    help=say(
        "检查课程，没有问题就生成可以发布的版本。",
        "Check a course and build its release.",
    ),
)
@COURSE
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help=say("写到哪个文件夹。", "Folder to write to."),
)
def build(folder: Path, out: Path) -> None:
    """Build a release."""
    _pass_on("build", str(folder), "--out", str(out))


@click.command(
    "preview",
    help=say(
        "边改边看：在本机打开课程的表单和笔记本，文件一改就自动更新。按 Ctrl+C 结束。",
        "See a course's forms and notebooks on this machine while you write; Ctrl+C ends it.",
    ),
)
@COURSE
@UNIT
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    help=say("端口，不写就用一个空着的。", "Port; a free one if not given."),
)
def preview(folder: Path, unit: str | None, port: int) -> None:
    """Serve the preview until Ctrl+C."""
    from .preview.serve import serve

    serve(folder, unit, port)
