"""``yanxiu code``: a one-time code for somebody, such as the first organizer."""

from pathlib import Path

import click

from yanxiu.errors import SettingsError
from yanxiu.login.verbs.reset_password import reset_password
from yanxiu.people.reads import people
from yanxiu.web.actor import at_the_command_line

from .options import data_option
from .site import opened
from .words import say


@click.command(
    help=say(
        "给一个人新的一次性登录码（原密码作废），首次登录时自己设密码。用于第一位管理员。",
        "Give a person a new one-time code (the old password ends); they choose a password at "
        "the next login. For the first organizer.",
    )
)
@data_option
@click.argument("login")
def code(data: Path, login: str) -> None:
    """Print a one-time code for a login name."""
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
        click.echo(reset_password(store, at_the_command_line(), who.id))
