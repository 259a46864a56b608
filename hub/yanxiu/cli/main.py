"""The command's group: what is in it, and how errors become sentences."""

import sys
from typing import Any

import click

from yanxiu import __version__
from yanxiu.errors import Refused, YanxiuError
from yanxiu.i18n import translator

from .lazy import LazyGroup
from .words import language, say

COMMANDS = {
    "apply": "apply.apply",
    "backup": "backup.backup",
    "check": "apply.check",
    "code": "passwords.code",
    "course": "course.course",
    "metrics": "metrics.metrics",
    "restore": "backup.restore",
    "role": "role.role",
    "roster": "roster.roster",
    "school": "school.school",
    "secrets": "secrets.secrets",
    "token": "token.token",
    "up": "up.up",
    "upgrade": "upgrade.upgrade",
}


class Group(LazyGroup):
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
    lazy=COMMANDS,
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


if __name__ == "__main__":
    sys.exit(main())
