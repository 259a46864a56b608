"""Who may, as far as the asker alone decides it; and the pair that every room's rules come in.

``check_*`` raises with a sentence, ``can_*`` asks: verbs check and buttons ask the same
function, so they cannot disagree. A thing of somebody else is *not found* rather than
*forbidden*: a stranger must not learn that it exists. What may happen to a thing in its state
is the business of its room's ``rules``.
"""

from collections.abc import Callable
from typing import Any

from yanxiu.errors import N_, Refused

from .actor import Act, Actor, Way


def allowed(check: Callable[..., None], *args: Any, **kwargs: Any) -> bool:
    """Say whether ``check`` lets this pass."""
    try:
        check(*args, **kwargs)
    except Refused:
        return False
    return True


def check_session(actor: Actor) -> None:
    """Grading, release and passwords need a browser session, not a server's token."""
    if actor.way not in (Way.SESSION, Way.COMMAND_LINE):
        raise Refused(
            "way.session_only", N_("这一步只能在网页里操作，请在浏览器中登录研修Hub后再试。")
        )


def check_teaching(actor: Actor) -> None:
    """Collecting, grading and release need a browser session or a token issued for teaching."""
    if actor.way is not Way.TEACH_TOKEN:
        check_session(actor)


def check_may(actor: Actor, act: Act) -> None:
    """A page about other people's things is for those who may do ``act`` to some of them."""
    check_session(actor)
    if not actor.may(act):
        raise organizers_only()


def may(actor: Actor, act: Act) -> bool:
    """Ask ``check_may``."""
    return allowed(check_may, actor, act)


def check_can_list_work(actor: Actor) -> None:
    """The list of submissions is for organizers, and for graders who have something to mark."""
    if not actor.marks:
        check_may(actor, Act.SEE_WORK)
    check_session(actor)


def can_list_work(actor: Actor) -> bool:
    """Ask ``check_can_list_work``."""
    return allowed(check_can_list_work, actor)


def organizers_only() -> Refused:
    """Return the refusal for somebody who organizes nothing."""
    return Refused(
        "organizer.only", N_("这个页面是给学校和县级管理员用的。您的学习任务在“我的研修”里。")
    )
