"""Who may bind accounts, print activation slips and test sign-on. See ``web.permissions``."""

from yanxiu.errors import N_, NotFound, Refused
from yanxiu.roles import Act, Role
from yanxiu.web.actor import Actor
from yanxiu.web.permissions import allowed, check_session


def check_can_decide_binding(actor: Actor, *, org_path: str) -> None:
    """An account that waits is decided by organizers of the school or county it named."""
    check_session(actor)
    if not actor.reaches(Act.BIND_ACCOUNT, org_path):
        raise NotFound(
            "binding.not_found", N_("没有找到这个待确认的账号。它可能已由别人处理，请回到列表。")
        )


def check_can_bind_to(actor: Actor, *, school_path: str, grants: list[tuple[str, str]]) -> None:
    """An account is bound to somebody below, and never to more power than one has oneself.

    :param grants: ``(role, path)`` of the person to be bound
    """
    check_session(actor)
    if not actor.reaches(Act.BIND_ACCOUNT, school_path):
        raise NotFound("person.not_found", N_("您管理的学校里没有这位老师。"))
    if any(
        role != Role.TEACHER and not actor.reaches(Act.BIND_ACCOUNT, path) for role, path in grants
    ):
        raise Refused(
            "binding.above", N_("这位老师还有您管理范围以外的角色，请由上一级管理员来绑定。")
        )


def check_can_make_slips(actor: Actor, *, school_path: str) -> None:
    """Activation slips are printed by organizers above the school."""
    check_session(actor)
    if not actor.reaches(Act.PRINT_SLIPS, school_path):
        raise NotFound("school.not_found", N_("您管理的范围里没有这所学校。"))


def can_make_slips(actor: Actor, *, school_path: str) -> bool:
    """Ask ``check_can_make_slips``."""
    return allowed(check_can_make_slips, actor, school_path=school_path)


def check_can_test_sign_on(actor: Actor | None) -> Actor:
    """What a provider says is shown to operators: they set up how it is read."""
    if actor is None or not actor.may(Act.TEST_SIGN_ON):
        raise Refused("sso.test", N_("统一认证自检只给运维员用。角色用 yanxiu role 给。"))
    check_session(actor)
    return actor
