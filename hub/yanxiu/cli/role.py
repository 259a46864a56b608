"""``yanxiu role``: who holds which role, and give or take one on the server itself.

For the first organizer of a county and for operators, whom no page can make. No rule of
``permissions`` is asked: whoever has the machine has the database.
"""

from pathlib import Path

import click

from yanxiu.errors import SettingsError
from yanxiu.people.model import Organization, Person
from yanxiu.people.reads import people, roles
from yanxiu.roles import ROLES, Role
from yanxiu.store.audit import Event
from yanxiu.store.engine import Session

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
    audit = Event("system:cli", "role.grant", "person")
    with opened(data.resolve(), migrate=False) as store, store.write(audit) as session:
        who, org = _find(session, login, code)
        if org.kind not in ROLES[Role(role)].kinds:
            raise SettingsError(
                say(
                    f"{ROLES[Role(role)].title}不能设在{org.name}，没有改动。",
                    f"{role} cannot be held in {org.name}; nothing was changed.",
                )
            )
        audit.object_id, audit.school_id = who.id, org.id
        audit.details = {"role": role, "org": org.code}
        if roles.grant(session, who.id, role, org.id) is None:
            roles.add_grant(session, who.id, role, org.id)
        else:
            audit.outcome = "held already"
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
    audit = Event("system:cli", "role.withdraw", "person")
    with opened(data.resolve(), migrate=False) as store, store.write(audit) as session:
        who, org = _find(session, login, code)
        audit.object_id, audit.school_id = who.id, org.id
        audit.details = {"role": role, "org": org.code}
        held = roles.grant(session, who.id, role, org.id)
        if held is None:
            raise SettingsError(
                say("这个人没有这个角色，没有改动。", "Not held; nothing was changed.")
            )
        session.delete(held)
        if role == Role.GRADER:
            audit.details["duties"] = roles.end_duties(session, who.id, org.path)
    click.echo(say("已收回。", "Taken."))


def _find(session: Session, login: str, code: str) -> tuple[Person, Organization]:
    who = people.by_login_name(session, login)
    if who is None:
        raise SettingsError(
            say(
                "花名册里没有这个教师编号或手机号。请核对。",
                "No such teacher number or mobile in the roster.",
            )
        )
    org = people.organization(session, code)
    if org is None:
        raise SettingsError(
            say(f"没有代码是 {code} 的学校或县。请核对。", f"No school or county has code {code}.")
        )
    return who, org
