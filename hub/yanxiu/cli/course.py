"""``yanxiu course``: the courses that are kept here; import and export of nbgrader's.

The group, and the commands of ``course_import`` and others in it.
"""

from pathlib import Path

import click

from yanxiu.courses.reads import courses
from yanxiu.i18n import translator

from .lazy import LazyGroup
from .options import data_option
from .site import opened
from .words import language, say

COMMANDS = {
    "build": "course_author.build",
    "export": "course_export.export",
    "import": "course_import.import_",
    "lint": "course_author.lint",
    "new": "course_author.new",
    "preview": "course_author.preview",
}


@click.group(cls=LazyGroup, lazy=COMMANDS, help=say("课程。", "Courses."))
def course() -> None:
    """Group of the courses' commands."""


@course.command(
    "list",
    help=say(
        "列出课程、各次发布和用它们开的课。",
        "List the courses, their releases and what is held with them.",
    ),
)
@data_option
def list_(data: Path) -> None:
    """List the courses."""
    tr = translator(language())
    with opened(data.resolve(), migrate=False) as store, store.read() as session:
        rows = courses.overview(session)
        for row in rows:
            click.echo(
                f"{row.course_id}  {tr.pick(row.title)}  "
                + say(
                    f"发布 {row.releases} 次，最近 {row.digest[:12]}；"
                    f"开课：{'，'.join(row.offerings) or '没有'}",
                    f"{row.releases} releases, latest {row.digest[:12]}; "
                    f"held: {', '.join(row.offerings) or 'none'}",
                )
            )
    if not rows:
        click.echo(say("还没有课程。", "There are no courses yet."))
