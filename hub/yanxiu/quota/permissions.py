"""Who may see and change what about pools. See ``web.permissions``."""

from yanxiu.errors import N_, NotFound, Refused
from yanxiu.roles import Act
from yanxiu.web.actor import Actor
from yanxiu.web.permissions import allowed, check_session


def check_can_see_pool(actor: Actor, path: str) -> None:
    """How much a school uses is seen by whoever runs it, and by those above."""
    check_session(actor)
    if not actor.reaches(Act.SEE_QUOTA, path):
        raise NotFound("org.not_found", N_("您管理的范围里没有这个单位。"))


def check_can_stop_server(actor: Actor, path: str) -> None:
    """A server is stopped by whoever runs the school whose pool it takes a place of."""
    check_session(actor)
    if not actor.reaches(Act.STOP_SERVER, path):
        raise NotFound(
            "server.not_found", N_("没有找到这台 Jupyter，它可能已经停止。请刷新页面看看。")
        )


def can_stop_server(actor: Actor, path: str) -> bool:
    """Ask ``check_can_stop_server``."""
    return allowed(check_can_stop_server, actor, path)


def check_can_set_limits(actor: Actor, path: str) -> None:
    """Limits are set by whoever runs the county: one school's is taken from the others'."""
    check_session(actor)
    if not actor.reaches(Act.SET_LIMITS, path):
        raise NotFound("org.not_found", N_("您管理的范围里没有这个单位。"))
    # What a county has is shared out above it: its own organizer does not take more.
    if path.count("/") > 2 and path in actor.subtrees(Act.SET_LIMITS):
        raise Refused(
            "quota.own_limits",
            N_("本县自己的名额由上级或运维决定，这里只能给下面的单位分配。没有改动。"),
        )


def can_set_limits(actor: Actor, path: str) -> bool:
    """Ask ``check_can_set_limits``."""
    return allowed(check_can_set_limits, actor, path)


def check_can_set_idle_peak(actor: Actor, path: str) -> None:
    """When unused servers stop sooner is each school's own affair, and the county's."""
    check_session(actor)
    if not actor.reaches(Act.SET_IDLE_PEAK, path):
        raise NotFound("org.not_found", N_("您管理的范围里没有这个单位。"))
