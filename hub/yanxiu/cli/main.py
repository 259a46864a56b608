"""The command's group, its common options, and how errors become sentences."""

import sys
from pathlib import Path
from typing import Any

import click

from yanxiu import __version__
from yanxiu.errors import Refused, YanxiuError
from yanxiu.i18n import translator

from .words import language, say


class Group(click.Group):
    """Run a subcommand; what goes wrong for the operator is a sentence, not a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run, and exit with 1 and a sentence on an expected error."""
        try:
            return super().invoke(ctx)
        except Refused as refused:
            click.echo(refused.text(translator(language()).gettext), err=True)
        except YanxiuError as error:
            click.echo(str(error), err=True)
        ctx.exit(1)


@click.group(
    cls=Group,
    help=say(
        "研修Hub：教师网络研修平台。",
        "YanxiuHub: a platform for teacher online research and training.",
    ),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(
    __version__,
    "--version",
    message="yanxiu %(version)s",
    help=say("显示版本。", "Show the version."),
)
def main() -> None:
    """Group of all subcommands; its help text is above."""


def site_option(command: Any) -> Any:
    """Add ``--site``."""
    return click.option(
        "--site",
        type=click.Path(path_type=Path, file_okay=False),
        required=True,
        help=say("含有 site.yaml 的文件夹。", "Folder with site.yaml."),
    )(command)


def data_option(command: Any) -> Any:
    """Add ``--data``."""
    return click.option(
        "--data",
        type=click.Path(path_type=Path, file_okay=False),
        required=True,
        help=say("数据文件夹（没有会新建）。", "Data folder (made if missing)."),
    )(command)


from . import (  # noqa: E402, F401 - they add themselves to the group
    apply,
    course_author,
    course_export,
    course_import,
    passwords,
    role,
    roster,
    school,
    token,
    up,
)

if __name__ == "__main__":
    sys.exit(main())
