"""Who may do a unit, and who may hold a course. See ``web.permissions``."""

from yanxiu.errors import N_, NotFound
from yanxiu.roles import Act
from yanxiu.web.actor import Actor
from yanxiu.web.permissions import allowed, check_teaching, organizers_only


def check_can_learn(actor: Actor, *, enrolled: bool) -> None:
    """A unit, its files and its form are for those who take the course."""
    if not enrolled:
        raise NotFound(
            "assignment.not_found",
            N_("没有找到这个单元。请从“我的研修”里打开；如果您应该参加这门课，请联系本校管理员。"),
        )


def can_learn(actor: Actor, *, enrolled: bool) -> bool:
    """Ask ``check_can_learn``."""
    return allowed(check_can_learn, actor, enrolled=enrolled)


def check_can_hold_course(actor: Actor, *, org_path: str | None) -> None:
    """A course's assignments are released by organizers of where it is held, or above.

    :param org_path: of the offering's county or school; None when there is none to run
    """
    check_teaching(actor)
    if not actor.may(Act.HOLD_COURSE):
        raise organizers_only()
    if org_path is None or not actor.reaches(Act.HOLD_COURSE, org_path):
        raise NotFound(
            "course.not_yours",
            N_("没有找到您负责的这门课。请核对课程代码，或请县管理员来发布。"),
        )


def check_can_import_course(actor: Actor) -> None:
    """A whole course is brought in by those who hold courses somewhere."""
    check_teaching(actor)
    if not actor.may(Act.HOLD_COURSE):
        raise organizers_only()


def can_hold_course(actor: Actor, *, org_path: str | None) -> bool:
    """Ask ``check_can_hold_course``."""
    return allowed(check_can_hold_course, actor, org_path=org_path)
