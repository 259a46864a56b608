"""Who may: ``check_*`` raises with a sentence, ``can_*`` asks.

Verbs check and buttons ask the same function, so they cannot disagree. What may happen
to a thing in its state is ``policies``' business. A thing of somebody else is *not found*
rather than *forbidden*: a stranger must not learn that it exists.
"""

import uuid
from collections.abc import Callable, Iterable
from typing import Any

from yanxiu.errors import N_, NotFound, Refused
from yanxiu.identity.roles import Act, Role, givers_of

from .actor import Actor, Way

#: A unit and a school: what a grader is put in charge of.
Duty = tuple[uuid.UUID, uuid.UUID]


def _allowed(check: Callable[..., None], *args: Any, **kwargs: Any) -> bool:
    try:
        check(*args, **kwargs)
    except Refused:
        return False
    return True


def check_session(actor: Actor) -> None:
    """Grading, release and passwords need a browser session, not a server's token."""
    if actor.way is not Way.SESSION:
        raise Refused(
            "way.session_only", N_("这一步只能在网页里操作，请在浏览器中登录研修Hub后再试。")
        )


def check_teaching(actor: Actor) -> None:
    """Collecting, grading and release need a browser session or a token issued for teaching."""
    if actor.way is not Way.TEACH_TOKEN:
        check_session(actor)


def check_can_learn(actor: Actor, *, enrolled: bool) -> None:
    """A unit, its files and its form are for those who take the course."""
    if not enrolled:
        raise NotFound(
            "assignment.not_found",
            N_("没有找到这个单元。请从“我的研修”里打开；如果您应该参加这门课，请联系本校管理员。"),
        )


def can_learn(actor: Actor, *, enrolled: bool) -> bool:
    """Ask ``check_can_learn``."""
    return _allowed(check_can_learn, actor, enrolled=enrolled)


def check_can_see_submission(
    actor: Actor, *, owner_id: str, school_path: str, duty: Duty | None = None
) -> None:
    """A submission is seen by its author, organizers above its author's school, its graders."""
    if owner_id == actor.person_id:
        return
    if actor.way is not Way.LEARN_TOKEN and _in_charge(actor, Act.SEE_WORK, school_path, duty):
        return
    raise _no_submission()


def check_can_mark(
    actor: Actor, *, owner_id: str, school_path: str, duty: Duty | None = None
) -> None:
    """Marks are given by organizers above the author's school and by its graders, not its author."""
    check_teaching(actor)
    if not _in_charge(actor, Act.MARK, school_path, duty):
        raise _no_submission()
    if owner_id == actor.person_id:
        raise Refused("mark.own_work", N_("不能给自己的作业评分，请由另一位管理员评分。"))


def can_mark(actor: Actor, *, owner_id: str, school_path: str, duty: Duty | None = None) -> bool:
    """Ask ``check_can_mark``."""
    return _allowed(check_can_mark, actor, owner_id=owner_id, school_path=school_path, duty=duty)


def check_can_release(
    actor: Actor, *, owner_id: str, school_path: str, duty: Duty | None = None
) -> None:
    """Releasing and grading again are for organizers: a grader marks and nothing else."""
    check_can_mark(actor, owner_id=owner_id, school_path=school_path, duty=duty)
    if not actor.reaches(Act.RELEASE, school_path):
        raise Refused("release.organizer", N_("评分员只评分；发布成绩和重新批改由管理员来做。"))


def can_release(actor: Actor, *, owner_id: str, school_path: str, duty: Duty | None = None) -> bool:
    """Ask ``check_can_release``."""
    return _allowed(check_can_release, actor, owner_id=owner_id, school_path=school_path, duty=duty)


def _in_charge(actor: Actor, act: Act, school_path: str, duty: Duty | None) -> bool:
    return actor.reaches(act, school_path) or (duty is not None and actor.is_to_mark(*duty))


def _no_submission() -> NotFound:
    return NotFound(
        "submission.not_found", N_("没有找到这份提交。请从列表里打开，或核对回执编号。")
    )


def check_can_list_work(actor: Actor) -> None:
    """The list of submissions is for organizers, and for graders who have something to mark."""
    check_session(actor)
    if not actor.marks:
        check_can_organize(actor)


def can_list_work(actor: Actor) -> bool:
    """Ask ``check_can_list_work``."""
    return _allowed(check_can_list_work, actor)


def check_can_organize(actor: Actor) -> None:
    """Lists of submissions and of people are for organizers."""
    check_session(actor)
    if not actor.is_organizer:
        raise _organizers_only()


def _organizers_only() -> Refused:
    return Refused(
        "organizer.only", N_("这个页面是给学校和县级管理员用的。您的学习任务在“我的研修”里。")
    )


def check_can_teach(actor: Actor) -> None:
    """Collecting over the API is for organizers, and for graders who have something to mark."""
    check_teaching(actor)
    if not actor.marks:
        raise _organizers_only()


def can_organize(actor: Actor) -> bool:
    """Ask ``check_can_organize``."""
    return _allowed(check_can_organize, actor)


def check_can_hold_course(actor: Actor, *, org_path: str | None) -> None:
    """A course's assignments are released by organizers of where it is held, or above.

    :param org_path: of the offering's county or school; None when there is none to run
    """
    check_teaching(actor)
    if not actor.is_organizer:
        raise _organizers_only()
    if org_path is None or not actor.reaches(Act.RELEASE, org_path):
        raise NotFound(
            "course.not_yours",
            N_("没有找到您负责的这门课。请核对课程代码，或请县管理员来发布。"),
        )


def can_hold_course(actor: Actor, *, org_path: str | None) -> bool:
    """Ask ``check_can_hold_course``."""
    return _allowed(check_can_hold_course, actor, org_path=org_path)


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
    if not actor.organizes(school_path):
        raise NotFound("person.not_found", N_("您管理的学校里没有这位老师。"))
    if person_id == actor.person_id:
        raise Refused("password.own_reset", N_("自己的密码请在“修改密码”里改。"))
    if any(role != Role.TEACHER and not actor.organizes(path) for role, path in grants):
        raise Refused(
            "password.above",
            N_("这位老师还有您管理范围以外的角色，请由上一级管理员来重置密码。"),
        )


def can_reset_password(actor: Actor, *, person_id: str, school_path: str) -> bool:
    """Ask ``check_can_reset_password``."""
    return _allowed(check_can_reset_password, actor, person_id=person_id, school_path=school_path)


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


def check_can_import_roster(actor: Actor) -> None:
    """Rosters are imported by organizers; which rows they may touch is the plan's to judge."""
    check_can_organize(actor)


def can_import_roster(actor: Actor) -> bool:
    """Ask ``check_can_import_roster``."""
    return _allowed(check_can_import_roster, actor)


def check_can_see_upload(actor: Actor, *, owner_id: str) -> None:
    """An uploaded roster is seen by who uploaded it: it holds ID numbers."""
    check_can_import_roster(actor)
    if owner_id != actor.person_id:
        raise NotFound(
            "roster.not_found", N_("没有找到这份花名册。上传后一小时内有效，请重新上传。")
        )


def can_see_upload(actor: Actor, *, owner_id: str) -> bool:
    """Ask ``check_can_see_upload``."""
    return _allowed(check_can_see_upload, actor, owner_id=owner_id)


def check_can_make_slips(actor: Actor, *, school_path: str) -> None:
    """Activation slips are printed by organizers above the school."""
    check_session(actor)
    if not actor.organizes(school_path):
        raise NotFound("school.not_found", N_("您管理的范围里没有这所学校。"))


def can_make_slips(actor: Actor, *, school_path: str) -> bool:
    """Ask ``check_can_make_slips``."""
    return _allowed(check_can_make_slips, actor, school_path=school_path)


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
    if not any(org_path.startswith(root) for root in actor.paths(givers_of(role))):
        raise Refused("role.above", N_("您不能给出或收回这个角色，请上级管理员来做。"))


def can_give_role(actor: Actor, *, role: Role, org_path: str) -> bool:
    """Ask ``check_can_give_role``."""
    return _allowed(check_can_give_role, actor, role=role, org_path=org_path)


def check_can_take_role(actor: Actor, *, role: Role, org_path: str, person_id: str) -> None:
    """Who may give a role may take it back, but not from themselves: that is mostly a slip."""
    check_can_give_role(actor, role=role, org_path=org_path)
    if person_id == actor.person_id:
        raise Refused("role.own", N_("不能收回自己的角色，请由另一位管理员来做。"))


def can_take_role(actor: Actor, *, role: Role, org_path: str, person_id: str) -> bool:
    """Ask ``check_can_take_role``."""
    return _allowed(check_can_take_role, actor, role=role, org_path=org_path, person_id=person_id)


def check_can_give_duty(actor: Actor, *, school_path: str) -> None:
    """Graders are put in charge of a school's submissions by organizers above it."""
    check_session(actor)
    if not actor.reaches(Act.GIVE_DUTY, school_path):
        raise NotFound("org.not_found", N_("您管理的范围里没有这个单位。"))


def check_can_decide_name(actor: Actor, *, person_id: str, school_path: str) -> None:
    """Corrections of names are decided by organizers above the person's school, never one's own."""
    check_session(actor)
    if not actor.reaches(Act.DECIDE_NAME, school_path):
        raise NotFound("name.not_found", N_("没有找到这个申请。它可能已由别人处理，请回到列表。"))
    if person_id == actor.person_id:
        raise Refused("name.own", N_("不能处理自己的申请，请由另一位管理员处理。"))


def can_decide_name(actor: Actor, *, person_id: str, school_path: str) -> bool:
    """Ask ``check_can_decide_name``."""
    return _allowed(check_can_decide_name, actor, person_id=person_id, school_path=school_path)
