"""``yanxiu school``: a school's new code, a merger, a teaching point without a code, a move."""

from pathlib import Path

import click

from yanxiu.people.verbs import change_schools as verbs
from yanxiu.quota.verbs.follow_tree import FollowTree
from yanxiu.web.actor import at_the_command_line

from .options import data_option
from .site import opened
from .words import say


@click.group(help=say("学校的代码、合并和隶属。", "Codes, mergers and parents of schools."))
def school() -> None:
    """Group of the schools' commands."""


@school.command(
    help=say(
        "学校换了代码（或教学点有了正式代码）：人和作业都不动，旧代码以后仍然认得。",
        "A school has a new code (or a teaching point its first): people and works stay, the "
        "old code goes on being understood.",
    )
)
@data_option
@click.argument("old")
@click.argument("new")
def recode(data: Path, old: str, new: str) -> None:
    """Give a school a new code."""
    with opened(data.resolve(), migrate=False) as store:
        found = verbs.recode(store, at_the_command_line(), old, new, FollowTree())
    click.echo(say(f"{found.name}：{old} → {new}。", f"{found.name}: {old} → {new}."))


@school.command(
    help=say(
        "把一所学校并入另一所：老师全部转过去，旧学校停用，旧代码以后指新学校。",
        "Merge a school into another: its people move, it is closed, its code means the other.",
    )
)
@data_option
@click.argument("old")
@click.argument("into")
def merge(data: Path, old: str, into: str) -> None:
    """Merge two schools."""
    with opened(data.resolve(), migrate=False) as store:
        gone, target, moved = verbs.merge(store, at_the_command_line(), old, into, FollowTree())
    click.echo(
        say(f"{gone.name} → {target.name}：{moved} 人。", f"{gone.name} → {target.name}: {moved}.")
    )


@school.command(
    help=say(
        "登记一个没有学校标识码的教学点，给出临时代码；上级是中心校或县的代码。",
        "Register a teaching point without a code and print its temporary one; above it is a "
        "school or the county.",
    )
)
@data_option
@click.argument("above")
@click.argument("name")
def point(data: Path, above: str, name: str) -> None:
    """Add a teaching point."""
    with opened(data.resolve(), migrate=False) as store:
        click.echo(verbs.add_teaching_point(store, at_the_command_line(), above, name).code)


@school.command(
    help=say(
        "把学校、集团或教研组移到另一个单位下面，连同它下面的全部；人和作业都不动。",
        "Move a school, cluster or research group below another organization, with all below "
        "it; people and works stay.",
    )
)
@data_option
@click.argument("code")
@click.argument("above")
def move(data: Path, code: str, above: str) -> None:
    """Move an organization."""
    with opened(data.resolve(), migrate=False) as store:
        found, parent = verbs.move(store, at_the_command_line(), code, above, FollowTree())
    click.echo(say(f"{found.name} → {parent.name}。", f"{found.name} → {parent.name}."))
