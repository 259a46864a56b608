"""``yanxiu role``: who holds which role, and give or take one on the server itself.

For the first organizer of a county and for operators, whom no page can make. The verbs are
those of the pages, with an actor who may everything: whoever has the machine has the database.
"""

from pathlib import Path

import click

from yanxiu.errors import SettingsError
from yanxiu.people.model import Organization, Person
from yanxiu.people.reads import organizations, people, roles
from yanxiu.people.verbs import grant_role as verbs
from yanxiu.roles import ROLES, Role
from yanxiu.store.engine import Store
from yanxiu.web.actor import at_the_command_line

from .options import data_option
from .site import opened
from .words import say

_ROLE = click.argument("role", type=click.Choice([role.value for role in Role]))


@click.group(help=say("列出、给出、收回角色。", "List, give and take roles."))
def role() -> None:
    """Group of the three commands below."""


@role.command("list", help=say("列出教师以外的角色。", "List who holds a role other than teacher."))
@data_option
def list_roles(data: Path) -> None:
    """Print a line for each person."""
    with opened(data.resolve(), migrate=False) as store, store.read() as session:
        rows = roles.holders_page(session, [""], "", offset=0, limit=100_000)
    for row in rows:
        held = "、".join(f"{ROLES[Role(name)].title}（{org}）" for name, org in row.grants)
        click.echo(f"{row.teacher_no or '—'}\t{row.name}\t{held}")


@role.command(
    help=say(
        "给一个角色。LOGIN 是教师编号或手机号，CODE 是学校或县的代码。",
        "Give a role. LOGIN is a teacher number or mobile, CODE that of the school or county.",
    )
)
@data_option
@click.argument("login")
@_ROLE
@click.argument("code")
def grant(data: Path, login: str, role: str, code: str) -> None:
    """Give a role."""
    with opened(data.resolve(), migrate=False) as store:
        who, org = _find(store, login, code)
        if org.kind not in ROLES[Role(role)].kinds:
            raise SettingsError(
                say(
                    f"{ROLES[Role(role)].title}不能设在{org.name}，没有改动。",
                    f"{role} cannot be held in {org.name}; nothing was changed.",
                )
            )
        verbs.grant(store, at_the_command_line(), who.id, Role(role), org.id)
    click.echo(say("已给出。", "Given."))


@role.command(
    help=say(
        "收回一个角色。LOGIN 是教师编号或手机号，CODE 是学校或县的代码。",
        "Take a role. LOGIN is a teacher number or mobile, CODE that of the school or county.",
    )
)
@data_option
@click.argument("login")
@_ROLE
@click.argument("code")
def withdraw(data: Path, login: str, role: str, code: str) -> None:
    """Take a role."""
    with opened(data.resolve(), migrate=False) as store:
        who, org = _find(store, login, code)
        with store.read() as session:
            held = roles.held_grant(session, who.id, role, org.id)
        if held is None:
            raise SettingsError(
                say("这个人没有这个角色，没有改动。", "Not held; nothing was changed.")
            )
        verbs.withdraw(store, at_the_command_line(), who.id, held.id)
    click.echo(say("已收回。", "Taken."))


def _find(store: Store, login: str, code: str) -> tuple[Person, Organization]:
    with store.read() as session:
        who = people.by_login_name(session, login)
        org = organizations.by_code(session, code)
    if who is None:
        raise SettingsError(
            say(
                "花名册里没有这个教师编号或手机号。请核对。",
                "No such teacher number or mobile in the roster.",
            )
        )
    if org is None:
        raise SettingsError(
            say(f"没有代码是 {code} 的单位。请核对。", f"No organization has code {code}.")
        )
    return who, org
