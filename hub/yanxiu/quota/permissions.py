"""Who may see and change what about pools. See ``web.permissions``."""

from yanxiu.errors import N_, NotFound
from yanxiu.roles import Act
from yanxiu.web.actor import Actor
from yanxiu.web.permissions import allowed, check_session


def check_can_set_limits(actor: Actor, path: str) -> None:
    """Limits are set by whoever runs the county: one school's is taken from the others'."""
    check_session(actor)
    if not actor.reaches(Act.SET_LIMITS, path):
        raise NotFound("org.not_found", N_("您管理的范围里没有这个单位。"))


def can_set_limits(actor: Actor, path: str) -> bool:
    """Ask ``check_can_set_limits``."""
    return allowed(check_can_set_limits, actor, path)
