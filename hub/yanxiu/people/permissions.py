"""Who may see and change people, their roles and the roster. See ``web.permissions``."""

from collections.abc import Iterable

from yanxiu.errors import N_, NotFound, Refused
from yanxiu.roles import Act, Role
from yanxiu.web.actor import Actor
from yanxiu.web.permissions import allowed, check_may, check_session


def check_can_reset_password(
    actor: Actor,
    *,
    person_id: str,
    school_path: str,
    grants: Iterable[tuple[str, str]] = (),
) -> None:
    """Passwords are reset by organizers above the person's school, and above all they hold.

    :param grants: ``(role, path)`` of the person: a reset gives who does it that person's
        power. Lists leave them out, so a list may offer what the verb then refuses.
    """
    check_session(actor)
    if not actor.reaches(Act.RESET_PASSWORD, school_path):
        raise NotFound("person.not_found", N_("您管理的学校里没有这位老师。"))
    if person_id == actor.person_id:
        raise Refused("password.own_reset", N_("自己的密码请在“修改密码”里改。"))
    if any(
        role != Role.TEACHER and not actor.reaches(Act.RESET_PASSWORD, path)
        for role, path in grants
    ):
        raise Refused(
            "password.above",
            N_("这位老师还有您管理范围以外的角色，请由上一级管理员来重置密码。"),
        )


def can_reset_password(actor: Actor, *, person_id: str, school_path: str) -> bool:
    """Ask ``check_can_reset_password``."""
    return allowed(check_can_reset_password, actor, person_id=person_id, school_path=school_path)


def check_can_change_schools(actor: Actor, *paths: str) -> None:
    """Schools are moved, merged and given codes by whoever runs all the places concerned."""
    check_session(actor)
    if not all(actor.reaches(Act.CHANGE_SCHOOLS, path) for path in paths):
        raise NotFound("org.not_found", N_("您管理的范围里没有这个单位。"))


def can_change_schools(actor: Actor, *paths: str) -> bool:
    """Ask ``check_can_change_schools``."""
    return allowed(check_can_change_schools, actor, *paths)


def check_can_import_roster(actor: Actor) -> None:
    """Rosters are imported by organizers; which rows they may touch is the plan's to judge."""
    check_may(actor, Act.IMPORT_ROSTER)


def can_import_roster(actor: Actor) -> bool:
    """Ask ``check_can_import_roster``."""
    return allowed(check_can_import_roster, actor)


def check_can_see_upload(actor: Actor, *, owner_id: str) -> None:
    """An uploaded roster is seen by who uploaded it: it holds ID numbers."""
    check_can_import_roster(actor)
    if owner_id != actor.person_id:
        raise NotFound(
            "roster.not_found", N_("没有找到这份花名册。上传后一小时内有效，请重新上传。")
        )


def can_see_upload(actor: Actor, *, owner_id: str) -> bool:
    """Ask ``check_can_see_upload``."""
    return allowed(check_can_see_upload, actor, owner_id=owner_id)


def check_can_see_roles_of(
    actor: Actor, *, school_path: str, grants: Iterable[tuple[str, str]]
) -> None:
    """Roles are seen of people of one's subtree, and of those who hold one in it.

    :param grants: ``(role, path)`` of that person
    """
    check_session(actor)
    places = [school_path, *(path for _, path in grants)]
    if not any(actor.reaches(Act.GIVE_ROLE, path) for path in places):
        raise NotFound("person.not_found", N_("您管理的学校里没有这位老师。"))


def check_can_give_role(actor: Actor, *, role: Role, org_path: str) -> None:
    """A role is given in one's subtree, and none above one's own."""
    check_session(actor)
    if not actor.reaches(Act.GIVE_ROLE, org_path):
        raise NotFound("org.not_found", N_("您管理的范围里没有这个单位。"))
    if not actor.gives(role, org_path):
        raise Refused("role.above", N_("您不能给出或收回这个角色，请上级管理员来做。"))


def can_give_role(actor: Actor, *, role: Role, org_path: str) -> bool:
    """Ask ``check_can_give_role``."""
    return allowed(check_can_give_role, actor, role=role, org_path=org_path)


def check_can_take_role(actor: Actor, *, role: Role, org_path: str, person_id: str) -> None:
    """Who may give a role may take it back, but not from themselves: that is mostly a slip."""
    check_can_give_role(actor, role=role, org_path=org_path)
    if person_id == actor.person_id:
        raise Refused("role.own", N_("不能收回自己的角色，请由另一位管理员来做。"))


def can_take_role(actor: Actor, *, role: Role, org_path: str, person_id: str) -> bool:
    """Ask ``check_can_take_role``."""
    return allowed(check_can_take_role, actor, role=role, org_path=org_path, person_id=person_id)


def check_can_decide_name(actor: Actor, *, person_id: str, school_path: str) -> None:
    """Corrections of names are decided by organizers above the person's school, never one's own."""
    check_session(actor)
    if not actor.reaches(Act.DECIDE_NAME, school_path):
        raise NotFound("name.not_found", N_("没有找到这个申请。它可能已由别人处理，请回到列表。"))
    if person_id == actor.person_id:
        raise Refused("name.own", N_("不能处理自己的申请，请由另一位管理员处理。"))


def can_decide_name(actor: Actor, *, person_id: str, school_path: str) -> bool:
    """Ask ``check_can_decide_name``."""
    return allowed(check_can_decide_name, actor, person_id=person_id, school_path=school_path)
