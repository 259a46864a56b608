"""``yanxiu school``: a school's new code, a merger, a teaching point without a code."""

from pathlib import Path

import click

from yanxiu.errors import SettingsError
from yanxiu.names import school_code_problem
from yanxiu.people.model import Organization
from yanxiu.people.reads import schools
from yanxiu.store.audit import Event
from yanxiu.store.engine import Session

from .options import data_option
from .roster import ACTOR
from .site import opened
from .words import say


@click.group(help=say("学校的代码和合并。", "Codes and mergers of schools."))
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
    if school_code_problem(new):
        raise SettingsError(
            say(
                f"{new} 不是学校标识码（10 位数字，前两位是类别，第 3、4 位是省份）。请核对。",
                f"{new} is no school code (10 digits: kind, province, number). Check it.",
            )
        )
    audit = Event(ACTOR, "school.recode", "school", details={"from": old, "to": new})
    with opened(data.resolve(), migrate=False) as store, store.write(audit) as session:
        found = _school(session, old)
        if schools.by_code(session, new) is not None:
            raise SettingsError(
                say(
                    f"已经有代码是 {new} 的学校。两所并成一所请用 yanxiu school merge。",
                    f"There is a school with the code {new}. To make one of two, use yanxiu school merge.",
                )
            )
        schools.recode(session, found, new, store.clock())
        audit.object_id = str(found.id)
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
    audit = Event(ACTOR, "school.merge", "school", details={"from": old, "to": into})
    with opened(data.resolve(), migrate=False) as store, store.write(audit) as session:
        gone, target = _school(session, old), _school(session, into)
        if gone.id == target.id or target.path.startswith(gone.path):
            raise SettingsError(
                say(
                    "不能并入自己或自己下面的教学点。请核对两个代码。",
                    "A school cannot be merged into itself or its own teaching point. Check the codes.",
                )
            )
        if schools.children(session, gone.id):
            raise SettingsError(
                say(
                    "这所学校下面还有教学点，请先把它们并走。",
                    "The school still has teaching points; merge them first.",
                )
            )
        moved = schools.merge(session, gone, target, store.clock())
        audit.object_id = str(target.id)
        audit.details["moved"] = moved
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
    audit = Event(ACTOR, "school.point", "school")
    with opened(data.resolve(), migrate=False) as store, store.write(audit) as session:
        made = schools.add_point(session, _school(session, above), name.strip())
        audit.object_id, audit.school_id = str(made.id), made.id
        audit.details = {"code": made.code}
    click.echo(made.code)


def _school(session: Session, code: str) -> Organization:
    found = schools.by_code(session, code)
    if found is None or not found.active:
        raise SettingsError(
            say(
                f"没有代码是 {code} 的学校。请核对学校标识码。",
                f"No school has the code {code}. Check it.",
            )
        )
    return found
