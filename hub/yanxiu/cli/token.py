"""``yanxiu token``: an expiring token for programs, audited."""

from pathlib import Path

import click

from yanxiu.errors import SettingsError
from yanxiu.login import tokens
from yanxiu.people.reads import people

from .options import data_option
from .site import opened
from .words import say


@click.command(
    help=say(
        "为一个人签发限时令牌，供程序调用接口；只显示一次，记入审计。",
        "Issue an expiring API token for a person; shown once, audited.",
    )
)
@data_option
@click.argument("login")
@click.option(
    "--scope",
    type=click.Choice(sorted(tokens.SCOPES)),
    multiple=True,
    required=True,
    help=say("权限，可以给几个。", "Scope; may be given several times."),
)
@click.option(
    "--hours",
    type=click.IntRange(1, tokens.MAX_HOURS),
    default=24,
    show_default=True,
    help=say("多少小时后失效。", "Hours until it expires."),
)
def token(data: Path, login: str, scope: tuple[str, ...], hours: int) -> None:
    """Print a new token."""
    with opened(data.resolve(), migrate=False) as store:
        with store.read() as session:
            who = people.by_login_name(session, login)
        if who is None:
            raise SettingsError(
                say(
                    "花名册里没有这个教师编号或手机号。请核对。",
                    "No such teacher number or mobile in the roster.",
                )
            )
        click.echo(tokens.issue(store, who.id, scope, hours, actor="system:cli"))
